#include "kernel/store/repository.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/store/lab_images.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { FACT_MAX = 1024 }; /* bytes of a path below the layout, and of a fact */

#define LOWER "abcdefghijklmnopqrstuvwxyz0123456789"

/* One component: runs of lower-case letters and digits with '.', '_', "__" or dashes between. */
static size_t component_length(const char *p)
{
	size_t n = strspn(p, LOWER);

	while (n > 0) {
		size_t between = p[n] == '.'   ? 1
		                 : p[n] == '_' ? strspn(p + n, "_")
		                               : strspn(p + n, "-");
		size_t more = between ? strspn(p + n + between, LOWER) : 0;
		if (!more || (p[n] == '_' && between > 2))
			break;
		n += between + more;
	}
	return n;
}

bool repository_name_valid(const char *name)
{
	if (strlen(name) > REPOSITORY_NAME_MAX)
		return false;
	for (;;) {
		size_t n = component_length(name);
		if (n == 0 || (name[n] && name[n] != '/'))
			return false;
		if (!name[n])
			return true;
		name += n + 1;
	}
}

bool repository_tag_valid(const char *tag)
{
	static const char word[] = LOWER "ABCDEFGHIJKLMNOPQRSTUVWXYZ_";
	static const char more[] = LOWER "ABCDEFGHIJKLMNOPQRSTUVWXYZ_.-";
	size_t n = strlen(tag);

	return n > 0 && n <= REPOSITORY_TAG_MAX && strchr(word, tag[0]) && strspn(tag, more) == n;
}

/* "registry/NAME/SET/sha256/HEX", or without a digest the directory of the set. */
static void fact_path(
        char ret[FACT_MAX], const struct repository *r, const char *set, const char *digest)
{
	char below[DIGEST_TEXT] = "";

	if (digest)
		digest_path(digest, below);
	snprintf(ret, FACT_MAX, "registry/%s/%s%s%s", r->name, set, digest ? "/" : "", below);
}

/* Whether a directory of it is there, if only an empty one. */
static bool has_directory(const struct repository *r)
{
	char path[FACT_MAX];

	fact_path(path, r, "_blobs", NULL);
	if (faccessat(r->layout->dir, path, F_OK, 0) == 0)
		return true;
	fact_path(path, r, "_manifests", NULL);
	return faccessat(r->layout->dir, path, F_OK, 0) == 0;
}

/* Writes a fact, and the directories on the way to it; under another name first, which no tag and
 * no digest can have. */
static int write_fact(
        const struct repository *r, const char *path, const char *text, struct error *err)
{
	static const char fact[] = "registry/.fact";
	auto_free char *parent = NULL;
	int status = has_directory(r) ? 0 : lab_repositories_note(r->layout, r->name, err);

	if (status < 0)
		return status;
	if (asprintf(&parent, "%s/%s", r->layout->path, path) < 0)
		return error_set(err, ENOMEM, "write repository", r->name, NULL);
	*strrchr(parent, '/') = '\0';
	status = dir_make(parent, 0755);
	if (status == 0)
		status = file_replace_at(r->layout->dir, fact, text, strlen(text), 0644);
	if (status == 0 && renameat(r->layout->dir, fact, r->layout->dir, path) < 0)
		status = -errno;
	return status < 0 ? error_set(err, -status, "write repository", r->name, NULL) : 0;
}

static int remove_fact(const struct repository *r, const char *path, struct error *err)
{
	if (unlinkat(r->layout->dir, path, 0) < 0)
		return error_set(err, errno, "change repository", r->name, NULL);
	return 0;
}

static int read_fact(const struct repository *r, const char *path, char *ret, size_t size)
{
	auto_buf text = BUF_INIT;
	int status = file_read_at(r->layout->dir, path, size - 1, &text);

	if (status == 0)
		snprintf(ret, size, "%s", buf_text(&text));
	return status;
}

/* ---- blobs ---- */

int repository_add_blob(const struct repository *r, const char *digest, struct error *err)
{
	char path[FACT_MAX];

	fact_path(path, r, "_blobs", digest);
	return write_fact(r, path, "", err);
}

bool repository_has_blob(const struct repository *r, const char *digest)
{
	char path[FACT_MAX];

	fact_path(path, r, "_blobs", digest);
	return faccessat(r->layout->dir, path, F_OK, 0) == 0;
}

time_t repository_blob_time(const struct repository *r, const char *digest)
{
	char path[FACT_MAX];
	struct stat st;

	fact_path(path, r, "_blobs", digest);
	return fstatat(r->layout->dir, path, &st, AT_SYMLINK_NOFOLLOW) == 0 ? st.st_mtime : 0;
}

int repository_remove_blob(const struct repository *r, const char *digest, struct error *err)
{
	char path[FACT_MAX];

	fact_path(path, r, "_blobs", digest);
	return remove_fact(r, path, err);
}

/* ---- manifests ---- */

int repository_add_manifest(
        const struct repository *r, const char *digest, const char *media_type, struct error *err)
{
	char path[FACT_MAX];

	fact_path(path, r, "_manifests", digest);
	return write_fact(r, path, media_type, err);
}

int repository_find_manifest(
        const struct repository *r, const char *digest, char ret_type[MEDIA_TYPE_MAX + 1])
{
	char path[FACT_MAX];

	fact_path(path, r, "_manifests", digest);
	return read_fact(r, path, ret_type, MEDIA_TYPE_MAX + 1);
}

int repository_remove_manifest(const struct repository *r, const char *digest, struct error *err)
{
	char path[FACT_MAX];

	fact_path(path, r, "_manifests", digest);
	return remove_fact(r, path, err);
}

/* ---- tags ---- */

static void tag_path(char ret[FACT_MAX], const struct repository *r, const char *tag)
{
	snprintf(ret, FACT_MAX, "registry/%s/_tags/%s", r->name, tag);
}

int repository_set_tag(
        const struct repository *r, const char *tag, const char *digest, struct error *err)
{
	char path[FACT_MAX];

	tag_path(path, r, tag);
	return write_fact(r, path, digest, err);
}

int repository_find_tag(const struct repository *r, const char *tag, char ret_digest[DIGEST_TEXT])
{
	char path[FACT_MAX], digest[DIGEST_TEXT];
	int status;

	tag_path(path, r, tag);
	status = read_fact(r, path, digest, sizeof digest);
	if (status == 0 && !digest_valid(digest))
		status = -EBADMSG;
	if (status == 0)
		digest_copy(ret_digest, digest);
	return status;
}

int repository_remove_tag(const struct repository *r, const char *tag, struct error *err)
{
	char path[FACT_MAX];

	tag_path(path, r, tag);
	return remove_fact(r, path, err);
}

/* ---- referrers ---- */

static void referrer_path(
        char ret[FACT_MAX], const struct repository *r, const char *subject, const char *digest)
{
	char below[DIGEST_TEXT];

	digest_path(subject, below);
	snprintf(ret, FACT_MAX, "registry/%s/_referrers/%s/%s", r->name, below, digest);
}

int repository_add_referrer(
        const struct repository *r, const char *subject, const char *digest, struct error *err)
{
	char path[FACT_MAX];

	referrer_path(path, r, subject, digest);
	return write_fact(r, path, "", err);
}

int repository_remove_referrer(
        const struct repository *r, const char *subject, const char *digest, struct error *err)
{
	char path[FACT_MAX];

	referrer_path(path, r, subject, digest);
	return remove_fact(r, path, err);
}

/* ---- lists ---- */

static DIR *open_directory(const struct layout *l, const char *path)
{
	int fd = openat(l->dir, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	if (fd >= 0 && !d)
		close(fd);
	return d;
}

/* The entries that `valid` accepts, with `prefix` in front. */
static void list_into(json_t *list, const struct layout *l, const char *path, const char *prefix,
        bool (*valid)(const char *))
{
	auto_dir d = open_directory(l, path);
	struct dirent *e;

	while (d && (e = readdir(d))) {
		char text[FACT_MAX];
		snprintf(text, sizeof text, "%s%s", prefix, e->d_name);
		if (valid(text))
			json_array_append_new(list, json_string(text));
	}
}

static json_t *list_digests(const struct repository *r, const char *set)
{
	json_t *list = json_array();

	for (enum digest_algorithm a = 0; list && a < DIGEST_ALGORITHMS; a++) {
		const char *name = digest_algorithm_name(a);
		char path[FACT_MAX], prefix[16];
		snprintf(path, sizeof path, "registry/%s/%s/%s", r->name, set, name);
		snprintf(prefix, sizeof prefix, "%s:", name);
		list_into(list, r->layout, path, prefix, digest_valid);
	}
	return list;
}

json_t *repository_blobs(const struct repository *r)
{
	return list_digests(r, "_blobs");
}

json_t *repository_manifests(const struct repository *r)
{
	return list_digests(r, "_manifests");
}

json_t *repository_tags(const struct repository *r)
{
	json_t *list = json_array();
	char path[FACT_MAX];

	fact_path(path, r, "_tags", NULL);
	if (list)
		list_into(list, r->layout, path, "", repository_tag_valid);
	return list;
}

json_t *repository_referrers(const struct repository *r, const char *subject)
{
	json_t *list = json_array();
	char path[FACT_MAX];

	fact_path(path, r, "_referrers", subject);
	if (list)
		list_into(list, r->layout, path, "", digest_valid);
	return list;
}

bool repository_exists(const struct repository *r)
{
	json_t *manifests = repository_manifests(r), *blobs = repository_blobs(r);
	bool any = json_array_size(manifests) > 0 || json_array_size(blobs) > 0;

	json_decref(manifests);
	json_decref(blobs);
	return any;
}

static void walk(const struct layout *l, const char *name, json_t *names)
{
	struct repository r = {.layout = l, .name = name};
	auto_dir d = NULL;
	struct dirent *e;
	char path[FACT_MAX];

	if (name[0] && repository_exists(&r))
		json_array_append_new(names, json_string(name));
	snprintf(path, sizeof path, "registry/%s", name);
	d = open_directory(l, path);
	while (d && (e = readdir(d))) {
		char deeper[REPOSITORY_NAME_MAX + 2];
		int n = snprintf(
		        deeper, sizeof deeper, "%s%s%s", name, name[0] ? "/" : "", e->d_name);
		if (n > 0 && n <= REPOSITORY_NAME_MAX && repository_name_valid(deeper))
			walk(l, deeper, names);
	}
}

json_t *repository_names(const struct layout *l)
{
	json_t *names = json_array();

	if (names)
		walk(l, "", names);
	return names;
}

int repository_remove(const struct repository *r, struct error *err)
{
	static const char *const sets[] = {"_tags", "_referrers", "_manifests", "_blobs"};
	int status = 0;

	for (size_t i = 0; status == 0 && i < sizeof sets / sizeof *sets; i++) {
		char path[FACT_MAX];
		fact_path(path, r, sets[i], NULL);
		status = dir_remove_tree(r->layout->dir, path);
	}
	return status < 0 ? error_set(err, -status, "remove repository", r->name, NULL) : 0;
}

/* What is not empty stays: rmdir(2) knows. */
static void prune(int parent, const char *name)
{
	auto_dir d = NULL;
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	struct dirent *e;

	if (fd < 0)
		return;
	d = fdopendir(fd);
	if (!d) {
		close(fd);
		return;
	}
	while ((e = readdir(d)))
		if (e->d_type == DT_DIR && e->d_name[0] != '.')
			prune(dirfd(d), e->d_name);
	unlinkat(parent, name, AT_REMOVEDIR);
}

void repository_prune(const struct layout *l)
{
	prune(l->dir, "registry");
}
