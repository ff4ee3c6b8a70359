/* Which map of ids a container of ours gets: the most that the calling user may have. */
#include "kernel/do/idmap.h"

#include "kernel/base/cleanup.h"
#include "kernel/do/subid.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

/* Whether all of `first`…`first + count - 1` exist in our own user namespace. */
static bool ids_exist(const char *map_path, uint32_t first, uint32_t count)
{
	auto_file file = fopen(map_path, "re");
	uint32_t inside, outside, n;

	while (file && fscanf(file, "%" SCNu32 " %" SCNu32 " %" SCNu32, &inside, &outside, &n) == 3)
		if (first >= inside && (uint64_t)first + count <= (uint64_t)inside + n)
			return true;
	return false;
}

static bool range_exists(uint32_t first_uid, uint32_t first_gid, uint32_t count)
{
	return ids_exist("/proc/self/uid_map", first_uid, count) &&
	       ids_exist("/proc/self/gid_map", first_gid, count);
}

static void choose_subordinate(struct idmap_choice *c)
{
	struct subid ids;

	subid_find(&ids);
	if (ids.usable && range_exists(ids.uid_first, ids.gid_first, SUBID_COUNT)) {
		c->range = c->subordinate = true;
		c->uid_first = ids.uid_first;
		c->gid_first = ids.gid_first;
		c->layers = ids.uid_first;
		return;
	}
	if (ids.meant)
		snprintf(c->problem, sizeof c->problem, "%s",
		        ids.usable ? "the ids do not exist in this user namespace" : ids.reason);
}

struct idmap_choice idmap_choose(void)
{
	struct idmap_choice c = {0};

	if (geteuid() != 0) {
		choose_subordinate(&c);
		return c;
	}
	c.range = idmap_privileged() && range_exists(IDMAP_OFFSET, IDMAP_OFFSET, IDMAP_COUNT);
	c.offset = c.layers = c.range ? IDMAP_OFFSET : 0;
	return c;
}
