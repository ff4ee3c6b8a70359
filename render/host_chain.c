/* What stands around engines in user space: whom a process is connected to, where images are from.
 */
#include "render/changes.h"
#include "render/host.h"

#include <string.h>

/* Of one process: names that are told, connections that are looked at. */
enum { SERVERS_MOST = 4, CONNECTIONS_MOST = 64 };

static const char *daemon_name(const struct model *m, int process)
{
	for (size_t i = 0; i < m->n_daemons; i++)
		if (m->daemons[i].process == process)
			return m->daemons[i].name;
	return NULL;
}

/* The first connection of a process: they are sorted by who connected. */
static size_t first_connection(const struct model *m, int process)
{
	size_t low = 0, high = m->n_connections;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (m->connections[middle].from < process)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* "┄▶ dockerd": the daemons that a process is connected to, each name once. */
void host_add_servers(const struct host *h, struct card_line *l, int process)
{
	const struct model *m = h->now;
	const char *names[SERVERS_MOST], *text = "";
	enum scene_mark mark = MARK_NONE;
	size_t n = 0, looked = 0;

	for (size_t i = first_connection(m, process);
	        i < m->n_connections && m->connections[i].from == process &&
	        looked++ < CONNECTIONS_MOST;
	        i++) {
		const char *name = daemon_name(m, m->connections[i].to);
		size_t k = 0;

		while (name && k < n && strcmp(names[k], name) != 0)
			k++;
		if (!name || k == SERVERS_MOST)
			continue;
		if (mark_connection(h->before, m, &m->connections[i]) != MARK_NONE)
			mark = MARK_CHANGED;
		if (k == n)
			text = scene_format(
			        h->s, "%s%s%s", text, n ? ", " : "┄▶ ", scene_clean(h->s, name));
		if (k == n)
			names[n++] = name;
	}
	if (*text)
		card_add(l, text, SCENE_DIM, mark);
}

/* An image that was pulled is kept under its full name. One that was made here has a registry only
 * because a short name is completed with it: it was never there. */
static bool is_from(const struct model_image *i, const char *registry)
{
	size_t n = strlen(registry);

	return n && !strcmp(i->registry, registry) && !strncmp(i->name, registry, n) &&
	       i->name[n] == '/';
}

/* Where images are from: the registries in the names of those that are here, and servers of images
 * that run on this machine. */
void host_registries_card(const struct host *h, struct card *c)
{
	const struct model *m = h->now;

	*c = (struct card){
	        .id = "registries", .title = "registries", .role = SCENE_LAYER, .liked = 4};
	for (size_t i = 0; i < m->n_daemons; i++) {
		const struct model_daemon *d = &m->daemons[i];
		struct card_line *l;
		if (strcmp(d->name, "registry") != 0)
			continue;
		l = card_line(h->s, c);
		card_add(l, "runs here", SCENE_DAEMON, MARK_NONE);
		card_add(l, scene_format(h->s, "%d", (int)m->processes[d->process].pid), SCENE_DIM,
		        mark_process(h->before, &m->processes[d->process]));
	}
	for (size_t i = 0; i < m->n_images; i++) {
		size_t n = 0, first = i;
		struct card_line *l;
		if (!is_from(&m->images[i], m->images[i].registry))
			continue;
		for (size_t k = 0; k < m->n_images; k++)
			if (is_from(&m->images[k], m->images[i].registry)) {
				first = k < first ? k : first;
				n++;
			}
		if (first < i)
			continue;
		l = card_line(h->s, c);
		card_add(l, scene_clean(h->s, m->images[i].registry), SCENE_LAYER, MARK_NONE);
		card_add(l, scene_format(h->s, "%zu image%s", n, n == 1 ? "" : "s"), SCENE_DIM,
		        MARK_NONE);
	}
}
