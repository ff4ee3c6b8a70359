#include "kernel/do/cgroup/directories.h"

#include "kernel/base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void directories_add(struct directories *d, const char *path, bool v2)
{
	if (!path || d->n == BUILD_CGROUP_FDS)
		return;
	for (size_t i = 0; i < d->n; i++)
		if (!strcmp(d->paths[i], path))
			return;
	d->v2[d->n] = v2;
	d->paths[d->n++] = path;
}

void directories_explain(const struct directories *d, struct explanation *e)
{
	for (size_t i = 0; i < d->n; i++) {
		buf_addf(&e->call, "%smkdir(\"%s\", 0755)", i ? "\n" : "", d->paths[i]);
		buf_addf(&e->shell, "%smkdir -p %s", i ? "\n" : "", d->paths[i]);
	}
}

void directories_explain_join(const struct directories *d, pid_t pid, struct explanation *e)
{
	for (size_t i = 0; i < d->n; i++) {
		buf_addf(&e->call, "%swrite(\"%s/%s\", \"0\")", i ? "\n" : "", d->paths[i],
		        d->v2[i] ? "cgroup.procs" : "tasks");
		buf_addf(&e->shell, "%secho ", i ? "\n" : "");
		if (pid)
			buf_addf(&e->shell, "%d", (int)pid);
		else
			buf_add(&e->shell, "PID");
		buf_addf(&e->shell, " > %s/cgroup.procs", d->paths[i]);
	}
	buf_add(&e->why, "It enters the group (0 means: me), and all that it will start is born "
	                 "in there.");
}

int directories_verify(
        const struct directories *d, const struct step *s, struct buf *seen, struct error *err)
{
	for (size_t i = 0; i < d->n; i++) {
		if (access(d->paths[i], F_OK) < 0)
			return step_unverified(s, err, d->paths[i], "is not there");
		buf_addf(seen, "%s exists\n", d->paths[i]);
	}
	return 0;
}

static int open_in(const char *directory, const char *name)
{
	char path[PATH_MAX];
	int fd;

	if (snprintf(path, sizeof path, "%s/%s", directory, name) >= (int)sizeof path)
		return -ENAMETOOLONG;
	fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	return fd < 0 ? -errno : fd;
}

int directories_open_join(const char *const *paths, size_t n, struct build *b, struct error *err)
{
	b->n_cgroup_fds = 0;
	for (size_t i = 0; i < n && i < BUILD_CGROUP_FDS; i++) {
		/* On version 1 `tasks` and not `cgroup.procs`: a task that moves only itself,
		 * written as "0", spares the kernel the lock over all threads of all processes,
		 * which takes milliseconds to get (kernel/cgroup/cgroup.c,
		 * cgroup_procs_write_start). */
		int fd = open_in(paths[i], "tasks");
		if (fd == -ENOENT)
			fd = open_in(paths[i], "cgroup.procs");
		if (fd < 0)
			return error_set(err, -fd, "join control group", paths[i], NULL);
		b->cgroup_fds[b->n_cgroup_fds++] = fd;
	}
	return 0;
}

void directories_close_join(struct build *b)
{
	for (size_t i = 0; i < b->n_cgroup_fds; i++)
		cleanup_fd(&b->cgroup_fds[i]);
	b->n_cgroup_fds = 0;
}

int directories_join(const struct build *b, const struct directories *d, struct child_error *fail)
{
	for (size_t i = 0; i < b->n_cgroup_fds; i++)
		if (write(b->cgroup_fds[i], "0", 1) < 0)
			return child_fail(fail, errno, "write 0 to tasks or cgroup.procs of",
			        d ? d->paths[i] : "the control group");
	return 0;
}
