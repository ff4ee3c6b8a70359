/* What each process is, for who draws it: containerized before daemon (that one is set already)
 * before lab before regular. */
#include "kernel/observe/reading.h"

#include <stdbool.h>
#include <string.h>

static bool is_apart(const struct model *m, const struct model_process *p, enum ns_type type)
{
	return p->ns[type] && p->ns[type] != m->host.ns[type];
}

/* "cutaway", "cutaway-monitor", "cutaway-oci"; "ct" is short for the first. */
static bool is_our_program(const struct model_process *p)
{
	static const char name[] = "cutaway";
	const size_t n = sizeof name - 1;

	if (p->comm[0] != 'c') /* asked of thousands */
		return false;
	return !strcmp(p->comm, "ct") ||
	       (!strncmp(p->comm, name, n) && (!p->comm[n] || p->comm[n] == '-'));
}

/* True when it is a child of one that comes later: its number is below its parent's. */
static bool assign(struct reading *r, size_t i)
{
	struct model *m = r->model;
	struct model_process *p = &m->processes[i];
	int parent = r->extra[i].parent;

	if (p->role == ROLE_KERNEL_THREAD)
		return false;
	if (p->container >= 0 || is_apart(m, p, NS_PID))
		p->role = ROLE_CONTAINERIZED;
	else if (p->role == ROLE_REGULAR &&
	         (is_our_program(p) || (parent >= 0 && m->processes[parent].role == ROLE_LAB)))
		p->role = ROLE_LAB;
	return parent > (int)i;
}

void roles_assign(struct reading *r)
{
	const struct model *m = r->model;
	bool again = false;

	for (size_t i = 0; i < m->n_processes; i++)
		again |= assign(r, i);
	for (size_t i = 0; again && i < m->n_processes; i++)
		assign(r, i);
}
