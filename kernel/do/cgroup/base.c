#include "kernel/do/cgroup/base.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static unsigned controllers_in(int dir, const char *file)
{
	auto_buf text = BUF_INIT;

	return file_read_at(dir, file, 4096, &text) == 0 ? cgroup_controllers_parse(buf_text(&text))
	                                                 : 0;
}

static bool may_write(int dir, const char *name)
{
	return faccessat(dir, name, W_OK, AT_EACCESS) == 0;
}

static bool has_processes(int dir)
{
	auto_close fd = openat(dir, "cgroup.procs", O_RDONLY | O_CLOEXEC);
	char byte;

	return fd >= 0 && read(fd, &byte, 1) == 1;
}

unsigned cgroup_base_controllers(const struct cgroup_hierarchy *h, const char *base)
{
	auto_close dir = open(base, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (!h->v2)
		return h->controllers;
	/* The freezer is part of every v2 group since Linux 5.2, it is not a controller there. */
	return dir < 0 ? 0 : controllers_in(dir, "cgroup.controllers") | CGROUP_FREEZER;
}

/* 0 when `cutaway` with these controllers could be made in `base`. */
static int try_base(const struct cgroup_hierarchy *h, unsigned wanted, const char *base)
{
	auto_close dir = open(base, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	unsigned missing;

	if (dir < 0)
		return -errno;
	if (!may_write(dir, ".") || !may_write(dir, "cgroup.procs"))
		return -EACCES;
	if (wanted & ~cgroup_base_controllers(h, base))
		return -ENOTSUP;
	if (!h->v2)
		return 0;
	missing =
	        wanted & ~controllers_in(dir, "cgroup.subtree_control") & ~(unsigned)CGROUP_FREEZER;
	if (missing && !may_write(dir, "cgroup.subtree_control"))
		return -EACCES;
	/* Only the root of the whole tree, which has no cgroup.type, may do both. */
	if (missing && faccessat(dir, "cgroup.type", F_OK, 0) == 0 && has_processes(dir))
		return -EBUSY;
	return 0;
}

int cgroup_base_find(const struct cgroup_hierarchy *h, unsigned controllers, char **ret)
{
	const char *own = cgroup_hierarchy_relative(h, h->own);
	auto_free char *path = NULL;
	int first = try_base(h, controllers, h->mount), r = first;

	if (r == 0) {
		path = strdup(h->mount);
	} else if (own && asprintf(&path, "%s%s", h->mount, own) >= 0) {
		size_t top = strlen(h->mount);
		while (strlen(path) > top && (r = try_base(h, controllers, path)) < 0) {
			if (r != -EACCES)
				first = r; /* the more telling reason */
			*strrchr(path, '/') = '\0';
		}
	}
	if (!path)
		return r == 0 ? -ENOMEM : r;
	if (r < 0)
		return first;
	*ret = steal_ptr(path);
	return 0;
}
