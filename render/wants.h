/* What the current step asks for, sorted to the places where it will appear. */
#pragma once

#include "render/view.h"

/* Whether `want` is about `container` and `topic`: fact "container.NAME.TOPIC" or one below it.
 * *ret_rest (may be NULL) points at what follows: "uts" for topic "ns", "" for the topic itself. */
bool want_about(const struct view_want *want, const char *container, const char *topic,
        const char **ret_rest);
/* The container that a fact speaks of, as a string of the scene's; NULL when it is about none. */
const char *want_container(struct scene *s, const struct view_want *want);
/* The first want about container and topic, NULL when nothing is asked. */
const struct view_want *want_find(
        const struct view_input *in, const char *container, const char *topic);
/* Whether it is about anything of `container`; *ret_rest is what: "ns.uts", "" for itself. */
bool want_of(const struct view_want *want, const char *container, const char **ret_rest);
/* The names of containers that are asked about and that `m` has not, each once, as it is written in
 * the facts; how many. */
size_t want_absent(const struct view_input *in, struct scene *s, const char **ret, size_t room);
