#include "kernel/do/cgroup/mount.h"

#include "kernel/base/cleanup.h"
#include "kernel/do/bind.h"
#include "kernel/do/build.h"
#include "kernel/do/cgroup/group.h"
#include "kernel/do/rootpath.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static const uint64_t strict = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;

static int show(
        int target, const char *source, bool recursive, bool readonly, struct child_error *fail)
{
	uint64_t set = strict | (readonly ? MOUNT_ATTR_RDONLY : 0u);
	struct bind bind = {.source = source, .recursive = recursive, .deep_set = set};
	auto_close tree = bind_take(&bind);
	int r;

	if (tree < 0)
		return child_fail(fail, -tree, "open_tree", source);
	r = bind_put(tree, target);
	return r < 0 ? child_fail(fail, -r, "move_mount", source) : 0;
}

/* "cpu,cpuacct" is one tree, and each of the two a link to it. */
static int link_names(int top, const char *names, struct child_error *fail)
{
	char one[64];

	if (!strchr(names, ','))
		return 0;
	for (const char *p = names; *p;) {
		size_t n = strcspn(p, ",");
		if (n < sizeof one) {
			memcpy(one, p, n);
			one[n] = '\0';
			if (symlinkat(names, top, one) < 0 && errno != EEXIST)
				return child_fail(fail, errno, "symlink", one);
		}
		p += n + (p[n] == ',');
	}
	return 0;
}

static int show_part(struct build *b, int top, size_t i, bool readonly, struct child_error *fail)
{
	const char *name = group_is_v2(b->group, i) ? "unified" : group_name(b->group, i);
	auto_close at = -1;
	int r;

	if (mkdirat(top, name, 0755) < 0)
		return child_fail(fail, errno, "mkdir", name);
	at = openat(top, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (at < 0)
		return child_fail(fail, errno, "open", name);
	r = show(at, group_directory(b->group, i), false, readonly, fail);
	return r < 0 ? r : link_names(top, name, fail);
}

static int show_trees(struct build *b, const struct mount_spec *m, struct child_error *fail)
{
	bool readonly = m->flags & MS_RDONLY;
	char path[FD_PATH_SIZE];
	auto_close at = root_open_dir(b->root_fd, m->destination, 0755), top = -1;

	if (at < 0)
		return child_fail(fail, -at, "open mount point", m->destination);
	if (mount("tmpfs", fd_path(at, path), "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC,
	            "mode=755") < 0)
		return child_fail(fail, errno, "mount tmpfs", m->destination);
	top = root_open(b->root_fd, m->destination, O_PATH | O_DIRECTORY);
	if (top < 0)
		return child_fail(fail, -top, "open", m->destination);
	for (size_t i = 0; i < group_count(b->group); i++) {
		int r = show_part(b, top, i, readonly, fail);
		if (r < 0)
			return r;
	}
	if (readonly && mount(NULL, fd_path(top, path), NULL,
	                        MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC,
	                        NULL) < 0)
		return child_fail(fail, errno, "mount MS_REMOUNT|MS_RDONLY", m->destination);
	return 0;
}

int cgroup_mount(struct build *b, const struct mount_spec *m, struct child_error *fail)
{
	bool only_v2 = b->group && group_count(b->group) == 1 && group_is_v2(b->group, 0);
	auto_close at = -1;

	if (b->group && !only_v2)
		return show_trees(b, m, fail);
	at = root_open_dir(b->root_fd, m->destination, 0755);
	if (at < 0)
		return child_fail(fail, -at, "open mount point", m->destination);
	return only_v2 ? show(at, group_directory(b->group, 0), false, m->flags & MS_RDONLY, fail)
	               : show(at, "/sys/fs/cgroup", true, true, fail);
}
