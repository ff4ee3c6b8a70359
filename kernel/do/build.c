#include "kernel/do/build.h"

#include "kernel/do/bind_sources.h"
#include "kernel/do/cgroup/group.h"
#include "kernel/do/device_sources.h"
#include "kernel/do/network/network.h"

#include <sched.h>
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
	        .joiner = -1,
	        .joiner_pidfd = -1,
	        .device_tree = -1,
	};
	for (size_t i = 0; i < NAMESPACE_KINDS; i++)
		b->joined_fds[i] = -1;
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
	network_free(b->network);
	b->network = NULL;
	close_one(&b->start_fd);
	for (size_t i = 0; i < NAMESPACE_KINDS; i++)
		close_one(&b->joined_fds[i]);
	close_one(&b->joiner);
	close_one(&b->joiner_pidfd);
	bind_sources_close(b);
	device_sources_close(b);
}

unsigned long build_namespaces(const struct build *b)
{
	unsigned long flags = b->config->namespaces | config_joined(b->config);
	bool own_user = !(b->config->namespaces & CLONE_NEWUSER) && !b->old_user_namespace;

	return own_user ? flags & ~(unsigned long)CLONE_NEWUSER : flags;
}
