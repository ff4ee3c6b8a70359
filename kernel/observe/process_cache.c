#include "kernel/observe/process_cache.h"

#include "kernel/base/cleanup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
	SPECIAL_MOST = 128, /* that are looked at each time though nobody told of them */
	SLICE = 2,          /* of all others */
	UNTOLD_SLICE = 16,  /* where nobody tells */
	SETS_MOST = 8192,   /* of namespaces; most of them are of processes that are gone */
	YOUNG_S = 5,        /* and so long a process may become another program */
	MOVES_MOST = 16,    /* rows that come or go one by one; more of them are kept anew */
};

/* What is asked of each row each time: apart from the rows, so that these are looked at only when
 * they are copied. */
struct key {
	pid_t pid, ppid;
	bool special; /* the kernel does not tell of all that it does */
	bool stale;   /* to be read again now */
};

struct kept {
	struct model_process row; /* without its strings */
	struct process_extra extra;
	size_t comm, cmdline; /* where they begin in the text */
	int group;            /* index into groups; -1 = none */
};

struct process_cache {
	struct key *keys; /* of each of `all` */
	struct kept *all;
	size_t n, room;
	struct buf text;
	char **groups;
	size_t n_groups;
	int *to; /* of the reading under way: the index there of each group; -1 = not asked yet */
	const char *strings; /* and the text in its model */
	size_t turn;         /* where the slice begins */
	size_t needed;       /* bytes of text when all of it was kept anew */
	bool merged;         /* the table under way was begun with what is kept */
};

struct process_cache *process_cache_new(void)
{
	return calloc(1, sizeof(struct process_cache));
}

static void forget_groups(struct process_cache *c)
{
	for (size_t i = 0; i < c->n_groups; i++)
		free(c->groups[i]);
	free(c->groups);
	free(c->to);
	c->groups = NULL;
	c->to = NULL;
	c->n_groups = 0;
}

static void forget(struct process_cache *c)
{
	forget_groups(c);
	buf_release(&c->text);
	c->n = 0;
}

void process_cache_free(struct process_cache *c)
{
	if (!c)
		return;
	forget(c);
	free(c->keys);
	free(c->all);
	free(c);
}

/* The index of a path in our own list, which is short; -2 without memory. */
static int keep_group(struct process_cache *c, const char *path)
{
	char **groups;
	int *to;

	for (size_t i = c->n_groups; i-- > 0;)
		if (!strcmp(c->groups[i], path))
			return (int)i;
	groups = reallocarray(c->groups, c->n_groups + 1, sizeof(*groups));
	if (groups)
		c->groups = groups;
	to = reallocarray(c->to, c->n_groups + 1, sizeof(*to));
	if (to)
		c->to = to;
	if (!groups || !to || !(groups[c->n_groups] = strdup(path)))
		return -2;
	return (int)c->n_groups++;
}

static bool keep_row(struct process_cache *c, size_t i, const struct model_process *p,
        const struct process_extra *extra, const struct cgroup_table *groups)
{
	struct kept *k = &c->all[i];

	c->keys[i] = (struct key){.pid = p->pid, .ppid = p->ppid};
	*k = (struct kept){.row = *p, .extra = *extra, .group = -1};
	k->comm = c->text.len;
	buf_add_bytes(&c->text, p->comm, strlen(p->comm) + 1);
	k->cmdline = c->text.len;
	buf_add_bytes(&c->text, p->cmdline, strlen(p->cmdline) + 1);
	if (p->cgroup >= 0)
		k->group = keep_group(c, cgroup_table_path(groups, (size_t)p->cgroup));
	return k->group != -2 && !buf_failed(&c->text);
}

static bool make_room(struct process_cache *c, size_t n)
{
	size_t room = n + n / 4 + 64;
	void *all, *keys;

	if (n <= c->room)
		return true;
	all = reallocarray(c->all, room, sizeof *c->all);
	if (!all)
		return false;
	c->all = all;
	keys = reallocarray(c->keys, room, sizeof *c->keys);
	if (!keys)
		return false;
	c->keys = keys;
	c->room = room;
	return true;
}

static bool keep_all(
        struct process_cache *c, const struct process_table *t, const struct cgroup_table *groups)
{
	forget(c);
	if (!make_room(c, t->n))
		return false;
	for (; c->n < t->n; c->n++)
		if (!keep_row(c, c->n, &t->processes[c->n], &t->extra[c->n], groups))
			return false;
	c->needed = c->text.len;
	return true;
}

static void remove_row(struct process_cache *c, size_t i)
{
	const size_t behind = --c->n - i;

	memmove(&c->keys[i], &c->keys[i + 1], behind * sizeof *c->keys);
	memmove(&c->all[i], &c->all[i + 1], behind * sizeof *c->all);
}

static void insert_row(struct process_cache *c, size_t i)
{
	const size_t behind = c->n++ - i;

	memmove(&c->keys[i + 1], &c->keys[i], behind * sizeof *c->keys);
	memmove(&c->all[i + 1], &c->all[i], behind * sizeof *c->all);
}

/* The rows that were read again, in their places. Of the rest of the table nothing is looked at: it
 * came from here. False when too much moved for that. */
static bool keep_changed(
        struct process_cache *c, const struct process_table *t, const struct cgroup_table *groups)
{
	size_t moves = 0, i = 0, next = 0; /* next: of the fresh ones */

	if (!c->n || c->text.len > 2 * c->needed + 4096 || !make_room(c, c->n + MOVES_MOST))
		return false;
	while (i < c->n || next < t->n_fresh) { /* rows before `i` are those of the table */
		const bool stale = i < c->n && c->keys[i].stale;
		const size_t fresh = next < t->n_fresh ? t->fresh[next] : t->n;
		const pid_t pid = fresh < t->n ? t->processes[fresh].pid : 0;

		if (i < c->n && !stale && i < fresh) {
			i++;
			continue;
		}
		if (!(stale && i == fresh && c->keys[i].pid == pid) && ++moves > MOVES_MOST)
			return false;
		if (stale && (next == t->n_fresh || i < fresh ||
		                     c->keys[i].pid < pid)) { /* was not found again */
			remove_row(c, i);
			continue;
		}
		if (next == t->n_fresh || i != fresh)
			return false; /* the table was cut off */
		if (!stale || c->keys[i].pid != pid)
			insert_row(c, i);
		if (!keep_row(c, i, &t->processes[fresh], &t->extra[fresh], groups))
			return false;
		i++;
		next++;
	}
	return i == t->n;
}

void process_cache_keep(
        struct process_cache *c, const struct process_table *t, const struct cgroup_table *groups)
{
	bool kept = c->merged && keep_changed(c, t, groups);

	c->merged = false;
	if (!kept && !keep_all(c, t, groups))
		forget(c);
}

void process_cache_note(struct process_cache *c, const struct reading *r)
{
	for (size_t i = 0; i < c->n && c->n == r->model->n_processes; i++)
		c->keys[i].special = r->extra[i].special;
}

size_t process_cache_size(const struct process_cache *c)
{
	return c->n;
}

pid_t process_cache_pid(const struct process_cache *c, size_t i)
{
	return c->keys[i].pid;
}

bool process_cache_has(const struct process_cache *c, pid_t pid)
{
	size_t low = 0, high = c->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (c->keys[middle].pid < pid)
			low = middle + 1;
		else
			high = middle;
	}
	return low < c->n && c->keys[low].pid == pid;
}

static int by_number(const void *a, const void *b)
{
	const pid_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Those told of, and the children of one who ended: they have another parent now. */
static void mark_told(struct process_cache *c, const struct observer_changes *changes)
{
	pid_t sorted[CHANGES_MOST];
	bool orphan = false;
	size_t next = 0;

	memcpy(sorted, changes->pids, changes->n * sizeof *sorted);
	qsort(sorted, changes->n, sizeof *sorted, by_number);
	for (size_t i = 0; i < c->n; i++) {
		const pid_t pid = c->keys[i].pid, parent = c->keys[i].ppid;

		while (next < changes->n && sorted[next] < pid)
			next++;
		if (!i || parent != c->keys[i - 1].ppid) /* neighbours mostly are siblings */
			orphan = bsearch(&parent, sorted, changes->n, sizeof *sorted, by_number) !=
			         NULL;
		c->keys[i].stale = orphan || (next < changes->n && sorted[next] == pid);
	}
}

/* Clock ticks since boot, as processes remember when they began. */
static uint64_t ticks_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (uint64_t)now.tv_sec * (uint64_t)sysconf(_SC_CLK_TCK);
}

/* Those that are looked at each time, as far as there are not too many. */
static void mark_special(struct process_cache *c, bool untold)
{
	const uint64_t young = (uint64_t)YOUNG_S * (uint64_t)sysconf(_SC_CLK_TCK),
	               now = untold ? ticks_now() : 0;
	size_t special = 0;

	for (size_t i = c->n; i-- > 0 && special < SPECIAL_MOST;) {
		struct key *k = &c->keys[i];
		if (k->stale || !(k->special || (untold && c->all[i].row.start_time + young > now)))
			continue;
		k->stale = true;
		special++;
	}
}

bool process_cache_begin(struct process_cache *c, struct reading *r)
{
	size_t slice = r->changes && r->changes->untold ? UNTOLD_SLICE : SLICE;

	if (!c->n || !r->changes || r->changes->all || r->ns_sets->n > SETS_MOST)
		return false;
	c->strings = arena_alloc_unset(&r->model->arena, c->text.len + 1);
	if (!c->strings)
		return false;
	memcpy((char *)c->strings, c->text.data, c->text.len);
	for (size_t i = 0; i < c->n_groups; i++)
		c->to[i] = -1;
	mark_told(c, r->changes);
	mark_special(c, r->changes->untold);
	for (size_t i = 0; i < slice; i++) {
		if (c->turn >= c->n)
			c->turn = 0;
		c->keys[c->turn++].stale = true;
	}
	c->merged = true;
	return true;
}

size_t process_cache_run(const struct process_cache *c, size_t i, pid_t told)
{
	size_t end = i;

	while (end < c->n && !c->keys[end].stale && (!told || c->keys[end].pid < told))
		end++;
	return end - i;
}

static int group_in(const struct process_cache *c, struct reading *r, int group)
{
	if (group < 0)
		return -1;
	if (c->to[group] < 0)
		c->to[group] =
		        cgroup_table_add(r->cgroups, c->groups[group], strlen(c->groups[group]));
	return c->to[group];
}

void process_cache_take(const struct process_cache *c, struct reading *r, size_t i, size_t n,
        struct model_process *ret, struct process_extra *ret_extra)
{
	for (const struct kept *k = &c->all[i], *end = k + n; k < end; k++, ret++, ret_extra++) {
		*ret = k->row;
		*ret_extra = k->extra;
		ret->comm = c->strings + k->comm;
		ret->cmdline = c->strings + k->cmdline;
		ret->cgroup = group_in(c, r, k->group);
	}
}
