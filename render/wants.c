#include "render/wants.h"

#include <string.h>

/* Cuts `prefix` and the dot after it off the front of *fact. At the end of the text no dot is
 * needed. */
static bool skip(const char **fact, const char *prefix)
{
	size_t n = strlen(prefix);

	if (strncmp(*fact, prefix, n) || ((*fact)[n] && (*fact)[n] != '.'))
		return false;
	*fact += (*fact)[n] ? n + 1 : n;
	return true;
}

bool want_about(const struct view_want *want, const char *container, const char *topic,
        const char **ret_rest)
{
	const char *fact = want->fact ? want->fact : "";

	if (!skip(&fact, "container") || !skip(&fact, container) || !skip(&fact, topic))
		return false;
	if (ret_rest)
		*ret_rest = fact;
	return true;
}

bool want_of(const struct view_want *want, const char *container, const char **ret_rest)
{
	const char *fact = want->fact ? want->fact : "";

	if (!skip(&fact, "container") || !skip(&fact, container))
		return false;
	*ret_rest = fact;
	return true;
}

const char *want_container(struct scene *s, const struct view_want *want)
{
	const char *fact = want->fact ? want->fact : "";

	if (!skip(&fact, "container") || !*fact)
		return NULL;
	return scene_format(s, "%.*s", (int)strcspn(fact, "."), fact);
}

const struct view_want *want_find(
        const struct view_input *in, const char *container, const char *topic)
{
	for (size_t i = 0; i < in->n_wants; i++)
		if (want_about(&in->wants[i], container, topic, NULL))
			return &in->wants[i];
	return NULL;
}

size_t want_absent(const struct view_input *in, struct scene *s, const char **ret, size_t room)
{
	size_t n = 0;

	for (size_t i = 0; i < in->n_wants && n < room; i++) {
		const char *name = want_container(s, &in->wants[i]);
		bool known = !name || !*name || model_container(in->now, name);
		for (size_t k = 0; k < n && !known; k++)
			known = !strcmp(ret[k], name);
		if (!known)
			ret[n++] = name;
	}
	return n;
}
