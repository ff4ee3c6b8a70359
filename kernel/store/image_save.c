/* Images into one tar. All entries belong to root and are as old as the epoch, and stand in the
 * order of the images: the same images give the same bytes. */
#include "kernel/base/cleanup.h"
#include "kernel/store/find.h"
#include "kernel/store/image_file.h"
#include "kernel/store/layer.h"
#include "kernel/store/platform.h"
#include "kernel/store/reference.h"
#include "kernel/store/store_read.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

enum { CHUNK = 64 << 10 };

struct save {
	struct layout layout;
	struct archive *tar;
	json_t *written; /* names of entries: what two images share is written once */
	struct error *err;
};

static int tar_failed(struct save *s)
{
	const char *text = archive_error_string(s->tar);

	return error_set(s->err, archive_errno(s->tar), "write archive", "", "%s",
	        text ? text : "the tar could not be written");
}

static int begin_entry(struct save *s, const char *name, mode_t mode, uint64_t size)
{
	struct archive_entry *e = archive_entry_new();
	int r;

	if (!e)
		return error_set(s->err, ENOMEM, "write archive", name, NULL);
	archive_entry_set_pathname(e, name);
	archive_entry_set_mode(e, mode);
	archive_entry_set_size(e, (la_int64_t)size);
	archive_entry_set_mtime(e, 0, 0);
	r = archive_write_header(s->tar, e) == ARCHIVE_OK ? 0 : tar_failed(s);
	archive_entry_free(e);
	return r;
}

static int add_bytes(struct save *s, const void *bytes, size_t n)
{
	return archive_write_data(s->tar, bytes, n) == (la_ssize_t)n ? 0 : tar_failed(s);
}

static int add_text(struct save *s, const char *name, const char *text, size_t n)
{
	int r = begin_entry(s, name, S_IFREG | 0644, n);

	return r < 0 ? r : add_bytes(s, text, n);
}

static int add_json(struct save *s, const char *name, const json_t *json)
{
	auto_free char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;

	if (!text)
		return error_set(s->err, ENOMEM, "write archive", name, NULL);
	return add_text(s, name, text, strlen(text));
}

/* Whether this is the first time. */
static bool first_time(struct save *s, const char *name)
{
	if (json_object_get(s->written, name))
		return false;
	json_object_set_new(s->written, name, json_true());
	return true;
}

/* The blob as it is, under the name, and summed on the way. */
static int add_blob(struct save *s, const char *name, const char *digest)
{
	auto_close fd = layout_open_blob(&s->layout, digest, s->err);
	struct digest *sum;
	char bytes[CHUNK], got[DIGEST_TEXT];
	struct stat st;
	ssize_t n;
	int r;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0 || !(sum = digest_new(digest_algorithm(digest))))
		return error_set(s->err, errno, "read blob", digest, NULL);
	r = begin_entry(s, name, S_IFREG | 0644, (uint64_t)st.st_size);
	while (r == 0 && (n = read(fd, bytes, sizeof bytes)) != 0) {
		digest_add(sum, bytes, n < 0 ? 0 : (size_t)n);
		r = n < 0 ? error_set(s->err, errno, "read blob", digest, NULL)
		          : add_bytes(s, bytes, (size_t)n);
	}
	digest_finish(sum, got);
	digest_free(sum);
	if (r == 0 && strcmp(got, digest) != 0)
		r = error_set(s->err, EBADMSG, "verify blob", digest,
		        "the sum of its bytes is %s: it was changed", got);
	return r;
}

/* ---- oci-archive ---- */

static int add_oci_blob(struct save *s, const char *digest)
{
	char path[DIGEST_TEXT], name[sizeof "blobs/" + DIGEST_TEXT];
	int r = 0;

	if (!digest_valid(digest))
		return error_set(s->err, EBADMSG, "write archive", digest ? digest : "(none)",
		        "the image names what is no digest");
	if (digest_algorithm(digest) == DIGEST_SHA512 && first_time(s, "blobs/sha512/"))
		r = begin_entry(s, "blobs/sha512/", S_IFDIR | 0755, 0);
	digest_path(digest, path);
	snprintf(name, sizeof name, "blobs/%s", path);
	return r == 0 && first_time(s, name) ? add_blob(s, name, digest) : r;
}

static const char *digest_in(const json_t *descriptor)
{
	return json_string_value(json_object_get(descriptor, "digest"));
}

/* Of an index those for other machines may be left out, as pulls do. */
static bool is_here(const struct save *s, const char *digest)
{
	auto_close fd = layout_open_blob(&s->layout, digest, NULL);

	return fd >= 0;
}

/* A manifest and what it names, or an index and all its manifests that are here; each once. */
static int add_oci_image(struct save *s, const char *digest, int depth)
{
	json_t *document = NULL, *one;
	size_t i;
	int r;

	if (digest_valid(digest) && !first_time(s, digest))
		return 0;
	r = layout_get_json(&s->layout, digest, &document, s->err);

	if (r == 0)
		r = add_oci_blob(s, digest);
	json_array_foreach (json_object_get(document, "manifests"), i, one)
		if (r == 0 && depth < 8 && is_here(s, digest_in(one)))
			r = add_oci_image(s, digest_in(one), depth + 1);
	one = json_object_get(document, "config");
	if (r == 0 && one)
		r = add_oci_blob(s, digest_in(one));
	json_array_foreach (json_object_get(document, "layers"), i, one)
		if (r == 0)
			r = add_oci_blob(s, digest_in(one));
	json_decref(document);
	return r;
}

static int add_directories(struct save *s)
{
	int r = begin_entry(s, "blobs/", S_IFDIR | 0755, 0);

	return r < 0 ? r : begin_entry(s, "blobs/sha256/", S_IFDIR | 0755, 0);
}

static json_t *index_entry(struct save *s, const struct found *f)
{
	auto_buf manifest = BUF_INIT;
	json_t *document, *entry;

	if (layout_get(&s->layout, f->digest, &manifest, s->err) < 0)
		return NULL;
	document = json_loadb(buf_text(&manifest), manifest.len, 0, NULL);
	entry = layout_descriptor(layout_media_type(document), f->digest, manifest.len);
	if (f->name[0])
		json_object_set_new(
		        entry, "annotations", json_pack("{s:s}", OCI_REF_NAME, f->name));
	json_decref(document);
	return entry;
}

static int save_oci(struct save *s, const struct found *images, size_t n)
{
	json_t *index = json_pack(
	        "{s:i,s:s,s:[]}", "schemaVersion", 2, "mediaType", OCI_INDEX, "manifests");
	static const char version[] = "{\"imageLayoutVersion\":\"1.0.0\"}";
	int r = add_directories(s);

	for (size_t i = 0; i < n && r == 0; i++) {
		r = add_oci_image(s, images[i].digest, 0);
		if (r == 0 && json_array_append_new(json_object_get(index, "manifests"),
		                      index_entry(s, &images[i])) < 0)
			r = error_set(s->err, ENOMEM, "write archive", images[i].name, NULL);
	}
	if (r == 0)
		r = add_json(s, "index.json", index);
	if (r == 0)
		r = add_text(s, "oci-layout", version, sizeof version - 1);
	json_decref(index);
	return r;
}

/* ---- docker-archive ---- */

static int add_chunk(void *data, const void *bytes, size_t n)
{
	return add_bytes(data, bytes, n);
}

static int count_chunk(void *data, const void *bytes, size_t n)
{
	(void)bytes;
	*(uint64_t *)data += n;
	return 0;
}

/* Docker's form has the layers as plain tar; a tar wants to know the size first, so the layer is
 * taken out twice. */
static int add_plain_layer(
        struct save *s, const char *name, const char *digest, const char *diff_id)
{
	auto_close first = layout_open_blob(&s->layout, digest, s->err);
	auto_close second = first < 0 ? first : layout_open_blob(&s->layout, digest, s->err);
	uint64_t size = 0;
	int r = second < 0 ? second
	                   : layer_read(first, digest, diff_id, count_chunk, &size, s->err);

	if (r == 0)
		r = begin_entry(s, name, S_IFREG | 0644, size);
	return r < 0 ? r : layer_read(second, digest, diff_id, add_chunk, s, s->err);
}

static int add_docker_layers(struct save *s, const struct store_documents *d, json_t *names)
{
	int r = 0;

	for (size_t i = 0; i < d->n_layers && r == 0; i++) {
		char name[DIGEST_TEXT + 8];
		snprintf(name, sizeof name, "%s.tar", digest_hex(store_diff_id(d, i)));
		json_array_append_new(names, json_string(name));
		if (first_time(s, name))
			r = add_plain_layer(s, name, store_layer_digest(d, i), store_diff_id(d, i));
	}
	return r;
}

static json_t *docker_names(const struct found *f)
{
	struct reference r;
	char text[REFERENCE_TEXT];

	if (reference_parse(f->name, &r, NULL, NULL) < 0)
		return json_null();
	if (!r.tag[0])
		strcpy(r.tag, "latest");
	r.digest[0] = '\0';
	reference_format(&r, text);
	return json_pack("[s]", text);
}

static int add_docker_image(struct save *s, const struct found *f, json_t *list)
{
	struct store_documents d = {0};
	const char *config;
	json_t *layers = json_array();
	char name[DIGEST_TEXT + 8];
	int r = store_read(&s->layout, f->digest, &d, s->err);

	config = digest_in(json_object_get(d.manifest, "config"));
	if (r == 0) {
		snprintf(name, sizeof name, "%s.json", digest_hex(config));
		r = first_time(s, name) ? add_blob(s, name, config) : 0;
	}
	if (r == 0)
		r = add_docker_layers(s, &d, layers);
	if (r == 0)
		json_array_append_new(list, json_pack("{s:s,s:o,s:O}", "Config", name, "RepoTags",
		                                    docker_names(f), "Layers", layers));
	json_decref(layers);
	store_documents_release(&d);
	return r;
}

static int save_docker(struct save *s, const struct found *images, size_t n)
{
	json_t *list = json_array();
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++)
		r = add_docker_image(s, &images[i], list);
	if (r == 0)
		r = add_json(s, "manifest.json", list);
	json_decref(list);
	return r;
}

/* ---- both ---- */

static int save_all(
        struct save *s, int fd, enum image_format format, const struct found *images, size_t n)
{
	int r;

	s->tar = archive_write_new();
	s->written = json_object();
	if (!s->tar || !s->written)
		return error_set(s->err, ENOMEM, "write archive", "", NULL);
	archive_write_set_format_pax_restricted(s->tar);
	archive_write_set_bytes_in_last_block(s->tar, 1);
	if (archive_write_open_fd(s->tar, fd) != ARCHIVE_OK)
		return tar_failed(s);
	r = format == IMAGE_OCI_ARCHIVE ? save_oci(s, images, n) : save_docker(s, images, n);
	if (r == 0 && archive_write_close(s->tar) != ARCHIVE_OK)
		r = tar_failed(s);
	return r;
}

int image_save(int fd, enum image_format format, char **words, size_t n, struct error *err)
{
	struct save s = {.err = err};
	struct found *images = calloc(n + 1, sizeof *images);
	int r = images ? store_open(&s.layout, err)
	               : error_set(err, ENOMEM, "write archive", "", NULL);

	for (size_t i = 0; i < n && r == 0; i++)
		r = store_find(&s.layout, words[i], &images[i], err);
	if (r == 0)
		r = save_all(&s, fd, format, images, n);
	archive_write_free(s.tar);
	json_decref(s.written);
	layout_release(&s.layout);
	for (size_t i = 0; images && i < n; i++)
		found_release(&images[i]);
	free(images);
	return r;
}
