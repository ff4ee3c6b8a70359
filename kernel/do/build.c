#include "kernel/do/build.h"

#include "kernel/do/group.h"

#include <stdlib.h>
#include <unistd.h>

void build_init(struct build *b)
{
	*b = (struct build){
	        .stdio = {0, 1, 2},
	        .pidfd = -1,
	        .control = -1,
	        .root_fd = -1,
	        .console_fd = -1,
	        .child_control = -1,
	        .slave_fd = -1,
	        .start_fd = -1,
	};
}

static void close_one(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void build_release(struct build *b)
{
	for (size_t i = 0; i < b->n_cgroup_fds; i++)
		close_one(&b->cgroup_fds[i]);
	b->n_cgroup_fds = 0;
	close_one(&b->pidfd);
	close_one(&b->control);
	close_one(&b->root_fd);
	close_one(&b->console_fd);
	close_one(&b->child_control);
	free(b->filter.filter);
	b->filter = (struct sock_fprog){0};
	for (size_t i = 0; b->programs && b->programs[i]; i++)
		free(b->programs[i]);
	free(b->programs);
	b->programs = NULL;
	cgroup_free(b->cgroup);
	b->cgroup = NULL;
	group_free(b->group);
	b->group = NULL;
	close_one(&b->start_fd);
}
