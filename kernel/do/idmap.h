/* Who is who: the map from user ids inside a user namespace to those outside,
 * user_namespaces(7). */
#pragma once

#include "kernel/base/buf.h"
#include "kernel/do/config.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { IDMAP_OFFSET = 100000, IDMAP_COUNT = 65536 };

/* How ids can be mapped by the calling user. */
struct idmap_choice {
	bool range;   /* 0…65535 inside = OFFSET… outside; else only 0 inside = ourselves */
	uid_t offset; /* what uid 0 inside is outside, as this process counts */
};

/* As root, and where the ids exist in our own user namespace: a range. Else a single id, which
 * anybody may map. */
struct idmap_choice idmap_choose(void);
/* Whether we hold CAP_SYS_ADMIN in our own user namespace. */
bool idmap_privileged(void);
struct config;
/* Whether the kernel wants setgroups(2) switched off in the new user namespace of `c`. */
bool idmap_denies_setgroups(const struct config *c);
/* Appends a map as /proc/PID/uid_map wants it, a range a line. */
void idmap_text(const struct id_map *map, size_t n, struct buf *out);
