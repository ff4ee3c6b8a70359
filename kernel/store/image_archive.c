#include "kernel/store/image_archive.h"

#include "kernel/base/cleanup.h"
#include "kernel/store/blob.h"
#include "kernel/store/byte_names.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <string.h>

enum { CHUNK = 64 << 10, FILES_MAX = 20000, DOCUMENT_MAX = 4 << 20, LINKS_MAX = 8 };

static const char *const documents[] = {"oci-layout", "index.json", "manifest.json"};

struct reading {
	const struct layout *layout;
	struct archive *tar;
	struct image_archive *content;
	uint64_t bytes; /* of files, so far */
	struct error *err;
};

static int tar_failed(struct reading *r)
{
	const char *text = archive_error_string(r->tar);

	return error_set(r->err, EBADMSG, "load archive", "", "%s", text ? text : "it is no tar");
}

char *image_archive_path(const char *path)
{
	auto_free char *copy = strdup(path), *out = calloc(1, strlen(path) + 1);
	char *state = NULL;

	if (!copy || !out || path[0] == '/')
		return NULL;
	for (char *part = strtok_r(copy, "/", &state); part; part = strtok_r(NULL, "/", &state)) {
		char *slash = strrchr(out, '/');
		if (!strcmp(part, "."))
			continue;
		if (strcmp(part, "..") != 0) {
			if (out[0])
				strcat(out, "/");
			strcat(out, part);
		} else if (slash) {
			*slash = '\0';
		} else if (out[0]) {
			out[0] = '\0';
		} else {
			return NULL;
		}
	}
	return steal_ptr(out);
}

static struct image_archive_file *new_file(struct reading *r, const char *path)
{
	struct image_archive *c = r->content;

	if (c->n == c->cap) {
		size_t more = c->cap ? c->cap * 2 : 64;
		void *grown =
		        more <= 2 * FILES_MAX ? realloc(c->files, more * sizeof *c->files) : NULL;
		if (!grown)
			return NULL;
		c->files = grown;
		c->cap = more;
	}
	c->files[c->n] = (struct image_archive_file){.path = strdup(path)};
	return c->files[c->n].path ? &c->files[c->n++] : NULL;
}

static int read_document(struct reading *r, const char *path)
{
	auto_buf text = BUF_INIT;
	char bytes[4096];
	la_ssize_t n;

	while ((n = archive_read_data(r->tar, bytes, sizeof bytes)) > 0) {
		buf_add_bytes(&text, bytes, (size_t)n);
		if (text.len > DOCUMENT_MAX)
			return error_set(
			        r->err, EFBIG, "load archive", path, "it is larger than 4 MiB");
	}
	if (n < 0)
		return tar_failed(r);
	if (json_object_get(r->content->documents, path))
		return error_set(r->err, EBADMSG, "load archive", path, "it is there twice");
	if (json_object_set_new(r->content->documents, path,
	            json_stringn_nocheck(buf_text(&text), text.len)) < 0)
		return error_set(r->err, ENOMEM, "load archive", path, NULL);
	return 0;
}

/* The digest that a file of this path has to have: "" = any. */
static int wanted_digest(
        struct reading *r, const char *path, char ret[DIGEST_TEXT], const char **ret_wanted)
{
	static const char blobs[] = "blobs/";
	char *slash;

	*ret_wanted = NULL;
	if (strncmp(path, blobs, strlen(blobs)) != 0)
		return 0;
	path += strlen(blobs);
	digest_copy(ret, path);
	slash = strchr(ret, '/');
	if (slash)
		*slash = ':';
	if (!digest_valid(ret) || strlen(path) != strlen(ret))
		return error_set(r->err, EBADMSG, "load archive", path,
		        "the file is not named after its digest");
	*ret_wanted = ret;
	return 0;
}

int image_archive_honest(struct archive *tar, uint64_t bytes, struct error *err)
{
	uint64_t in = (uint64_t)archive_filter_bytes(tar, -1);

	if (bytes <= (UINT64_C(1) << 30) + 200 * in)
		return 0;
	return error_set(err, EFBIG, "load archive", "",
	        "%llu bytes hold more than %llu: no honest archive does", (unsigned long long)in,
	        (unsigned long long)bytes);
}

void image_archive_support(struct archive *tar)
{
	archive_read_support_format_tar(tar);
	archive_read_support_filter_gzip(tar);
	archive_read_support_filter_bzip2(tar);
	archive_read_support_filter_xz(tar);
	archive_read_support_filter_zstd(tar);
}

static int copy_data(struct reading *r, struct blob_writer *w)
{
	char bytes[CHUNK];
	la_ssize_t n;

	while ((n = archive_read_data(r->tar, bytes, sizeof bytes)) > 0) {
		int status;
		r->bytes += (uint64_t)n;
		status = image_archive_honest(r->tar, r->bytes, r->err);
		if (status == 0)
			status = blob_add(w, bytes, (size_t)n, r->err);
		if (status < 0)
			return status;
	}
	return n < 0 ? tar_failed(r) : 0;
}

static int read_blob(struct reading *r, const char *path)
{
	struct blob_writer *w = NULL;
	struct image_archive_file *f;
	char digest[DIGEST_TEXT], named[DIGEST_TEXT];
	const char *wanted;
	int status = wanted_digest(r, path, named, &wanted);

	if (status == 0)
		status = blob_writer_new(
		        r->layout, wanted ? digest_algorithm(wanted) : DIGEST_SHA256, &w, r->err);
	if (status == 0)
		status = copy_data(r, w);
	if (status == 0)
		status = blob_finish(w, wanted, digest, r->err);
	if (status == 0) {
		f = new_file(r, path);
		if (!f)
			status = error_set(r->err, E2BIG, "load archive", path, "too many files");
		else {
			memcpy(f->digest, digest, DIGEST_TEXT);
			f->size = blob_size(w);
		}
	}
	blob_writer_free(w);
	return status;
}

/* Older docker lets equal layers share a file through links. */
static int read_link(struct reading *r, const char *path, struct archive_entry *e)
{
	const char *to = archive_entry_hardlink(e);
	auto_free char *relative = NULL;
	struct image_archive_file *f = new_file(r, path);

	if (!f)
		return error_set(r->err, E2BIG, "load archive", path, "too many files");
	if (!to) {
		const char *slash = strrchr(path, '/');
		to = archive_entry_symlink(e);
		if (asprintf(&relative, "%.*s/%s", (int)(slash ? slash - path : 0), path,
		            to ? to : "") < 0)
			return error_set(r->err, ENOMEM, "load archive", path, NULL);
		to = slash ? relative : to;
	}
	f->link = image_archive_path(to ? to : "/");
	if (!f->link)
		return error_set(r->err, EBADMSG, "load archive", path,
		        "a link that leads out of the archive");
	return 0;
}

static int read_entry(struct reading *r, struct archive_entry *e)
{
	const char *name = archive_entry_pathname(e);
	auto_free char *path = image_archive_path(name ? name : "/");

	if (!path)
		return error_set(r->err, EBADMSG, "load archive", name ? name : "",
		        "a name that leads out of the archive");
	if (archive_entry_hardlink(e) || archive_entry_filetype(e) == AE_IFLNK)
		return read_link(r, path, e);
	if (archive_entry_filetype(e) != AE_IFREG)
		return 0;
	for (size_t i = 0; i < sizeof documents / sizeof *documents; i++)
		if (!strcmp(path, documents[i]))
			return read_document(r, path);
	return read_blob(r, path);
}

static int read_entries(struct reading *r)
{
	struct archive_entry *e;
	int status;

	while ((status = archive_read_next_header(r->tar, &e)) == ARCHIVE_OK ||
	        status == ARCHIVE_WARN) {
		status = read_entry(r, e);
		if (status < 0)
			return status;
	}
	return status == ARCHIVE_EOF ? 0 : tar_failed(r);
}

int image_archive_read(int fd, const struct layout *l, struct image_archive *ret, struct error *err)
{
	auto_byte_names names = byte_names_begin();
	struct image_archive c = {.documents = json_object()};
	struct reading r = {.layout = l, .tar = archive_read_new(), .content = &c, .err = err};
	int status = r.tar && c.documents ? 0 : error_set(err, ENOMEM, "load archive", "", NULL);

	if (status == 0) {
		image_archive_support(r.tar);
		if (archive_read_open_fd(r.tar, fd, CHUNK) != ARCHIVE_OK)
			status = tar_failed(&r);
	}
	if (status == 0)
		status = read_entries(&r);
	archive_read_free(r.tar);
	if (status < 0)
		image_archive_release(&c);
	else
		*ret = c;
	return status;
}

void image_archive_release(struct image_archive *c)
{
	for (size_t i = 0; i < c->n; i++) {
		free(c->files[i].path);
		free(c->files[i].link);
	}
	free(c->files);
	json_decref(c->documents);
	*c = (struct image_archive){0};
}

bool image_archive_has(const struct image_archive *c, const char *document)
{
	return json_object_get(c->documents, document);
}

json_t *image_archive_document(const struct image_archive *c, const char *name, struct error *err)
{
	const json_t *text = json_object_get(c->documents, name);
	json_error_t problem;
	json_t *o;

	if (!text) {
		error_set(err, EBADMSG, "load archive", name,
		        "it is missing: this is no image, neither oci-archive nor docker-archive");
		return NULL;
	}
	o = json_loadb(json_string_value(text), json_string_length(text), JSON_REJECT_DUPLICATES,
	        &problem);
	if (!o)
		error_set(err, EBADMSG, "load archive", name, "line %d: %s", problem.line,
		        problem.text);
	return o;
}

/* The last of a name is what counts, as in every tar. */
static const struct image_archive_file *find(const struct image_archive *c, const char *path)
{
	for (size_t i = c->n; i-- > 0;)
		if (!strcmp(c->files[i].path, path))
			return &c->files[i];
	return NULL;
}

const struct image_archive_file *image_archive_file(
        const struct image_archive *c, const char *path, struct error *err)
{
	const struct image_archive_file *f = find(c, path);

	for (int i = 0; f && f->link && i < LINKS_MAX; i++)
		f = find(c, f->link);
	if (f && !f->link)
		return f;
	error_set(err, EBADMSG, "load archive", path, "manifest.json names it, and it is missing");
	return NULL;
}
