#include "kernel/observe/model.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const ns_names[NS_COUNT] = {
        [NS_USER] = "user",
        [NS_PID] = "pid",
        [NS_MNT] = "mnt",
        [NS_UTS] = "uts",
        [NS_IPC] = "ipc",
        [NS_NET] = "net",
        [NS_CGROUP] = "cgroup",
        [NS_TIME] = "time",
};

const char *model_status_name(enum container_status status)
{
	static const char *const names[] = {
	        [CONTAINER_PLANNED] = "planned",
	        [CONTAINER_BUILDING] = "building",
	        [CONTAINER_RUNNING] = "running",
	        [CONTAINER_EXITED] = "exited",
	        [CONTAINER_FOREIGN] = "foreign",
	};

	return names[status];
}

struct model *model_new(void)
{
	struct model *m = calloc(1, sizeof *m);

	if (m)
		m->suffix = m->host.hostname = m->host.kernel = m->host.machine =
		        m->host.cgroup_mode = "";
	return m;
}

void model_free(struct model *m)
{
	if (!m)
		return;
	arena_release(&m->arena);
	free(m);
}

const struct model_process *model_process(const struct model *m, pid_t pid)
{
	size_t low = 0, high = m->n_processes;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (m->processes[middle].pid == pid)
			return &m->processes[middle];
		if (m->processes[middle].pid < pid)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* By halves in what is sorted by a text: a picture asks for each of a thousand. Returns `n` when it
 * is not found that way. */
static size_t find_sorted(const void *all, size_t n, size_t size, size_t text, const char *wanted)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const char *at;
		int order;

		memcpy(&at, (const char *)all + middle * size + text, sizeof at);
		order = strcmp(at, wanted);
		if (!order)
			return middle;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return n;
}

const struct model_container *model_container(const struct model *m, const char *name)
{
	size_t found = find_sorted(m->containers, m->n_containers, sizeof *m->containers,
	        offsetof(struct model_container, name), name);

	if (found < m->n_containers && (!found || strcmp(m->containers[found - 1].name, name) != 0))
		return &m->containers[found];
	for (size_t i = 0; i < m->n_containers; i++)
		if (!strcmp(m->containers[i].name, name))
			return &m->containers[i];
	return NULL;
}

const struct model_namespace *model_namespace(
        const struct model *m, enum ns_type type, uint64_t inode)
{
	for (size_t i = 0; i < m->n_namespaces; i++)
		if (m->namespaces[i].type == type && m->namespaces[i].inode == inode)
			return &m->namespaces[i];
	return NULL;
}

const struct model_cgroup *model_cgroup(const struct model *m, const char *path)
{
	size_t found = find_sorted(m->cgroups, m->n_cgroups, sizeof *m->cgroups,
	        offsetof(struct model_cgroup, path), path);

	if (found < m->n_cgroups)
		return &m->cgroups[found];
	for (size_t i = 0; i < m->n_cgroups; i++)
		if (!strcmp(m->cgroups[i].path, path))
			return &m->cgroups[i];
	return NULL;
}

const struct model_link *model_link(const struct model *m, uint64_t net_ns, int index)
{
	for (size_t i = 0; index && i < m->n_links; i++)
		if (m->links[i].net_ns == net_ns && m->links[i].index == index)
			return &m->links[i];
	return NULL;
}

const struct model_link *model_link_peer(const struct model *m, const struct model_link *link)
{
	if (link->peer_ns)
		return model_link(m, link->peer_ns, link->peer);
	for (size_t i = 0; link->index && i < m->n_links; i++)
		if (m->links[i].peer_ns == link->net_ns && m->links[i].peer == link->index)
			return &m->links[i];
	return NULL;
}

const struct model_image *model_image(const struct model *m, const char *name)
{
	static const char latest[] = ":latest";
	size_t n = strlen(name);

	for (size_t i = 0; *name && i < m->n_images; i++)
		if (!strcmp(m->images[i].name, name))
			return &m->images[i];
	for (size_t i = 0; *name && i < m->n_images; i++)
		if (!strncmp(m->images[i].name, name, n) && !strcmp(m->images[i].name + n, latest))
			return &m->images[i];
	return NULL;
}

/* Layers are unpacked as …/layers/HEX or, for other owners, …/layers/HEX.UID. */
const struct model_layer *model_layer_in(const struct model *m, const char *directory)
{
	const char *slash = strrchr(directory, '/'), *name = slash ? slash + 1 : directory;
	size_t n = strcspn(name, ".");

	for (size_t i = 0; n && i < m->n_layers; i++) {
		const char *colon = strchr(m->layers[i].diff_id, ':');
		if (colon && strlen(colon + 1) == n && !strncmp(colon + 1, name, n))
			return &m->layers[i];
	}
	return NULL;
}

bool model_made_from(
        const struct model *m, const struct model_container *c, const struct model_image *i)
{
	if (!c->n_layers || c->n_layers != i->n_layers)
		return false;
	for (size_t k = 0; k < c->n_layers; k++) /* the container has its topmost first */
		if (model_layer_in(m, c->layers[k]) != &m->layers[i->layers[i->n_layers - 1 - k]])
			return false;
	return true;
}

const char *model_change_name(enum change_kind kind)
{
	static const char *const names[] = {
	        [CHANGE_ADDED] = "added",
	        [CHANGE_CHANGED] = "changed",
	        [CHANGE_REMOVED] = "removed",
	};

	return names[kind];
}

int64_t model_map_inside(const char *map, int64_t outside)
{
	while (map && *map) {
		long inside, from, count;

		if (sscanf(map, "%ld %ld %ld", &inside, &from, &count) == 3 && outside >= from &&
		        outside - from < count)
			return inside + (outside - from);
		map = strchr(map, ',');
		if (map)
			map++;
	}
	return -1;
}

bool model_listener_is_passing(const struct model_listener *l)
{
	enum { GIVEN_LEAST = 32768 }; /* ip(7), ip_local_port_range, as it is by default */

	return !strcmp(l->protocol, "udp") && l->port >= GIVEN_LEAST;
}
