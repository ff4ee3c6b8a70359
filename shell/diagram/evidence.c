#include "shell/diagram/evidence.h"

#include <string.h>

enum { COMM_MOST = 15 }; /* bytes of a process's name that the kernel keeps, proc(5) */

static bool is_container(const struct diagram_part_rule *part)
{
	return !strcmp(part->name, "container");
}

bool evidence_is_part(
        const struct model *m, const struct model_process *p, const struct diagram_part_rule *part)
{
	const struct model_process *parent;

	if (p->role == ROLE_CONTAINERIZED || p->container >= 0) {
		/* Only the first one of it: its parent is outside. */
		parent = model_process(m, p->ppid);
		return is_container(part) &&
		       (!parent || (parent->role != ROLE_CONTAINERIZED && parent->container < 0));
	}
	if (p->role == ROLE_KERNEL_THREAD)
		return false;
	for (size_t i = 0; i < part->comm.n; i++)
		if (!strncmp(p->comm, part->comm.texts[i], COMM_MOST))
			return true;
	return false;
}

/* The next process of a part from index `at`; NULL = no more. */
static const struct model_process *next(
        const struct model *m, const struct diagram_part_rule *part, size_t *at)
{
	while (*at < m->n_processes) {
		const struct model_process *p = &m->processes[(*at)++];
		if (evidence_is_part(m, p, part))
			return p;
	}
	return NULL;
}

static const struct model_process *first(
        const struct model *m, const struct diagram_part_rule *part)
{
	size_t at = 0;

	return next(m, part, &at);
}

static void add_process(struct buf *said, const struct model_process *p)
{
	buf_addf(said, "pid %d (%s)", p->pid, p->comm);
}

static bool adopts(
        const struct model *m, const struct diagram_rules *r, const struct model_process *parent)
{
	static const char *const names[] = {"shim", "conmon", "systemd"};

	if (parent->pid == 1)
		return true;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		ssize_t part = diagram_part_named(r, names[i]);
		if (part >= 0 && evidence_is_part(m, parent, &r->parts[part]))
			return true;
	}
	return false;
}

/* Whose child a process of `to` is: of `from`, else of the last one found. */
static bool find_child(const struct model *m, const struct diagram_part_rule *from,
        const struct diagram_part_rule *to, const struct model_process **ret_child,
        const struct model_process **ret_parent)
{
	const struct model_process *p;
	size_t at = 0;

	while ((p = next(m, to, &at))) {
		const struct model_process *parent = model_process(m, p->ppid);

		if (!parent)
			continue;
		*ret_child = p;
		*ret_parent = parent;
		if (evidence_is_part(m, parent, from))
			return true;
	}
	return false;
}

static void say_parent(
        struct buf *said, const struct model_process *child, const struct model_process *parent)
{
	add_process(said, child);
	buf_add(said, " is a child of ");
	add_process(said, parent);
}

/* Whether each of `to` was there before each of `from`. */
static bool is_older(const struct model *m, const struct diagram_part_rule *to,
        const struct diagram_part_rule *from)
{
	uint64_t youngest = 0, oldest = UINT64_MAX;
	const struct model_process *p;

	for (size_t at = 0; (p = next(m, to, &at));)
		youngest = p->start_time > youngest ? p->start_time : youngest;
	for (size_t at = 0; (p = next(m, from, &at));)
		oldest = p->start_time < oldest ? p->start_time : oldest;
	return youngest && youngest < oldest && oldest != UINT64_MAX;
}

enum evidence evidence_started(const struct diagram_rules *r, const struct model *m, size_t from,
        size_t to, bool doubted, struct buf *said)
{
	const struct diagram_part_rule *a = &r->parts[from], *b = &r->parts[to];
	const struct model_process *child = NULL, *parent = NULL;

	if (find_child(m, a, b, &child, &parent)) {
		say_parent(said, child, parent);
		return EVIDENCE_SEEN;
	}
	if (!child || !first(m, a))
		return EVIDENCE_NONE;
	if (doubted || !adopts(m, r, parent)) {
		say_parent(said, child, parent);
		return EVIDENCE_AGAINST;
	}
	if (is_older(m, b, a)) {
		add_process(said, child);
		buf_add(said, " was there before ");
		add_process(said, first(m, a));
		return EVIDENCE_AGAINST;
	}
	return EVIDENCE_NONE;
}

enum evidence evidence_parent(const struct diagram_rules *r, const struct model *m, size_t from,
        size_t to, struct buf *said)
{
	const struct model_process *child = NULL, *parent = NULL;
	bool seen = find_child(m, &r->parts[from], &r->parts[to], &child, &parent);

	if (!child || (!seen && !first(m, &r->parts[from])))
		return EVIDENCE_NONE;
	say_parent(said, child, parent);
	return seen ? EVIDENCE_SEEN : EVIDENCE_AGAINST;
}

static const struct model_connection *connection(const struct model *m,
        const struct diagram_part_rule *from, const struct diagram_part_rule *to)
{
	for (size_t i = 0; i < m->n_connections; i++) {
		const struct model_connection *c = &m->connections[i];

		if (c->from >= 0 && c->to >= 0 && c->from != c->to &&
		        evidence_is_part(m, &m->processes[c->from], from) &&
		        (!to || evidence_is_part(m, &m->processes[c->to], to)))
			return c;
	}
	return NULL;
}

static void say_connection(
        struct buf *said, const struct model *m, const struct model_connection *c)
{
	add_process(said, &m->processes[c->from]);
	buf_add(said, " is connected to ");
	add_process(said, &m->processes[c->to]);
	if (*c->socket)
		buf_addf(said, " over %s", c->socket);
}

enum evidence evidence_connected(const struct diagram_rules *r, const struct model *m, size_t from,
        size_t to, bool doubted, struct buf *said)
{
	const struct diagram_part_rule *a = &r->parts[from], *b = &r->parts[to];
	const struct model_connection *c = connection(m, a, b);

	if (c) {
		say_connection(said, m, c);
		return EVIDENCE_SEEN;
	}
	c = connection(m, b, a);
	if (!c && doubted && first(m, b))
		c = connection(m, a, NULL);
	if (!c)
		return EVIDENCE_NONE;
	say_connection(said, m, c);
	return EVIDENCE_AGAINST;
}
