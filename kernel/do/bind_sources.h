/* Copies of mounts that the parent takes before clone3(2), for step_mounts to put in place: a
 * descriptor each in build.trees, -1 for a mount that the first process binds itself. */
#pragma once

#include <stdbool.h>

struct build;

bool bind_sources_wanted(const struct build *b);
void bind_sources_close(struct build *b);
