#include "kernel/remote/document.h"

#include "kernel/store/layout.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define DOCKER_SCHEMA_1 "application/vnd.docker.distribution.manifest.v1"

void document_release(struct document *d)
{
	buf_release(&d->bytes);
	json_decref(d->json);
	*d = (struct document){0};
}

#define FAULT(d, ...) error_set(err, EBADMSG, "read manifest", (d)->digest, __VA_ARGS__)

static const char *text_in(const json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

static bool is_index_type(const char *type)
{
	return !strcmp(type, OCI_INDEX) || !strcmp(type, DOCKER_LIST);
}

static bool is_manifest_type(const char *type)
{
	return !strcmp(type, OCI_MANIFEST) || !strcmp(type, DOCKER_MANIFEST);
}

static bool is_known(const char *type)
{
	return is_index_type(type) || is_manifest_type(type);
}

/* What it is: it says so itself, or it was sent as that, or its members show it. */
static int decide_type(struct document *d, const char *sent_as, struct error *err)
{
	const char *own = text_in(d->json, "mediaType"), *type = own;
	bool manifests = json_object_get(d->json, "manifests");

	if (json_object_get(d->json, "mediaType") && !own)
		return FAULT(d, "mediaType is no text");
	if (own && sent_as && is_known(sent_as) && strcmp(own, sent_as) != 0)
		return FAULT(d, "it is sent as %.70s, and says it is %.70s", sent_as, own);
	if (!type && sent_as && is_known(sent_as))
		type = sent_as;
	if (!type)
		type = manifests ? OCI_INDEX : OCI_MANIFEST;
	if (!is_known(type))
		return FAULT(d, "mediaType '%.80s' is neither a manifest nor an index", type);
	d->is_index = is_index_type(type);
	snprintf(d->media_type, sizeof d->media_type, "%s", type);
	return 0;
}

static int check_form(struct document *d, const char *sent_as, struct error *err)
{
	const json_t *version = json_object_get(d->json, "schemaVersion");
	bool layers = json_object_get(d->json, "layers");
	bool manifests = json_object_get(d->json, "manifests");
	int r;

	if (!json_is_object(d->json))
		return FAULT(d, "it is no JSON object");
	if (json_integer_value(version) == 1 ||
	        (sent_as && !strncmp(sent_as, DOCKER_SCHEMA_1, strlen(DOCKER_SCHEMA_1))))
		return FAULT(d, "it is docker's schema 1, which is no longer used: it has to be "
		                "pushed anew");
	if (json_integer_value(version) != 2)
		return FAULT(d, "schemaVersion is not 2");
	if (layers && manifests)
		return FAULT(d, "it has both layers and manifests, and so would be read in two "
		                "ways");
	r = decide_type(d, sent_as, err);
	if (r < 0)
		return r;
	if (d->is_index && !json_is_array(json_object_get(d->json, "manifests")))
		return FAULT(d, "it is an index without manifests");
	if (!d->is_index && !json_is_array(json_object_get(d->json, "layers")))
		return FAULT(d, "it is a manifest without layers");
	return 0;
}

int document_read(struct buf *bytes, enum digest_algorithm algorithm, const char *sent_as,
        const char *object, struct document *ret, struct error *err)
{
	struct document d = {.bytes = *bytes};
	json_error_t problem;
	int r;

	*bytes = (struct buf)BUF_INIT;
	r = digest_of(algorithm, buf_text(&d.bytes), d.bytes.len, d.digest);
	if (r < 0 || buf_failed(&d.bytes))
		r = error_set(err, ENOMEM, "read manifest", object, NULL);
	if (r == 0) {
		d.json = json_loadb(
		        buf_text(&d.bytes), d.bytes.len, JSON_REJECT_DUPLICATES, &problem);
		if (!d.json)
			r = error_set(err, EBADMSG, "read manifest", object,
			        "%.60s%sline %d: %.120s", sent_as ? sent_as : "",
			        sent_as && *sent_as ? ": " : "", problem.line, problem.text);
	}
	if (r == 0)
		r = check_form(&d, sent_as, err);
	if (r < 0)
		document_release(&d);
	else
		*ret = d;
	return r;
}

static int read_descriptor(const struct document *d, const json_t *o, const char *what,
        struct descriptor *ret, struct error *err)
{
	const char *digest = text_in(o, "digest"), *type = text_in(o, "mediaType");
	const json_t *size = json_object_get(o, "size");

	if (!json_is_object(o))
		return FAULT(d, "%s: there is none", what);
	if (!type || strlen(type) >= sizeof ret->media_type)
		return FAULT(d, "%s: no mediaType", what);
	if (!digest_valid(digest))
		return FAULT(
		        d, "%s: digest: %.80s is no digest", what, digest ? digest : "nothing");
	if (!json_is_integer(size) || json_integer_value(size) < 0)
		return FAULT(d, "%s: size is no number of bytes", what);
	digest_copy(ret->digest, digest);
	snprintf(ret->media_type, sizeof ret->media_type, "%s", type);
	ret->size = (uint64_t)json_integer_value(size);
	return 0;
}

int document_config(const struct document *d, struct descriptor *ret, struct error *err)
{
	int r = read_descriptor(d, json_object_get(d->json, "config"), "config", ret, err);

	if (r < 0)
		return r;
	if (strcmp(ret->media_type, OCI_CONFIG) != 0 && strcmp(ret->media_type, DOCKER_CONFIG) != 0)
		return FAULT(
		        d, "it is no image of a container: its config is '%.80s'", ret->media_type);
	if (ret->size > DOCUMENT_MAX)
		return FAULT(d, "config: larger than 4 MiB");
	return 0;
}

int document_layers(
        const struct document *d, struct descriptor **ret, size_t *ret_n, struct error *err)
{
	const json_t *layers = json_object_get(d->json, "layers");
	size_t n = json_array_size(layers);
	struct descriptor *list;

	if (n == 0)
		return FAULT(d, "layers: there is none");
	if (n > DOCUMENT_LAYERS)
		return FAULT(d, "%zu layers, at most %d", n, DOCUMENT_LAYERS);
	list = calloc(n, sizeof *list);
	if (!list)
		return error_set(err, ENOMEM, "read manifest", d->digest, NULL);
	for (size_t i = 0; i < n; i++) {
		char what[32];
		int r;
		snprintf(what, sizeof what, "layers[%zu]", i);
		r = read_descriptor(d, json_array_get(layers, i), what, &list[i], err);
		if (r < 0) {
			free(list);
			return r;
		}
	}
	*ret = list;
	*ret_n = n;
	return 0;
}

int document_entry(const struct document *d, size_t i, struct descriptor *ret, struct error *err)
{
	char what[40];

	snprintf(what, sizeof what, "manifests[%zu]", i);
	return read_descriptor(
	        d, json_array_get(json_object_get(d->json, "manifests"), i), what, ret, err);
}

int document_check_config(
        const struct buf *bytes, const char *digest, size_t n_layers, struct error *err)
{
	json_error_t problem;
	json_t *config = json_loadb(buf_text(bytes), bytes->len, JSON_REJECT_DUPLICATES, &problem);
	const json_t *rootfs = json_object_get(config, "rootfs");
	const json_t *ids = json_object_get(rootfs, "diff_ids"), *id;
	const char *type = text_in(rootfs, "type");
	const char *fault = NULL;
	int r = 0;
	size_t i;

	if (!config)
		r = error_set(err, EBADMSG, "read config", digest, "line %d: %.120s", problem.line,
		        problem.text);
	else if (!json_is_object(config))
		fault = "it is no JSON object";
	else if (!text_in(config, "architecture") || !text_in(config, "os"))
		fault = "no architecture or no os";
	else if (!type || strcmp(type, "layers") != 0)
		fault = "rootfs.type is not 'layers'";
	else if (json_array_size(ids) != n_layers)
		r = error_set(err, EBADMSG, "read config", digest, "%zu diff_ids for %zu layers",
		        json_array_size(ids), n_layers);
	json_array_foreach (ids, i, id)
		if (!digest_valid(json_string_value(id)))
			fault = "a diff_id is no digest";
	if (r == 0 && fault)
		r = error_set(err, EBADMSG, "read config", digest, "%s", fault);
	json_decref(config);
	return r;
}
