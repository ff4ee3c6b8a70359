#include "kernel/registry/own_images.h"

#include "kernel/base/cleanup.h"
#include "kernel/store/reference.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { DEPTH_MAX = 8, NAME_TEXT = 3 * REFERENCE_NAME_MAX + 3 };

/* Repository and tag of an entry of the index; false for one that cannot be pulled by name. */
static bool repository_of(const json_t *descriptor, char ret_name[NAME_TEXT], const char **ret_tag,
        struct reference *ref)
{
	const char *name = layout_name_of(descriptor);

	if (!name[0] || reference_parse(name, ref, NULL, NULL) < 0 || ref->port[0] ||
	        !strcmp(ref->host, "localhost"))
		return false;
	snprintf(ret_name, NAME_TEXT, "%s%s%s%s%s", ref->host, ref->host[0] ? "/" : "",
	        ref->name_space, ref->name_space[0] ? "/" : "", ref->repository);
	*ret_tag = ref->tag[0] || ref->digest[0] ? ref->tag : "latest";
	return repository_name_valid(ret_name);
}

/* Calls `each` with every image of the repository until it returns true. */
static bool any_image(const struct repository *r,
        bool (*each)(void *data, const char *tag, const char *digest), void *data)
{
	json_t *index = NULL, *one;
	bool found = false;
	size_t i;

	if (layout_index(r->layout, &index, NULL) < 0)
		return false;
	json_array_foreach (json_object_get(index, "manifests"), i, one) {
		const char *digest = json_string_value(json_object_get(one, "digest")), *tag;
		char name[NAME_TEXT];
		struct reference ref;
		if (!found && digest_valid(digest) && repository_of(one, name, &tag, &ref) &&
		        !strcmp(name, r->name))
			found = each(data, tag, digest);
	}
	json_decref(index);
	return found;
}

struct wanted {
	const struct layout *layout;
	const char *what; /* a tag, or a digest */
	bool manifest;
	char *ret_digest;
};

static bool has_tag(void *data, const char *tag, const char *digest)
{
	const struct wanted *w = data;

	if (strcmp(tag, w->what) != 0)
		return false;
	digest_copy(w->ret_digest, digest);
	return true;
}

int own_find_tag(const struct repository *r, const char *tag, char ret_digest[DIGEST_TEXT])
{
	struct wanted w = {.what = tag, .ret_digest = ret_digest};

	return any_image(r, has_tag, &w) ? 0 : -ENOENT;
}

static bool names(const json_t *descriptor, const char *digest)
{
	const char *text = json_string_value(json_object_get(descriptor, "digest"));

	return text && !strcmp(text, digest);
}

/* Whether what is wanted is reached from the manifest or index `digest`. */
static bool reaches(const struct wanted *w, const char *digest, int depth)
{
	json_t *document = NULL, *one;
	bool found = w->manifest && !strcmp(digest, w->what);
	size_t i;

	if (found || depth > DEPTH_MAX || layout_get_json(w->layout, digest, &document, NULL) < 0)
		return found;
	json_array_foreach (json_object_get(document, "manifests"), i, one) {
		const char *child = json_string_value(json_object_get(one, "digest"));
		if (!found && digest_valid(child))
			found = reaches(w, child, depth + 1);
	}
	if (!found && !w->manifest)
		found = names(json_object_get(document, "config"), w->what);
	json_array_foreach (json_object_get(document, "layers"), i, one)
		if (!found && !w->manifest)
			found = names(one, w->what);
	json_decref(document);
	return found;
}

static bool image_reaches(void *data, const char *tag, const char *digest)
{
	(void)tag;
	return reaches(data, digest, 0);
}

bool own_has_manifest(const struct repository *r, const char *digest)
{
	struct wanted w = {.layout = r->layout, .what = digest, .manifest = true};

	return any_image(r, image_reaches, &w);
}

bool own_has_blob(const struct repository *r, const char *digest)
{
	struct wanted w = {.layout = r->layout, .what = digest};

	return any_image(r, image_reaches, &w);
}

static bool add_tag(void *data, const char *tag, const char *digest)
{
	(void)digest;
	if (repository_tag_valid(tag))
		json_array_append_new(data, json_string(tag));
	return false;
}

void own_tags(const struct repository *r, json_t *tags)
{
	any_image(r, add_tag, tags);
}

void own_names(const struct layout *l, json_t *names)
{
	json_t *index = NULL, *one;
	size_t i;

	if (layout_index(l, &index, NULL) < 0)
		return;
	json_array_foreach (json_object_get(index, "manifests"), i, one) {
		char name[NAME_TEXT];
		struct reference ref;
		const char *tag;
		if (repository_of(one, name, &tag, &ref))
			json_array_append_new(names, json_string(name));
	}
	json_decref(index);
}
