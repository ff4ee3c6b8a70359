#include "kernel/store/layout.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/store/lab_images.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

enum { JSON_LIMIT = 4 << 20 }; /* bytes of a manifest, config or index, as registries have it */

void layout_release(struct layout *l)
{
	if (!l->path)
		return;
	close(l->dir);
	close(l->blobs);
	free(l->path);
	*l = (struct layout){.dir = -1, .blobs = -1};
}

static int write_if_missing(int dir, const char *name, const char *text)
{
	if (faccessat(dir, name, F_OK, 0) == 0)
		return 0;
	return file_replace_at(dir, name, text, strlen(text), 0644);
}

static int make_skeleton(const char *path, struct error *err)
{
	auto_free char *blobs = NULL;
	auto_close dir = -1;
	int r;

	if (asprintf(&blobs, "%s/blobs/sha256", path) < 0)
		return error_set(err, ENOMEM, "make image store", path, NULL);
	r = dir_make(blobs, 0755);
	if (r == 0 && (dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
		r = -errno;
	if (r == 0)
		r = write_if_missing(dir, "oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}");
	if (r == 0)
		r = write_if_missing(dir, "index.json",
		        "{\"schemaVersion\":2,\"mediaType\":\"" OCI_INDEX "\",\"manifests\":[]}");
	return r < 0 ? error_set(err, -r, "make image store", path, NULL) : 0;
}

static bool is_layout(const char *path)
{
	auto_free char *index = NULL;

	return asprintf(&index, "%s/index.json", path) >= 0 && access(index, F_OK) == 0;
}

int layout_open(const char *path, struct layout *ret, struct error *err)
{
	int r = is_layout(path) ? 0 : make_skeleton(path, err);

	return r < 0 ? r : layout_open_there(path, ret, err);
}

int layout_open_there(const char *path, struct layout *ret, struct error *err)
{
	auto_close dir = -1, blobs = -1;

	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	blobs = dir < 0 ? -1 : openat(dir, "blobs", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (blobs < 0)
		return error_set(err, errno, "open image store", path, NULL);
	ret->path = strdup(path);
	if (!ret->path)
		return error_set(err, ENOMEM, "open image store", path, NULL);
	ret->dir = steal_fd(&dir);
	ret->blobs = steal_fd(&blobs);
	return 0;
}

int layout_lock(const struct layout *l, struct error *err)
{
	auto_close fd = openat(l->dir, ".lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0 || flock(fd, LOCK_EX) < 0)
		return error_set(err, errno, "lock image store", l->path, NULL);
	return steal_fd(&fd);
}

int layout_make_place(const struct layout *l, const char *digest)
{
	const char *name = digest_algorithm_name(digest_algorithm(digest));

	return mkdirat(l->blobs, name, 0755) < 0 && errno != EEXIST ? -errno : 0;
}

int layout_put(const struct layout *l, const void *bytes, size_t n, char ret_digest[DIGEST_TEXT],
        struct error *err)
{
	char path[DIGEST_TEXT];
	int r = digest_of(DIGEST_SHA256, bytes, n, ret_digest);

	if (r == 0) {
		digest_path(ret_digest, path);
		r = file_replace_at(l->blobs, path, bytes, n, 0644);
	}
	return r < 0 ? error_set(err, -r, "store blob", l->path, NULL) : 0;
}

static int not_a_digest(const char *text, struct error *err)
{
	return error_set(err, EBADMSG, "read blob", text ? text : "(none)", "that is no digest");
}

int layout_open_blob(const struct layout *l, const char *digest, struct error *err)
{
	char path[DIGEST_TEXT];
	int fd;

	if (!digest_valid(digest))
		return not_a_digest(digest, err);
	digest_path(digest, path);
	fd = openat(l->blobs, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0) {
		int r = error_set(err, errno, "read blob", digest, NULL);
		error_advise(err, "the image is not complete: fetch or make it again");
		return r;
	}
	return fd;
}

int layout_get(const struct layout *l, const char *digest, struct buf *out, struct error *err)
{
	char got[DIGEST_TEXT], path[DIGEST_TEXT];
	int r;

	if (!digest_valid(digest))
		return not_a_digest(digest, err);
	digest_path(digest, path);
	r = file_read_at(l->blobs, path, JSON_LIMIT, out);
	if (r == 0)
		r = digest_of(digest_algorithm(digest), buf_text(out), out->len, got);
	if (r < 0) {
		error_set(err, -r, "read blob", digest, NULL);
		error_advise(err, "the image is not complete: fetch or make it again");
		return r;
	}
	if (strcmp(got, digest) != 0) {
		error_set(
		        err, EBADMSG, "read blob", digest, "its bytes are %s: it was changed", got);
		error_advise(err, "the image is damaged: fetch or make it again");
		return -EBADMSG;
	}
	return 0;
}

static int parse(const struct buf *text, const char *what, json_t **ret, struct error *err)
{
	json_error_t problem;

	*ret = json_loadb(buf_text(text), text->len, JSON_REJECT_DUPLICATES, &problem);
	if (!*ret)
		return error_set(err, EBADMSG, "parse JSON", what, "line %d: %s", problem.line,
		        problem.text);
	return 0;
}

int layout_get_json(const struct layout *l, const char *digest, json_t **ret, struct error *err)
{
	auto_buf text = BUF_INIT;
	int r = layout_get(l, digest, &text, err);

	return r < 0 ? r : parse(&text, digest, ret, err);
}

int layout_index(const struct layout *l, json_t **ret, struct error *err)
{
	auto_buf text = BUF_INIT;
	int r = file_read_at(l->dir, "index.json", JSON_LIMIT, &text);

	if (r < 0)
		return error_set(err, -r, "read image index", l->path, NULL);
	return parse(&text, "index.json", ret, err);
}

const char *layout_name_of(const json_t *descriptor)
{
	const char *name = json_string_value(
	        json_object_get(json_object_get(descriptor, "annotations"), OCI_REF_NAME));

	return name ? name : "";
}

int layout_find(
        const struct layout *l, const char *name, char ret_digest[DIGEST_TEXT], struct error *err)
{
	json_t *index = NULL, *descriptor;
	size_t i;
	int r = layout_index(l, &index, err);

	if (r < 0)
		return r;
	r = -ENOENT;
	json_array_foreach (json_object_get(index, "manifests"), i, descriptor) {
		const char *digest = json_string_value(json_object_get(descriptor, "digest"));
		if (strcmp(layout_name_of(descriptor), name) != 0)
			continue;
		r = digest_valid(digest) ? 0 : -EBADMSG;
		if (r == 0)
			digest_copy(ret_digest, digest);
	}
	json_decref(index);
	if (r < 0)
		return error_set(err, -r, "find image", name, "%s",
		        r == -ENOENT ? "there is none of that name" : strerror(-r));
	return 0;
}

const char *layout_media_type(const json_t *document)
{
	const char *type = json_string_value(json_object_get(document, "mediaType"));

	if (type)
		return type;
	return json_object_get(document, "manifests") ? OCI_INDEX : OCI_MANIFEST;
}

json_t *layout_descriptor(const char *media_type, const char *digest, uint64_t size)
{
	return json_pack("{s:s,s:s,s:I}", "mediaType", media_type, "digest", digest, "size",
	        (json_int_t)size);
}

static const char *digest_in(const json_t *descriptor)
{
	const char *digest = json_string_value(json_object_get(descriptor, "digest"));

	return digest ? digest : "";
}

/* Takes out what `of` says is `wanted`; how many that were. */
static size_t take_out(json_t *manifests, const char *(*of)(const json_t *), const char *wanted)
{
	size_t n = 0;

	for (size_t i = json_array_size(manifests); i-- > 0;)
		if (!strcmp(of(json_array_get(manifests, i)), wanted)) {
			json_array_remove(manifests, i);
			n++;
		}
	return n;
}

int layout_restore(const struct layout *l, const json_t *index, struct error *err)
{
	char *text = json_dumps(index, JSON_INDENT(2));
	int r = text ? file_replace_at(l->dir, "index.json", text, strlen(text), 0644) : -ENOMEM;

	free(text);
	return r < 0 ? error_set(err, -r, "write image index", l->path, NULL) : 0;
}

static bool has_digest(const json_t *manifests, const char *digest)
{
	const json_t *one;
	size_t i;

	json_array_foreach (manifests, i, one)
		if (!strcmp(digest_in(one), digest))
			return true;
	return false;
}

int layout_name(const struct layout *l, const char *name, const char *media_type,
        const char *digest, size_t size, struct error *err)
{
	json_t *index = NULL, *manifests, *descriptor;
	int r = layout_index(l, &index, err);

	if (r < 0)
		return r;
	manifests = json_object_get(index, "manifests");
	r = lab_images_note(l, index, name, digest, err);
	if (r == 0 && (name[0] || !has_digest(manifests, digest))) {
		descriptor = layout_descriptor(media_type, digest, size);
		if (name[0]) {
			json_object_set_new(
			        descriptor, "annotations", json_pack("{s:s}", OCI_REF_NAME, name));
			take_out(manifests, layout_name_of, name);
		}
		json_array_append_new(manifests, descriptor);
		r = layout_restore(l, index, err);
	}
	json_decref(index);
	return r;
}

static int take_out_of_index(const struct layout *l, const char *(*of)(const json_t *),
        const char *wanted, struct error *err)
{
	json_t *index = NULL;
	int r = layout_index(l, &index, err);

	if (r < 0)
		return r;
	if (take_out(json_object_get(index, "manifests"), of, wanted) > 0)
		r = layout_restore(l, index, err);
	else
		r = error_set(err, ENOENT, "remove image", wanted, "there is none of that name");
	json_decref(index);
	return r;
}

int layout_unname(const struct layout *l, const char *name, struct error *err)
{
	return take_out_of_index(l, layout_name_of, name, err);
}

int layout_forget(const struct layout *l, const char *digest, struct error *err)
{
	return take_out_of_index(l, digest_in, digest, err);
}
