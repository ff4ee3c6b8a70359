#include "kernel/watch/connections.h"

#include "kernel/base/cleanup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void connection_free(struct connection *c)
{
	if (c)
		wire_free(c->wire);
	free(c);
}

struct connection *connections_find(struct connections *all, uint64_t inode, int *ret_side)
{
	for (size_t i = 0; i < all->n; i++)
		for (int side = 0; side < 2; side++)
			if (all->all[i]->inode[side] == inode) {
				*ret_side = side;
				return all->all[i];
			}
	return NULL;
}

/* Of TCP the two names tell: one's own is the other's. */
static struct connection *find_names(struct connections *all, const struct endpoint *e)
{
	for (size_t i = 0; i < all->n; i++) {
		struct connection *c = all->all[i];
		if (!c->inode[1] && *e->own && *e->other && !strcmp(c->end.own, e->other) &&
		        !strcmp(c->end.other, e->own))
			return c;
	}
	return NULL;
}

static struct connection *add(struct connections *all)
{
	struct connection *c = calloc(1, sizeof *c);
	size_t slot = all->n;

	if (!c)
		return NULL;
	if (all->n < CONNECTIONS) {
		all->n++;
	} else {
		slot = 0;
		for (size_t i = 1; i < CONNECTIONS; i++)
			if (all->all[i]->used < all->all[slot]->used)
				slot = i;
		connection_free(all->all[slot]);
	}
	all->all[slot] = c;
	return c;
}

/* Where it leads to: who speaks first has connected. */
static void name_it(struct connection *c, bool writes)
{
	const char *first = writes ? c->end.other : c->end.own;
	const char *second = writes ? c->end.own : c->end.other;

	snprintf(c->name, sizeof c->name, "%s", *first ? first : second);
}

static void look(struct connections *all, pid_t pid, int fd, uint64_t inode, struct endpoint *ret)
{
	if (!all->asked_diag) {
		all->asked_diag = true;
		all->diag = endpoint_diag();
	}
	endpoint_look(pid, fd, inode, all->diag, ret);
}

static struct connection *begin(struct connections *all, const struct endpoint *end, uint64_t inode,
        bool writes, int *ret_side)
{
	struct connection *c;
	bool stream = end->stream;

	c = stream && end->peer_inode ? connections_find(all, end->peer_inode, ret_side) : NULL;
	if (!c && stream && !end->peer_inode) {
		c = find_names(all, end);
		*ret_side = 0;
	}
	if (c) { /* the other end of one that is known */
		*ret_side = !*ret_side;
		c->inode[*ret_side] = inode;
		c->creator[!*ret_side] = end->peer;
		return c;
	}
	c = add(all);
	*ret_side = 0;
	if (!c)
		return NULL;
	c->inode[0] = inode;
	c->deaf = !stream;
	if (!stream)
		return c;
	c->end = *end;
	c->inode[1] = end->peer_inode;
	c->creator[1] = end->peer;
	name_it(c, writes);
	return c;
}

struct connection *connections_get(
        struct connections *all, const struct connection_user *user, bool writes, int *ret_side)
{
	int side = 0;
	struct connection *c = connections_find(all, user->inode, &side);
	struct endpoint end;

	if (!c && !user->end)
		look(all, user->pid, user->fd, user->inode, &end);
	if (!c)
		c = begin(all, user->end ? user->end : &end, user->inode, writes, &side);
	if (!c)
		return NULL;
	c->pid[side] = user->pid;
	c->used = ++all->used;
	*ret_side = side;
	return c;
}

bool connections_await(const struct connections *all, pid_t pid)
{
	for (size_t i = 0; i < all->n; i++)
		for (int side = 0; side < 2; side++)
			if (all->all[i]->awaits[side] && all->all[i]->pid[side] == pid)
				return true;
	return false;
}

pid_t connection_holder(const struct connection *c, int side)
{
	char path[64];

	if (c->pid[side] || c->creator[side] <= 0)
		return c->pid[side];
	snprintf(path, sizeof path, "/proc/%d", (int)c->creator[side]);
	return access(path, F_OK) == 0 ? c->creator[side] : 0;
}

void connections_release(struct connections *all)
{
	for (size_t i = 0; i < all->n; i++)
		connection_free(all->all[i]);
	if (all->asked_diag)
		cleanup_fd(&all->diag);
	*all = (struct connections){0};
}
