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
	bool range;       /* 0…65535 inside exist; else only 0 inside, which is ourselves */
	uid_t offset;     /* as root: what uid 0 inside is outside, as this process counts */
	bool subordinate; /* 0 inside is ourselves, 1… inside are subordinate ids (subid.h) */
	uint32_t uid_first, gid_first; /* of these */
	uid_t layers;                  /* for whom layers are unpacked, see store_image() */
	char problem[192]; /* subordinate ids were meant to be used and cannot be; "" = no problem
	                    */
};

/* As root, and where the ids exist in our own user namespace: a range. As an ordinary user who has
 * subordinate ids: those. Else a single id, which anybody may map. */
struct idmap_choice idmap_choose(void);
/* Whether we hold CAP_SYS_ADMIN in our own user namespace. */
bool idmap_privileged(void);
struct config;
/* Whether the kernel wants setgroups(2) switched off in the new user namespace of `c`. */
bool idmap_denies_setgroups(const struct config *c);
/* What `id` inside is outside; false: the map has none. */
bool idmap_outside(const struct id_map *map, size_t n, uint32_t id, uint32_t *ret);
/* Appends a map as /proc/PID/uid_map wants it, a range a line. */
void idmap_text(const struct id_map *map, size_t n, struct buf *out);
