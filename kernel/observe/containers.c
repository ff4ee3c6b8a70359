/* Containers: ours, then everybody's, and which process belongs to which.
 *
 * The kernel knows no containers. A process belongs to one because it shares its pid namespace,
 * stands in its control group, or descends from its first process. */
#include "kernel/observe/reading.h"

#include "kernel/base/cleanup.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct container_draft *container_list_add(struct container_list *l)
{
	struct container_draft *draft;

	if (l->n == l->room) {
		size_t room = l->room ? l->room * 2 : 16;
		struct container_draft *all = reallocarray(l->all, room, sizeof *all);
		if (!all)
			return NULL;
		l->all = all;
		l->room = room;
	}
	draft = &l->all[l->n++];
	*draft = (struct container_draft){.container = {.name = "",
	                                          .image = "",
	                                          .command = "",
	                                          .exit_code = -1,
	                                          .hostname = "",
	                                          .uid_map = "",
	                                          .gid_map = "",
	                                          .cgroup = -1,
	                                          .cgroup_inside = "",
	                                          .upper = "",
	                                          .ports = "",
	                                          .rootfs = ""}};
	return draft;
}

/* "         0     100000      65536" a line becomes "0 100000 65536", lines joined by ", ". */
const char *reading_id_map(struct reading *r, int dir, const char *file)
{
	long n = reading_file(r, dir, file);
	auto_buf text = BUF_INIT;
	bool word = false;

	for (long i = 0; i < n; i++) {
		char c = r->scratch[i];
		if (c == '\n' && i + 1 < n)
			buf_add(&text, ", ");
		else if (c >= '0' && c <= '9') {
			if (!word && text.len && text.data[text.len - 1] != ' ')
				buf_addc(&text, ' ');
			buf_addc(&text, c);
		}
		word = c >= '0' && c <= '9';
	}
	return reading_string(r, buf_text(&text), text.len);
}

/* A container under construction is a fork of its monitor: what it still shares with the monitor
 * or with the host is not its own. */
void container_describe(
        struct reading *r, struct container_draft *draft, const struct model_process *first)
{
	struct model_container *c = &draft->container;
	const struct model *m = r->model;
	const struct model_process *monitor =
	        draft->monitor ? model_process(m, draft->monitor) : NULL;
	auto_close dir = reading_process_dir(r, first->pid);

	c->pid = first->pid;
	c->start_time = first->start_time;
	for (int t = 0; t < NS_COUNT; t++)
		if (first->ns[t] != m->host.ns[t] && (!monitor || first->ns[t] != monitor->ns[t]))
			c->ns[t] = first->ns[t];
	if (dir >= 0) {
		c->uid_map = reading_id_map(r, dir, "uid_map");
		c->gid_map = reading_id_map(r, dir, "gid_map");
	}
}

/* Whether process `p` is in the container whose first process is c->pid, by itself. */
static bool is_member(const struct container_draft *draft, const struct model_process *p)
{
	const struct model_container *c = &draft->container;

	if (!c->pid || p->pid == draft->monitor)
		return false;
	return p->pid == c->pid || (c->ns[NS_PID] && p->ns[NS_PID] == c->ns[NS_PID]) ||
	       (c->cgroup >= 0 && p->cgroup == c->cgroup);
}

static void mark_members(struct reading *r, const struct container_list *l)
{
	struct model *m = r->model;
	bool again = l->n > 0;

	for (size_t i = 0; again && i < m->n_processes; i++)
		for (size_t k = 0; k < l->n && m->processes[i].container < 0; k++)
			if (is_member(&l->all[k], &m->processes[i]))
				m->processes[i].container = (int)k;
	/* Children mostly have higher numbers than their parents, so one pass reaches nearly all
	 * descendants; where numbers wrapped around it takes another. */
	for (int pass = 0; again && pass < 32; pass++) {
		again = false;
		for (size_t i = 0; i < m->n_processes; i++) {
			struct model_process *p = &m->processes[i];
			int parent = r->extra[i].parent;
			if (p->container < 0 && parent >= 0 &&
			        m->processes[parent].container >= 0) {
				p->container = m->processes[parent].container;
				again = true;
			}
		}
	}
}

static int by_name(const void *a, const void *b)
{
	const struct container_draft *x = *(const struct container_draft *const *)a;
	const struct container_draft *y = *(const struct container_draft *const *)b;
	int order = strcmp(x->container.name, y->container.name);

	return order ? order
	             : (x->container.pid > y->container.pid) -
	                       (x->container.pid < y->container.pid);
}

/* Into the model, by name; processes follow. */
static int publish(struct reading *r, struct container_list *l)
{
	struct model *m = r->model;
	auto_free struct container_draft **order = calloc(l->n + 1, sizeof(void *));
	auto_free int *to = calloc(l->n + 1, sizeof *to);

	m->containers = arena_alloc(&m->arena, (l->n + 1) * sizeof *m->containers);
	if (!order || !to || !m->containers)
		return -ENOMEM;
	for (size_t i = 0; i < l->n; i++)
		order[i] = &l->all[i];
	qsort(order, l->n, sizeof *order, by_name);
	for (size_t i = 0; i < l->n; i++) {
		m->containers[i] = order[i]->container;
		to[order[i] - l->all] = (int)i;
	}
	m->n_containers = l->n;
	for (size_t i = 0; l->n && i < m->n_processes; i++) {
		struct model_process *p = &m->processes[i];
		if (p->container < 0)
			continue;
		p->container = to[p->container];
		m->containers[p->container].processes++;
	}
	return 0;
}

int containers_read(struct reading *r)
{
	struct container_list l = {0};
	int result = container_states_read(r, &l);

	if (result == 0) {
		mark_members(r, &l);
		result = foreign_find(r, &l);
	}
	if (result == 0)
		result = publish(r, &l);
	free(l.all);
	return result;
}
