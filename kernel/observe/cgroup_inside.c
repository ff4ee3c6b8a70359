/* What a container sees of its own control group: /proc/self/cgroup names groups from the root of
 * the reader's cgroup namespace, cgroup_namespaces(7). So root enters that namespace, reads the
 * file of its first process and comes back. Who may not enter takes the root of what is mounted in
 * there as control groups for the root of the namespace: whoever mounted it could show no more. The
 * same serves for recorded trees. */
#include "kernel/observe/reading.h"

#include "kernel/base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>

/* The path of the n-th line "ID:CONTROLLERS:PATH" of a cgroup file; *ret_length 0 = none. */
static const char *path_of_line(const char *text, size_t n, size_t *ret_length)
{
	*ret_length = 0;
	for (; n && text; n--) {
		text = strchr(text, '\n');
		if (text)
			text++;
	}
	text = text ? strchr(text, ':') : NULL;
	text = text ? strchr(text + 1, ':') : NULL;
	if (!text)
		return NULL;
	*ret_length = strcspn(text + 1, "\n");
	return text + 1;
}

/* The line whose path is `path`; the others are of hierarchies where it is in another group. */
static bool find_line(const char *text, const char *path, size_t *ret_line)
{
	size_t length;

	for (size_t i = 0; i < READING_MAX_HIERARCHIES; i++) {
		const char *at = path_of_line(text, i, &length);
		if (!at)
			return false;
		if (strlen(path) == length && !strncmp(at, path, length)) {
			*ret_line = i;
			return true;
		}
	}
	return false;
}

static const char *visit(struct reading *r, int dir, size_t line, int home)
{
	auto_close there = openat(dir, "ns/cgroup", O_RDONLY | O_CLOEXEC);
	const char *path = NULL;
	size_t length = 0;
	long n;

	if (there < 0 || home < 0 || setns(there, CLONE_NEWCGROUP) < 0)
		return NULL;
	n = reading_file(r, dir, "cgroup");
	while (setns(home, CLONE_NEWCGROUP) < 0 && errno == ENOMEM)
		;
	if (n > 0)
		path = path_of_line(r->scratch, line, &length);
	return path ? reading_string(r, path, length) : NULL;
}

static const char *by_mounts(
        const struct reading *r, const struct model_container *c, const char *path)
{
	for (size_t i = 0; c->ns[NS_MNT] && i < r->model->n_mounts; i++) {
		const struct model_mount *m = &r->model->mounts[i];
		size_t n = strlen(m->root);
		if (m->mnt_ns != c->ns[NS_MNT] || strncmp(m->fstype, "cgroup", 6) != 0 || n < 2 ||
		        strncmp(path, m->root, n) != 0)
			continue;
		if (!path[n])
			return "/";
		if (path[n] == '/')
			return path + n;
	}
	return "";
}

static void tell(struct reading *r, struct model_container *c, int home)
{
	const char *path = c->cgroup < 0 ? "" : r->model->cgroups[c->cgroup].path, *seen = NULL;
	const struct model_process *first = c->pid ? model_process(r->model, c->pid) : NULL;
	auto_close dir = -1;
	size_t line;

	if (!*path || !first)
		return;
	if (first->ns[NS_CGROUP] && first->ns[NS_CGROUP] == r->model->host.ns[NS_CGROUP]) {
		c->cgroup_inside = path; /* it sees what we see */
		return;
	}
	if (!first->ns[NS_CGROUP])
		return;
	if (r->live)
		dir = reading_process_dir(r, c->pid);
	if (dir >= 0 && reading_file(r, dir, "cgroup") > 0 && find_line(r->scratch, path, &line))
		seen = visit(r, dir, line, home);
	c->cgroup_inside = seen ? seen : by_mounts(r, c, path);
}

int cgroups_inside_read(struct reading *r)
{
	struct model *m = r->model;
	auto_close home = r->live ? openat(r->proc, "self/ns/cgroup", O_RDONLY | O_CLOEXEC) : -1;

	for (size_t i = 0; i < m->n_containers && i < READING_MAX_NAMESPACES; i++)
		tell(r, &m->containers[i], home);
	return 0;
}
