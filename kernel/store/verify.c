#include "kernel/store/verify.h"

#include "kernel/base/cleanup.h"
#include "kernel/store/blob.h"
#include "kernel/store/check.h"
#include "kernel/store/platform.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

void verdict_release(struct verdict *v)
{
	faults_release(&v->faults);
	*v = (struct verdict){0};
}

/* ---- a layout as a whole ---- */

static void check_version(struct check *c)
{
	struct document d = {.check = c, .file = "oci-layout", .role = ""};
	json_t *json = check_read_json(&d, c->dir, "oci-layout", NULL, VERSION_SECTION);
	static const char *const known[] = {"imageLayoutVersion", NULL};
	const char *version;

	if (!json)
		return;
	check_case(&d, json, "", known, VERSION_SECTION);
	version = check_text(&d, json, "", "imageLayoutVersion", true, VERSION_SECTION);
	if (version && version[0] && strcmp(version, "1.0.0") != 0)
		check_fault(&d, FAULT_BROKEN, "imageLayoutVersion", VERSION_SECTION,
		        "imageLayoutVersion is '%.40s', not 1.0.0", version);
	json_decref(json);
}

static void check_names(struct check *c)
{
	struct document d = {.check = c, .file = "index.json", .role = "index"};

	if (check_read_json(&d, c->dir, "index.json", NULL, INDEX_SECTION))
		check_index(&d, true, 0);
	json_decref(d.json);
}

/* One file below blobs/sha256 or blobs/sha512. */
static void check_file(struct check *c, const char *algorithm, const char *name)
{
	auto_free char *file = NULL, *digest = NULL;
	struct document d = {.check = c, .role = "blob"};

	if (asprintf(&file, "blobs/%s/%s", algorithm, name) < 0 ||
	        asprintf(&digest, "%s:%s", algorithm, name) < 0)
		return;
	d.file = file;
	if (digest_valid(digest))
		check_blob(c, digest);
	else if (!strncmp(name, BLOB_HIDDEN, strlen(BLOB_HIDDEN)))
		check_fault(&d, FAULT_NOTE, "", BLOBS_SECTION,
		        "an unfinished blob: somebody writes it, or was killed");
	else
		check_fault(&d, FAULT_AGAINST, "", BLOBS_SECTION,
		        "the file is not named after a %s digest: %s", algorithm,
		        strpbrk(name, "ABCDEF") ? "digits in upper case"
		                                : "digits from 0 to f and nothing else");
}

static void check_algorithm(struct check *c, const char *name)
{
	auto_close fd = openat(c->blobs, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	auto_dir dir = fd < 0 ? NULL : fdopendir(fd);
	auto_free char *file = NULL;
	struct document d = {.check = c, .role = ""};
	struct dirent *e;

	if (asprintf(&file, "blobs/%s", name) < 0)
		return;
	d.file = file;
	if (!dir) {
		check_fault(
		        &d, FAULT_AGAINST, "", BLOBS_SECTION, "it is no directory of an algorithm");
		return;
	}
	steal_fd(&fd);
	if (strcmp(name, "sha256") != 0 && strcmp(name, "sha512") != 0) {
		check_fault(&d, FAULT_AGAINST, "", DIGEST_SECTION,
		        "the algorithm '%.40s' is not supported, only sha256 and sha512", name);
		return;
	}
	while ((e = readdir(dir)))
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			check_file(c, name, e->d_name);
}

static void check_blobs(struct check *c)
{
	int copy = c->blobs < 0 ? -1 : openat(c->blobs, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_dir dir = copy < 0 ? NULL : fdopendir(copy);
	struct document d = {.check = c, .file = "blobs", .role = ""};
	struct dirent *e;

	if (!dir) {
		check_missing(&d, "", LAYOUT_SECTION, "the directory is missing");
		return;
	}
	while ((e = readdir(dir)))
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			check_algorithm(c, e->d_name);
}

static int finish(struct check *c, struct verdict *v, const char *what, struct error *err)
{
	json_decref(c->seen);
	v->images = c->images;
	v->blobs = c->blobs_seen;
	v->bytes = c->bytes;
	if (!v->faults.failed)
		return 0;
	verdict_release(v);
	return error_set(err, ENOMEM, "verify layout", what, NULL);
}

static int verify_layout(const char *path, bool top, struct verdict *ret, struct error *err)
{
	auto_close dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_close blobs =
	        dir < 0 ? -1
	                : openat(dir, "blobs", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct verdict v = {0};
	struct check c = {.dir = dir, .blobs = blobs, .all = true, .top = top, .faults = &v.faults};
	int r;

	if (dir < 0)
		return error_set(err, errno, "verify layout", path, NULL);
	c.seen = json_object();
	check_version(&c);
	check_names(&c);
	if (!top)
		check_blobs(&c);
	r = finish(&c, &v, path, err);
	if (r == 0)
		*ret = v;
	return r;
}

int layout_verify(const char *path, struct verdict *ret, struct error *err)
{
	return verify_layout(path, false, ret, err);
}

int layout_verify_top(const char *path, struct verdict *ret, struct error *err)
{
	return verify_layout(path, true, ret, err);
}

/* ---- one image ---- */

int image_faults(const struct layout *l, const char *digest, struct verdict *ret, struct error *err)
{
	struct verdict v = {0};
	struct check c = {.dir = l->dir, .blobs = l->blobs, .faults = &v.faults};
	struct document d = {.check = &c, .file = "index.json", .role = "index"};
	auto_close fd = layout_open_blob(l, digest, err);
	json_t *descriptor, *document = NULL;
	struct stat st;
	int r;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return error_set(err, errno, "verify image", digest, NULL);
	/* What cannot be read is told of below. */
	layout_get_json(l, digest, &document, NULL);
	descriptor = layout_descriptor(layout_media_type(document), digest, (uint64_t)st.st_size);
	c.seen = json_object();
	check_image(&d, descriptor, "", 0);
	json_decref(descriptor);
	json_decref(document);
	r = finish(&c, &v, digest, err);
	if (r == 0)
		*ret = v;
	return r;
}

int verdict_error(const struct verdict *v, struct error *err)
{
	for (size_t i = 0; i < v->faults.n; i++) {
		const struct fault *f = &v->faults.list[i];
		auto_free char *object = NULL;
		if (f->level != FAULT_BROKEN)
			continue;
		if (asprintf(&object, "%s%s%s%s", f->file, f->role[0] ? " (" : "", f->role,
		            f->role[0] ? ")" : "") < 0)
			return error_set(err, ENOMEM, "verify image", f->file, NULL);
		return error_set(err, f->code, "verify image", object, "%s%s%s", f->at,
		        f->at[0] ? ": " : "", f->text);
	}
	return 0;
}

int image_verify(const struct layout *l, const char *digest, struct error *err)
{
	struct verdict v = {0};
	char ours[DIGEST_TEXT];
	int r = image_faults(l, digest, &v, err);

	if (r == 0)
		r = verdict_error(&v, err);
	if (r == 0)
		r = platform_pick(l, digest, ours, err);
	verdict_release(&v);
	return r;
}

int descriptor_verify(const struct layout *l, const char *file, const char *at,
        const json_t *descriptor, struct error *err)
{
	struct verdict v = {0};
	struct check c = {.dir = l->dir, .blobs = l->blobs, .faults = &v.faults};
	struct document d = {.check = &c, .file = file, .role = "index"};
	const char *digest;
	int r;

	check_descriptor(&d, descriptor, at, 0, &digest);
	r = finish(&c, &v, file, err);
	if (r == 0)
		r = verdict_error(&v, err);
	verdict_release(&v);
	return r;
}
