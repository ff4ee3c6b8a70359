#include "kernel/store/verify.h"

#include "kernel/base/cleanup.h"
#include "kernel/store/layer.h"
#include "kernel/store/platform.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { DEPTH_MAX = 8, MAX_LAYERS = 127 };

#define DOCKER_MANIFEST "application/vnd.docker.distribution.manifest.v2+json"
#define DOCKER_LIST     "application/vnd.docker.distribution.manifest.list.v2+json"
#define DOCKER_CONFIG   "application/vnd.docker.container.image.v1+json"

/* The document that is looked at, for messages: "manifest sha256:0123…". */
struct at {
	const struct layout *l;
	const char *digest;
	struct error *err;
};

#define FAULT(at, ...) error_set((at)->err, EBADMSG, "verify image", (at)->digest, __VA_ARGS__)

static const char *text_in(const json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

static bool is_one_of(const char *text, const char *a, const char *b)
{
	return text && (!strcmp(text, a) || !strcmp(text, b));
}

/* {"mediaType", "digest", "size"}: is it one, and is the file of that size there? */
static int check_descriptor(const struct at *at, const json_t *d, const char *what)
{
	const json_t *size = json_object_get(d, "size");
	const char *digest = text_in(d, "digest");
	auto_close fd = -1;
	struct stat st;

	if (!json_is_object(d))
		return FAULT(at, "%s: there is none", what);
	if (!text_in(d, "mediaType"))
		return FAULT(at, "%s: no mediaType", what);
	if (!digest_valid(digest))
		return FAULT(
		        at, "%s: digest: %.80s is no digest", what, digest ? digest : "nothing");
	if (!json_is_integer(size) || json_integer_value(size) < 0)
		return FAULT(at, "%s: size is no number of bytes", what);
	fd = layout_open_blob(at->l, digest, NULL);
	if (fd < 0 || fstat(fd, &st) < 0)
		return error_set(at->err, ENOENT, "verify image", at->digest, "%s: %s is missing",
		        what, digest);
	if (st.st_size != json_integer_value(size))
		return FAULT(at, "%s: size is %lld, the file has %lld bytes", what,
		        (long long)json_integer_value(size), (long long)st.st_size);
	return 0;
}

enum layer_compression layer_type_compression(const char *type)
{
	static const struct {
		const char *type;
		enum layer_compression compression;
	} known[] = {
	        {"application/vnd.oci.image.layer.v1.tar", LAYER_PLAIN},
	        {"application/vnd.oci.image.layer.v1.tar+gzip", LAYER_GZIP},
	        {"application/vnd.oci.image.layer.v1.tar+zstd", LAYER_ZSTD},
	        {"application/vnd.oci.image.layer.nondistributable.v1.tar", LAYER_PLAIN},
	        {"application/vnd.oci.image.layer.nondistributable.v1.tar+gzip", LAYER_GZIP},
	        {"application/vnd.oci.image.layer.nondistributable.v1.tar+zstd", LAYER_ZSTD},
	        {"application/vnd.docker.image.rootfs.diff.tar", LAYER_PLAIN},
	        {"application/vnd.docker.image.rootfs.diff.tar.gzip", LAYER_GZIP},
	};

	for (size_t i = 0; type && i < sizeof known / sizeof *known; i++)
		if (!strcmp(known[i].type, type))
			return known[i].compression;
	return LAYER_UNKNOWN;
}

/* gzip: RFC 1952, 2.3.1. zstd: RFC 8878, 3.1.1. */
enum layer_compression layer_file_compression(int blob)
{
	unsigned char b[4] = {0};
	ssize_t n = pread(blob, b, sizeof b, 0);

	if (n >= 2 && b[0] == 0x1f && b[1] == 0x8b)
		return LAYER_GZIP;
	if (n == 4 && b[0] == 0x28 && b[1] == 0xb5 && b[2] == 0x2f && b[3] == 0xfd)
		return LAYER_ZSTD;
	return n < 0 ? LAYER_UNKNOWN : LAYER_PLAIN;
}

static const char *compression_name(enum layer_compression c)
{
	static const char *const names[] = {"a plain tar", "gzip", "zstd", "unknown"};

	return names[c];
}

static int ignore_bytes(void *data, const void *bytes, size_t n)
{
	(void)data;
	(void)bytes;
	(void)n;
	return 0;
}

static int check_layer(const struct at *at, const json_t *d, const json_t *diff_id, size_t i)
{
	const char *id = json_string_value(diff_id), *type = text_in(d, "mediaType");
	enum layer_compression says = layer_type_compression(type), is;
	auto_close fd = -1;
	char what[32];
	int r;

	snprintf(what, sizeof what, "layers[%zu]", i);
	r = check_descriptor(at, d, what);
	if (r < 0)
		return r;
	if (says == LAYER_UNKNOWN)
		return FAULT(at, "%s: mediaType '%.80s' is no layer", what, type);
	if (!digest_valid(id))
		return FAULT(at, "config: rootfs.diff_ids[%zu] is no digest", i);
	fd = layout_open_blob(at->l, text_in(d, "digest"), at->err);
	if (fd < 0)
		return fd;
	is = layer_file_compression(fd);
	if (is != says)
		return FAULT(at, "%s: mediaType says %s, the file is %s", what,
		        compression_name(says), compression_name(is));
	return layer_read(fd, text_in(d, "digest"), id, ignore_bytes, NULL, at->err);
}

static int check_config(const struct at *at, const json_t *config)
{
	const json_t *rootfs = json_object_get(config, "rootfs");

	if (!json_is_object(config))
		return FAULT(at, "config: it is no JSON object");
	if (!text_in(config, "architecture") || !text_in(config, "os"))
		return FAULT(at, "config: no architecture or no os");
	if (!is_one_of(text_in(rootfs, "type"), "layers", "layers"))
		return FAULT(at, "config: rootfs.type is not 'layers'");
	if (!json_is_array(json_object_get(rootfs, "diff_ids")))
		return FAULT(at, "config: rootfs.diff_ids is no array");
	return 0;
}

static int check_layers(const struct at *at, const json_t *layers, const json_t *config)
{
	const json_t *ids = json_object_get(json_object_get(config, "rootfs"), "diff_ids");
	size_t n = json_array_size(layers), n_ids = json_array_size(ids);
	int r = 0;

	if (!json_is_array(layers) || n == 0)
		return FAULT(at, "layers: there is none");
	if (n > MAX_LAYERS)
		return FAULT(at, "%zu layers, at most %d", n, MAX_LAYERS);
	if (n != n_ids)
		return FAULT(at, "%zu layers, and %zu diff_ids in its config", n, n_ids);
	for (size_t i = 0; i < n && r == 0; i++)
		r = check_layer(at, json_array_get(layers, i), json_array_get(ids, i), i);
	return r;
}

static int check_manifest(const struct at *at, const json_t *m)
{
	const json_t *d = json_object_get(m, "config");
	const char *type = text_in(m, "mediaType");
	json_t *config = NULL;
	int r;

	if (type && !is_one_of(type, OCI_MANIFEST, DOCKER_MANIFEST))
		return FAULT(at, "mediaType '%.80s' is no manifest", type);
	r = check_descriptor(at, d, "config");
	if (r == 0 && !is_one_of(text_in(d, "mediaType"), OCI_CONFIG, DOCKER_CONFIG))
		r = FAULT(at, "config: mediaType '%.80s' is no image configuration",
		        text_in(d, "mediaType"));
	if (r == 0)
		r = layout_get_json(at->l, text_in(d, "digest"), &config, at->err);
	if (r == 0)
		r = check_config(at, config);
	if (r == 0)
		r = check_layers(at, json_object_get(m, "layers"), config);
	json_decref(config);
	return r;
}

static int verify(const struct layout *l, const char *digest, int depth, struct error *err);

/* Those for other machines may be left out, as pulls do. */
static int check_index(const struct at *at, const json_t *index, int depth)
{
	const json_t *manifests = json_object_get(index, "manifests"), *one;
	const char *type = text_in(index, "mediaType");
	char ours[DIGEST_TEXT];
	int r;
	size_t i;

	if (type && !is_one_of(type, OCI_INDEX, DOCKER_LIST))
		return FAULT(at, "mediaType '%.80s' is no index", type);
	if (depth >= DEPTH_MAX)
		return FAULT(at, "an index in an index in an index, too deep");
	r = platform_pick(at->l, at->digest, ours, at->err);
	json_array_foreach (manifests, i, one) {
		auto_close fd = layout_open_blob(at->l, text_in(one, "digest"), NULL);
		char what[32];
		snprintf(what, sizeof what, "manifests[%zu]", i);
		if (r == 0 && fd >= 0)
			r = check_descriptor(at, one, what);
		if (r == 0 && fd >= 0)
			r = verify(at->l, text_in(one, "digest"), depth + 1, at->err);
	}
	return r;
}

static int verify(const struct layout *l, const char *digest, int depth, struct error *err)
{
	struct at at = {.l = l, .digest = digest, .err = err};
	json_t *document = NULL;
	int r = layout_get_json(l, digest, &document, err);

	if (r < 0)
		return r;
	if (json_integer_value(json_object_get(document, "schemaVersion")) != 2)
		r = FAULT(&at, "schemaVersion is not 2");
	else if (json_object_get(document, "manifests"))
		r = check_index(&at, document, depth);
	else
		r = check_manifest(&at, document);
	json_decref(document);
	return r;
}

int image_verify(const struct layout *l, const char *digest, struct error *err)
{
	return verify(l, digest, 0, err);
}

int descriptor_verify(
        const struct layout *l, const char *where, const json_t *descriptor, struct error *err)
{
	struct at at = {.l = l, .digest = where, .err = err};

	return check_descriptor(&at, descriptor, "manifest");
}
