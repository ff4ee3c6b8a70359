/* What each process is, for who draws it: containerized before daemon (that one is set already)
 * before lab before regular. */
#include "kernel/observe/reading.h"

#include <stdbool.h>
#include <string.h>

/* "cutaway", "cutaway-monitor", "cutaway-oci"; "ct" is short for the first. */
bool roles_know(const char *comm)
{
	static const char name[] = "cutaway";
	const size_t n = sizeof name - 1;

	return !strcmp(comm, "ct") || (!strncmp(comm, name, n) && (!comm[n] || comm[n] == '-'));
}

/* True when it is a child of one that comes later: its number is below its parent's. Most of
 * thousands are regular processes of the host, whose rows need not be looked at. */
static bool assign(struct reading *r, size_t i)
{
	struct model *m = r->model;
	struct model_process *p = &m->processes[i];
	struct process_extra *extra = &r->extra[i];
	const int parent = extra->parent;
	const bool of_lab = extra->named_ours || (parent >= 0 && r->extra[parent].special &&
	                                                 m->processes[parent].role == ROLE_LAB);
	const bool apart = ns_set_is_apart(&r->ns_sets->all[extra->ns_set], NS_PID) ||
	                   (m->n_containers && p->container >= 0);

	if (apart || of_lab || extra->named_daemon || i == 0) {
		if (p->role == ROLE_KERNEL_THREAD)
			return false;
		if (apart)
			p->role = ROLE_CONTAINERIZED;
		else if (of_lab && p->role == ROLE_REGULAR)
			p->role = ROLE_LAB;
		extra->special = p->role == ROLE_LAB || p->role == ROLE_CONTAINERIZED;
		extra->speaks = p->role == ROLE_LAB || p->role == ROLE_DAEMON;
	}
	extra->speaks |= extra->named_client;
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
