/* Manifests and indexes: from what a descriptor names down to the layers. */
#include "kernel/base/cleanup.h"
#include "kernel/store/check.h"
#include "kernel/store/layer_type.h"
#include "kernel/store/layout.h"

#include <stdio.h>
#include <string.h>

enum { DEPTH_MAX = 8, MAX_LAYERS = 127 };

static const char *const manifest_types[] = {
        OCI_MANIFEST, "application/vnd.docker.distribution.manifest.v2+json", NULL};
static const char *const index_types[] = {
        OCI_INDEX, "application/vnd.docker.distribution.manifest.list.v2+json", NULL};
static const char *const config_types[] = {
        OCI_CONFIG, "application/vnd.docker.container.image.v1+json", NULL};

static const char *text_in(const json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

static void file_of(const char *digest, char ret[DIGEST_TEXT + 8])
{
	char path[DIGEST_TEXT];

	digest_path(digest, path);
	snprintf(ret, DIGEST_TEXT + 8, "blobs/%s", path);
}

/* Reads the document that has this digest; the caller's reference. */
static json_t *read_document(struct document *d, const char *digest)
{
	char path[DIGEST_TEXT];

	digest_path(digest, path);
	return check_read_json(d, d->check->blobs, path, digest, BLOBS_SECTION);
}

/* Something else than a container image, in the form of one: manifest.md, "Guidelines for Artifact
 * Usage". Attestations of BuildKit say that they are for no machine. */
static bool is_artifact(const json_t *manifest, const json_t *config)
{
	const char *type = text_in(json_object_get(manifest, "config"), "mediaType");
	const char *architecture = text_in(config, "architecture");

	return json_object_get(manifest, "artifactType") ||
	       (type && !strcmp(type, "application/vnd.oci.empty.v1+json")) ||
	       (architecture && !strcmp(architecture, "unknown"));
}

static void check_one_layer(const struct document *d, const json_t *layer, const json_t *diff_id,
        size_t i, bool artifact)
{
	const char *digest = NULL, *id = json_string_value(diff_id);
	const char *type = text_in(layer, "mediaType");
	char at[40];

	snprintf(at, sizeof at, "layers[%zu]", i);
	if (!artifact && type && layer_type_compression(type) == LAYER_UNKNOWN)
		check_fault(d, FAULT_BROKEN, at, MANIFEST_SECTION,
		        "mediaType '%.80s' is no layer's", type);
	if (!check_descriptor(d, layer, at, 0, &digest))
		return;
	if (artifact)
		check_blob(d->check, digest);
	else
		check_layer(d, at, digest, type ? type : "", digest_valid(id) ? id : NULL);
}

static void check_layers(const struct document *d, const json_t *config, bool artifact)
{
	const json_t *layers = json_object_get(d->json, "layers"), *layer;
	const json_t *ids = json_object_get(json_object_get(config, "rootfs"), "diff_ids");
	size_t i, n = json_array_size(layers);

	if (!json_is_array(layers) && (layers || !artifact))
		check_fault(d, FAULT_BROKEN, "layers", MANIFEST_SECTION,
		        layers ? "it is no array" : "layers: there is none");
	else if (n == 0 && !artifact)
		check_fault(d, FAULT_BROKEN, "layers", MANIFEST_SECTION, "layers: there is none");
	if (n > MAX_LAYERS)
		check_fault(d, FAULT_BROKEN, "layers", MANIFEST_SECTION,
		        "%zu layers: no kernel stacks more than %d as an image", n, MAX_LAYERS);
	json_array_foreach (layers, i, layer) {
		if (i >= MAX_LAYERS)
			break;
		check_one_layer(d, layer, json_array_get(ids, i), i, artifact);
	}
}

/* The configuration, if there is one to go into; the caller's reference. */
static json_t *read_config(const struct document *d, struct document *config, char *file)
{
	const json_t *descriptor = json_object_get(d->json, "config");
	const char *type = text_in(descriptor, "mediaType"), *digest = NULL;
	bool image = check_is_one(type, config_types);

	if (type && !image && !is_artifact(d->json, NULL))
		check_fault(d, FAULT_BROKEN, "config", MANIFEST_SECTION,
		        "config: mediaType '%.80s' is no image configuration's", type);
	if (!check_descriptor(d, descriptor, "config", 0, &digest))
		return NULL;
	if (!image) {
		check_blob(d->check, digest);
		return NULL;
	}
	file_of(digest, file);
	*config = (struct document){.check = d->check, .file = file, .role = "config"};
	return read_document(config, digest);
}

static void check_manifest(const struct document *d, const json_t *platform, const char *entry)
{
	static const char *const known[] = {"schemaVersion", "mediaType", "artifactType", "config",
	        "layers", "subject", "annotations", "manifests", NULL};
	const json_t *subject = json_object_get(d->json, "subject");
	char file[DIGEST_TEXT + 8];
	struct document config = {0};
	const char *ignored;
	json_t *json;
	bool artifact;

	check_top(d, manifest_types, known, MANIFEST_SECTION);
	check_text(d, d->json, "", "artifactType", false, MANIFEST_SECTION);
	json = read_config(d, &config, file);
	artifact = is_artifact(d->json, json);
	if (json && !artifact)
		check_config(&config, json_array_size(json_object_get(d->json, "layers")), platform,
		        entry);
	check_layers(d, json, artifact);
	if (subject)
		check_descriptor(d, subject, "subject", MAY_BE_MISSING, &ignored);
	json_decref(json);
}

/* An entry of an index says what it leads to. */
static void check_entry_type(const struct document *d, const json_t *entry, const char *at)
{
	const char *type = text_in(entry, "mediaType");

	if (type && !check_is_one(type, manifest_types) && !check_is_one(type, index_types))
		check_fault(d, FAULT_BROKEN, at, LIST_SECTION,
		        "mediaType '%.80s' is neither a manifest's nor an index's", type);
}

static void check_ref_name(const struct document *d, const json_t *manifests, size_t i)
{
	const char *name = layout_name_of(json_array_get(manifests, i));
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	                              "0123456789-._:@+/";
	char at[40];

	snprintf(at, sizeof at, "manifests[%zu]", i);
	if (name[strspn(name, letters)])
		check_fault(d, FAULT_AGAINST, at, "annotations.md, 'Pre-Defined Annotation Keys'",
		        "'%.80s' is no name: only letters, digits and -._:@+/ are", name);
	for (size_t k = 0; k < i && i < 1000 && name[0]; k++)
		if (!strcmp(name, layout_name_of(json_array_get(manifests, k)))) {
			check_fault(d, FAULT_NOTE, at, INDEX_SECTION,
			        "'%.80s' is the name of manifests[%zu] as well", name, k);
			break;
		}
}

void check_index(const struct document *d, bool top, int depth)
{
	static const char *const known[] = {"schemaVersion", "mediaType", "artifactType",
	        "manifests", "subject", "annotations", "config", "layers", NULL};
	const char *section = top ? INDEX_SECTION : LIST_SECTION;
	const json_t *manifests = json_object_get(d->json, "manifests"), *one;
	size_t i;

	check_top(d, index_types, known, section);
	if (json_object_get(d->json, "layers") || json_object_get(d->json, "config"))
		check_fault(d, FAULT_BROKEN, "", section,
		        "it has manifests and layers or config: an index for some programs, a "
		        "manifest for others");
	if (!json_is_array(manifests))
		check_fault(d, FAULT_BROKEN, "manifests", section,
		        manifests ? "it is no array" : "it is missing");
	else if (json_array_size(manifests) == 0)
		check_fault(d, FAULT_AGAINST, "manifests", section,
		        "it names no image: it may, but there is nothing to use");
	json_array_foreach (manifests, i, one) {
		char at[40];
		snprintf(at, sizeof at, "manifests[%zu]", i);
		check_entry_type(d, one, at);
		if (top)
			check_ref_name(d, manifests, i);
		check_image(d, one, at, depth + 1);
	}
}

/* What the document is: what it looks like must be what it is called. */
static void check_kind(const struct document *from, const char *at, const struct document *d,
        const json_t *descriptor, bool index)
{
	const char *said = text_in(descriptor, "mediaType"), *own = text_in(d->json, "mediaType");

	if (said && own && strcmp(said, own) != 0)
		check_fault(from, FAULT_BROKEN, at, DESCRIPTOR_SECTION,
		        "mediaType is '%.80s', the file's own is '%.80s'", said, own);
	else if (said && check_is_one(said, index ? manifest_types : index_types))
		check_fault(from, FAULT_BROKEN, at, DESCRIPTOR_SECTION,
		        "mediaType is '%.80s', the file is %s", said,
		        index ? "an index" : "a manifest");
}

static bool is_new(struct check *c, const char *digest, const json_t *platform)
{
	auto_free char *text =
	        platform ? json_dumps(platform, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
	auto_free char *key = NULL;

	return asprintf(&key, "image %s %s", digest, text ? text : "") >= 0 && check_first(c, key);
}

void check_image(const struct document *from, const json_t *descriptor, const char *at, int depth)
{
	const json_t *platform = json_object_get(descriptor, "platform");
	const char *digest = NULL;
	char file[DIGEST_TEXT + 8];
	struct document d = {.check = from->check, .file = file, .role = "manifest"};
	auto_free char *entry = NULL;
	bool index;

	if (!check_descriptor(from, descriptor, at,
	            from->check->all || depth <= 1 ? 0 : MAY_BE_MISSING, &digest) ||
	        from->check->top)
		return;
	if (depth > DEPTH_MAX) {
		check_fault(from, FAULT_BROKEN, at, LIST_SECTION,
		        "an index in an index in an index, too deep");
		return;
	}
	file_of(digest, file);
	if (check_is_one(text_in(descriptor, "mediaType"), index_types))
		d.role = "index";
	if (!is_new(d.check, digest, platform) || !read_document(&d, digest))
		return;
	index = json_object_get(d.json, "manifests");
	d.role = index ? "index" : "manifest";
	check_kind(from, at, &d, descriptor, index);
	if (index)
		check_index(&d, false, depth);
	else if (asprintf(&entry, "%s, %s", from->file, at) >= 0)
		check_manifest(&d, platform, entry);
	d.check->images += !index;
	json_decref(d.json);
}
