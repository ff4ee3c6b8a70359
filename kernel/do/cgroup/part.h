/* One control group of ours as cgroup.c makes it and cgroup_limit.c limits it. Private to them. */
#pragma once

#include "kernel/base/place_name.h"
#include "kernel/do/cgroup/driver.h"

enum { CGROUP_PARTS = 4 };

/* The group in one tree. */
struct cgroup_part {
	const struct cgroup_driver *driver;
	unsigned controllers;
	char *base;   /* "/sys/fs/cgroup/memory" */
	char *parent; /* "/sys/fs/cgroup/memory/cutaway" */
	char *dir;    /* "/sys/fs/cgroup/memory/cutaway/NAME" */
};

struct cgroup {
	char group[PLACE_GROUP_SIZE]; /* what it stands in: "cutaway" */
	char *path;                   /* as /proc/PID/cgroup shows it */
	struct cgroup_part parts[CGROUP_PARTS];
	size_t n;
};

/* The one that has the controller; NULL when the group was made without it. */
const struct cgroup_part *cgroup_part_of(
        const struct cgroup *cg, enum cgroup_controller controller);
