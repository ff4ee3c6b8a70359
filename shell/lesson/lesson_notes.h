/* What a lesson wants that is not here: said once, before anything fails for it. */
#pragma once

#include "kernel/base/buf.h"
#include "shell/lesson/scenario.h"

/* Appends lines for people: a second machine, Kubernetes, engines that are not installed, images,
 * addresses. Nothing for a lesson that finds all that it wants. Looks at PATH and at the store. */
void lesson_notes(const struct scenario *lesson, struct buf *out);

/* The file of the lesson's folder that says which local images serve instead of its own (alias.h);
 * the caller's, NULL = there is none. */
char *lesson_image_map(const struct scenario *lesson);
