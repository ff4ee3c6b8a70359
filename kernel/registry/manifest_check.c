#include "kernel/registry/manifest_check.h"

#include "kernel/base/cleanup.h"
#include "kernel/registry/own_images.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define DOCKER_MANIFEST "application/vnd.docker.distribution.manifest.v2+json"
#define DOCKER_LIST     "application/vnd.docker.distribution.manifest.list.v2+json"

enum { MISSING_MAX = 32 }; /* digests told in one answer */

struct check {
	const struct repository *repository;
	struct reply *reply;
	bool sparse;
	size_t missing;
};

static const char *text_in(const json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

const char *manifest_subject(const json_t *document)
{
	return text_in(json_object_get(document, "subject"), "digest");
}

const char *manifest_artifact_type(const json_t *document)
{
	const char *type = text_in(document, "artifactType");

	if (!type || !type[0])
		type = text_in(json_object_get(document, "config"), "mediaType");
	return type ? type : "";
}

void manifest_release(struct manifest *m)
{
	json_decref(m->document);
	*m = (struct manifest){0};
}

__attribute__((format(printf, 2, 3))) static int invalid(
        struct reply *reply, const char *format, ...)
{
	auto_buf text = BUF_INIT;
	va_list args;

	va_start(args, format);
	buf_addv(&text, format, args);
	va_end(args);
	reply_fault(reply, FAULT_MANIFEST_INVALID, buf_text(&text));
	return -EINVAL;
}

/* Layers that by their licence are fetched from elsewhere need not be here. */
static bool is_elsewhere(const json_t *descriptor)
{
	const char *type = text_in(descriptor, "mediaType");

	return type && (strstr(type, ".nondistributable.") || strstr(type, ".foreign."));
}

static int check_size(const struct check *c, const char *digest, const json_t *size)
{
	auto_close fd = layout_open_blob(c->repository->layout, digest, NULL);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || st.st_size == json_integer_value(size))
		return 0;
	reply_fault_digest(c->reply, FAULT_SIZE_INVALID, digest);
	return -EINVAL;
}

static int check_descriptor(struct check *c, const json_t *d, const char *what, bool manifest)
{
	const char *digest = text_in(d, "digest");
	const json_t *size = json_object_get(d, "size");
	char type[MEDIA_TYPE_MAX + 1];
	bool here;

	if (!json_is_object(d) || !text_in(d, "mediaType"))
		return invalid(c->reply, "%s: it is no descriptor with a mediaType", what);
	if (!digest_valid(digest))
		return invalid(c->reply, "%s: digest: %.80s is no digest", what,
		        digest ? digest : "nothing");
	if (!json_is_integer(size) || json_integer_value(size) < 0)
		return invalid(c->reply, "%s: size is no number of bytes", what);
	if (!manifest && is_elsewhere(d))
		return 0;
	here = manifest ? repository_find_manifest(c->repository, digest, type) == 0 ||
	                          own_has_manifest(c->repository, digest)
	                : repository_has_blob(c->repository, digest) ||
	                          own_has_blob(c->repository, digest);
	if (here)
		return check_size(c, digest, size);
	if (c->sparse)
		return 0;
	if (c->missing++ < MISSING_MAX)
		reply_fault_digest(c->reply, FAULT_MANIFEST_BLOB_UNKNOWN, digest);
	return 0; /* goes on: all that is missing is told */
}

static int check_list(struct check *c, const json_t *list, const char *name, bool manifests)
{
	const json_t *one;
	char what[32];
	size_t i;
	int r = 0;

	if (list && !json_is_array(list) && !json_is_null(list))
		return invalid(c->reply, "%s is no array", name);
	json_array_foreach (list, i, one) {
		snprintf(what, sizeof what, "%s[%zu]", name, i);
		r = check_descriptor(c, one, what, manifests);
		if (r < 0)
			break;
	}
	return r;
}

static int check_document(struct check *c, const json_t *document)
{
	const json_t *subject = json_object_get(document, "subject");
	const json_t *config = json_object_get(document, "config");
	int r = 0;

	if (!json_is_object(document))
		return invalid(c->reply, "it is no JSON object");
	if (json_integer_value(json_object_get(document, "schemaVersion")) != 2)
		return invalid(c->reply, "schemaVersion is not 2");
	/* What it is about may come later, or never. */
	if (subject && !json_is_null(subject) && !digest_valid(text_in(subject, "digest")))
		return invalid(c->reply, "subject: it is no descriptor with a digest");
	if (!json_object_get(document, "manifests")) {
		r = config ? check_descriptor(c, config, "config", false)
		           : invalid(c->reply, "it has neither config nor manifests");
		if (r == 0)
			r = check_list(c, json_object_get(document, "layers"), "layers", false);
	} else {
		r = config ? invalid(c->reply, "it has both manifests and config")
		           : check_list(
		                     c, json_object_get(document, "manifests"), "manifests", true);
	}
	return r == 0 && c->missing > 0 ? -ENOENT : r;
}

/* Up to a parameter: "application/json; charset=utf-8". */
static void copy_type(char ret[MEDIA_TYPE_MAX + 1], const char *text)
{
	size_t n = text ? strcspn(text, "; \t") : 0;

	snprintf(ret, MEDIA_TYPE_MAX + 1, "%.*s", (int)(n <= MEDIA_TYPE_MAX ? n : 0),
	        text ? text : "");
}

static bool fits_shape(const char *type, bool index)
{
	bool says_index = !strcmp(type, OCI_INDEX) || !strcmp(type, DOCKER_LIST);
	bool says_manifest = !strcmp(type, OCI_MANIFEST) || !strcmp(type, DOCKER_MANIFEST);

	return index ? !says_manifest : !says_index;
}

static int check_type(
        const json_t *document, const char *content_type, struct manifest *m, struct reply *reply)
{
	const char *own = text_in(document, "mediaType");
	char called[MEDIA_TYPE_MAX + 1];

	copy_type(called, content_type);
	copy_type(m->media_type, own ? own : called);
	if (own && called[0] && strcmp(own, called) != 0)
		return invalid(reply, "mediaType is %.100s, the header Content-Type says %.100s",
		        own, called);
	if (!m->media_type[0])
		copy_type(m->media_type, layout_media_type(document));
	if (!fits_shape(m->media_type, json_object_get(document, "manifests")))
		return invalid(reply, "it is no %.100s", m->media_type);
	return 0;
}

int manifest_check(const struct repository *r, const void *bytes, size_t n,
        const char *content_type, bool sparse, struct manifest *ret, struct reply *reply)
{
	struct check c = {.repository = r, .reply = reply, .sparse = sparse};
	struct manifest m = {0};
	json_error_t problem;
	int status;

	m.document = json_loadb(bytes, n, JSON_REJECT_DUPLICATES, &problem);
	if (!m.document)
		return invalid(reply, "line %d: %s", problem.line, problem.text);
	status = check_document(&c, m.document);
	if (status == 0)
		status = check_type(m.document, content_type, &m, reply);
	if (status < 0) {
		manifest_release(&m);
		return status;
	}
	m.subject = manifest_subject(m.document);
	*ret = m;
	return 0;
}
