/* Facts about images, and about what containers have written over them. */
#include "kernel/base/cleanup.h"
#include "kernel/observe/query_fact.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char *const attributes[] = {
        "config", "command", "digest", "layers", "platform", "registry", "shared", "size", "tag"};

/* Layers that another image has as well. */
static size_t count_shared(const struct model *m, const struct model_image *i)
{
	size_t n = 0;

	for (size_t k = 0; k < i->n_layers; k++)
		n += m->layers[i->layers[k]].images > 1;
	return n;
}

/* "layer.2" and "diff_id.2" of a layer, the lowest is 1: its number, and that of its digest's kind.
 */
static size_t layer_number(const char *attribute, bool *ret_diff_id)
{
	size_t n = !strncmp(attribute, "layer.", 6) ? 6 : 8;

	*ret_diff_id = n == 8;
	if ((*ret_diff_id && strncmp(attribute, "diff_id.", n) != 0) ||
	        strspn(attribute + n, "0123456789") != strlen(attribute + n))
		return 0;
	return strtoul(attribute + n, NULL, 10);
}

static void add_layer(
        const struct model *m, const struct model_image *i, const char *attribute, struct buf *out)
{
	bool diff_id;
	size_t n = layer_number(attribute, &diff_id);
	const struct model_layer *layer;

	if (n == 0 || n > i->n_layers)
		return;
	layer = &m->layers[i->layers[n - 1]];
	buf_add(out, diff_id ? layer->diff_id : layer->digest);
}

static void image_attribute(
        const struct model *m, const struct model_image *i, const char *attribute, struct buf *out)
{
	const struct {
		const char *name, *value;
	} texts[] = {
	        {"config", i->config},
	        {"command", i->command},
	        {"digest", i->digest},
	        {"platform", i->platform},
	        {"registry", i->registry},
	        {"tag", i->tag},
	};

	for (size_t k = 0; k < sizeof texts / sizeof *texts; k++)
		if (!strcmp(attribute, texts[k].name))
			buf_add(out, texts[k].value);
	add_layer(m, i, attribute, out);
	if (!strcmp(attribute, "layers"))
		buf_addf(out, "%zu", i->n_layers);
	else if (!strcmp(attribute, "shared"))
		buf_addf(out, "%zu", count_shared(m, i));
	else if (!strcmp(attribute, "size"))
		buf_addf(out, "%" PRIu64, i->size);
}

/* Names of images have dots: an attribute is what follows the last one, if there is such. */
static const char *attribute_of(const char *fact)
{
	const char *dot = strrchr(fact, '.'), *before = dot;
	bool ignored;

	while (before > fact && *--before != '.')
		;
	if (before && before > fact && layer_number(before + 1, &ignored))
		return before + 1;

	for (size_t k = 0; dot && dot > fact && k < sizeof attributes / sizeof *attributes; k++)
		if (!strcmp(dot + 1, attributes[k]))
			return dot + 1;
	return "";
}

size_t query_image_name(const char *rest)
{
	const char *attribute = attribute_of(rest);

	return strlen(rest) - strlen(attribute) - (*attribute ? 1 : 0);
}

int query_image(const struct model *m, const char *fact, struct buf *out)
{
	const char *attribute = attribute_of(fact);
	size_t n = query_image_name(fact);
	auto_free char *name = strndup(fact, n);
	const struct model_image *i = name ? model_image(m, name) : NULL;

	if (!n)
		return -EINVAL;
	if (!i)
		return -ENOENT;
	if (*attribute)
		image_attribute(m, i, attribute, out);
	else
		buf_add(out, "yes");
	return 0;
}

void query_image_list(const struct model *m, struct buf *out)
{
	buf_add(out, "images.count\nlayers.count\n");
	for (size_t i = 0; i < m->n_images; i++) {
		const char *name = m->images[i].name;
		if (!*name)
			continue;
		buf_addf(out, "image.%s\n", name);
		for (size_t k = 0; k < sizeof attributes / sizeof *attributes; k++)
			buf_addf(out, "image.%s.%s\n", name, attributes[k]);
		for (size_t k = 1; k <= m->images[i].n_layers; k++)
			buf_addf(out, "image.%s.layer.%zu\nimage.%s.diff_id.%zu\n", name, k, name,
			        k);
	}
}

int query_upper(const struct model_container *c, const char *path, struct buf *out)
{
	if (path[0] != '/')
		return -EINVAL;
	for (size_t i = 0; i < c->n_changes; i++)
		if (!strcmp(c->changes[i].path, path))
			buf_add(out, model_change_name(c->changes[i].kind));
	return 0;
}
