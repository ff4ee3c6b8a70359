/* Facts about daemons: who is connected to them, and whom they are connected to. */
#include "kernel/observe/query_fact.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

static bool is_daemon(const struct model *m, int process, const char *name, size_t n)
{
	for (size_t i = 0; i < m->n_daemons; i++)
		if (m->daemons[i].process == process && !strncmp(m->daemons[i].name, name, n) &&
		        !m->daemons[i].name[n])
			return true;
	return false;
}

/* Processes at the other end, each once: connections are sorted by who connected. `comm` NULL = of
 * whatever name. */
static size_t count_ends(
        const struct model *m, const char *name, size_t n, bool clients, const char *comm)
{
	size_t count = 0;

	for (size_t i = 0; i < m->n_connections; i++) {
		const struct model_connection *c = &m->connections[i];
		int own = clients ? c->to : c->from, other = clients ? c->from : c->to;
		bool again = false;

		if (own < 0 || other < 0 || !is_daemon(m, own, name, n) ||
		        (comm && strcmp(m->processes[other].comm, comm) != 0))
			continue;
		for (size_t k = 0; k < i && !again; k++) {
			const struct model_connection *d = &m->connections[k];
			int of = clients ? d->to : d->from;
			again = (clients ? d->from : d->to) == other && of >= 0 &&
			        is_daemon(m, of, name, n);
		}
		count += !again;
	}
	return count;
}

/* "NAME" or "NAME.ATTRIBUTE"; no daemon's name has a dot. */
int query_daemon(const struct model *m, const char *fact, struct buf *out)
{
	static const char *const words[] = {"servers", "clients"};
	size_t n = strcspn(fact, ".");
	const char *attribute = fact[n] ? fact + n + 1 : "";
	const struct model_daemon *d = NULL;

	if (!n)
		return -EINVAL;
	for (size_t i = 0; i < m->n_daemons && !d; i++)
		if (!strncmp(m->daemons[i].name, fact, n) && !m->daemons[i].name[n])
			d = &m->daemons[i];
	if (!fact[n]) {
		if (d)
			buf_addf(out, "%d", (int)m->processes[d->process].pid);
		return d ? 0 : -ENOENT;
	}
	for (int clients = 0; clients < 2; clients++) {
		size_t len = strlen(words[clients]);
		const char *comm = attribute + len + 1;
		size_t count;

		if (strncmp(attribute, words[clients], len) != 0 ||
		        (attribute[len] && (attribute[len] != '.' || !*comm)))
			continue;
		if (!d)
			return -ENOENT;
		count = count_ends(m, fact, n, clients, attribute[len] ? comm : NULL);
		buf_addf(out, "%zu", count);
		return 0;
	}
	return -EINVAL;
}

void query_daemon_list(const struct model *m, struct buf *out)
{
	for (size_t i = 0; i < m->n_daemons; i++) {
		const char *name = m->daemons[i].name;
		if (strchr(name, '.') || (i && !strcmp(name, m->daemons[i - 1].name)))
			continue;
		buf_addf(
		        out, "daemon.%s\ndaemon.%s.clients\ndaemon.%s.servers\n", name, name, name);
	}
}
