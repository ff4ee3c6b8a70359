/* A machine of any bytes: every string, number and index of the model is taken from them. What the
 * model promises (order, indices in range or -1) holds. For fuzzers; each includes it once. */
#pragma once

#include "kernel/observe/model.h"
#include "tests/fuzz/source.h"

enum { MOST = 200 };

static void namespaces(struct source *s, uint64_t ns[NS_COUNT])
{
	for (int t = 0; t < NS_COUNT; t++)
		ns[t] = byte(s) % 6; /* so that some are shared, and some not to be read */
}

static void add_processes(struct source *s, struct model *m)
{
	size_t n = byte(s) % MOST;
	struct model_process *all = array(&m->arena, n, sizeof *all);
	pid_t pid = 0;

	for (size_t i = 0; i < n; i++) {
		struct model_process *p = &all[i];
		pid += 1 + byte(s) % 5; /* by pid: the model promises it */
		p->pid = pid;
		p->ppid = byte(s);
		p->start_time = number(s);
		p->uid = (uid_t)number(s);
		p->comm = text(s, &m->arena);
		p->cmdline = text(s, &m->arena);
		namespaces(s, p->ns);
		p->ns_pid = (pid_t)number(s);
		p->ns_uid = (int64_t)number(s);
		p->cap_effective = number(s);
		p->cap_bounding = number(s);
		p->seccomp = byte(s) % 4;
		p->seccomp_filters = byte(s);
		p->no_new_privs = byte(s) & 1;
		p->state = "RSDZT?"[byte(s) % 6];
		p->role = (enum process_role)(byte(s) % (ROLE_LAB + 1));
		p->cgroup = index_of(s, m->n_cgroups);
		p->container = index_of(s, m->n_containers);
	}
	m->processes = all;
	m->n_processes = n;
}

static int by_path(const void *a, const void *b)
{
	return strcmp(
	        ((const struct model_cgroup *)a)->path, ((const struct model_cgroup *)b)->path);
}

/* What it uses and waits for; the looks before, the full number of them included. */
static void add_use(struct source *s, struct model *m, struct model_cgroup *g)
{
	size_t n = byte(s) % (MODEL_PAST + 1);
	struct model_use *past = array(&m->arena, n, sizeof *past);

	for (size_t i = 0; i < n; i++)
		past[i] = (struct model_use){number(s), number(s)};
	g->past = past;
	g->n_past = n;
	g->io_read = number(s);
	g->io_written = number(s);
	for (int i = 0; i < PRESSURE_COUNT; i++)
		g->pressure[i] = number(s);
	g->cpu_rate = number(s);
	g->io_rate = number(s);
}

static void add_cgroups(struct source *s, struct model *m)
{
	size_t n = byte(s) % 40;
	struct model_cgroup *all = array(&m->arena, n, sizeof *all);

	for (size_t i = 0; i < n; i++) {
		all[i].path = text(s, &m->arena);
		all[i].controllers = text(s, &m->arena);
		all[i].ours = byte(s) & 1;
		all[i].processes = byte(s);
		all[i].memory_current = number(s);
		all[i].memory_max = number(s);
		all[i].pids_current = number(s);
		all[i].pids_max = number(s);
		all[i].cpu_usage_us = number(s);
		all[i].cpu_quota_us = number(s);
		all[i].cpu_period_us = number(s);
		all[i].frozen = byte(s) & 1;
		add_use(s, m, &all[i]);
	}
	qsort(all, n, sizeof *all, by_path);
	m->cgroups = all;
	m->n_cgroups = n;
}

static int by_type(const void *a, const void *b)
{
	const struct model_namespace *x = a, *y = b;

	if (x->type != y->type)
		return x->type < y->type ? -1 : 1;
	return (x->inode > y->inode) - (x->inode < y->inode);
}

static void add_namespaces(struct source *s, struct model *m)
{
	size_t n = byte(s) % 40;
	struct model_namespace *all = array(&m->arena, n, sizeof *all);

	for (size_t i = 0; i < n; i++)
		all[i] = (struct model_namespace){(enum ns_type)(byte(s) % NS_COUNT), byte(s) % 6u,
		        byte(s) & 1, byte(s), byte(s)};
	qsort(all, n, sizeof *all, by_type);
	m->namespaces = all;
	m->n_namespaces = n;
}

static void add_network(struct source *s, struct model *m)
{
	size_t n = byte(s) % 60;
	struct model_link *links = array(&m->arena, n, sizeof *links);
	struct model_route *routes = array(&m->arena, 8, sizeof *routes);

	for (size_t i = 0; i < n; i++)
		links[i] = (struct model_link){byte(s) % 6u, byte(s) % 9, text(s, &m->arena),
		        text(s, &m->arena), text(s, &m->arena), byte(s) & 1, byte(s) % 9,
		        byte(s) % 6u, byte(s) % 9};
	m->links = links;
	m->n_links = n;
	for (n = 0; n < byte(s) % 8u; n++)
		routes[n] = (struct model_route){
		        byte(s) % 6u, text(s, &m->arena), text(s, &m->arena), text(s, &m->arena)};
	m->routes = routes;
	m->n_routes = n;
}

static void add_mounts(struct source *s, struct model *m)
{
	size_t n = byte(s) % 40;
	struct model_mount *all = array(&m->arena, n, sizeof *all);

	for (size_t i = 0; i < n; i++)
		all[i] = (struct model_mount){(int)number(s), (int)number(s), byte(s) % 6u,
		        text(s, &m->arena), text(s, &m->arena), text(s, &m->arena),
		        text(s, &m->arena), text(s, &m->arena), text(s, &m->arena), "private"};
	m->mounts = all;
	m->n_mounts = n;
}

static void add_images(struct source *s, struct model *m)
{
	size_t layers = byte(s) % 20, images = byte(s) % 10;

	m->layers = array(&m->arena, layers, sizeof *m->layers);
	m->images = array(&m->arena, images, sizeof *m->images);
	for (size_t i = 0; i < layers; i++)
		m->layers[i] = (struct model_layer){text(s, &m->arena), text(s, &m->arena),
		        text(s, &m->arena), text(s, &m->arena), number(s), byte(s)};
	m->n_layers = layers;
	for (size_t i = 0; i < images; i++) {
		size_t n = layers ? byte(s) % 20 : 0;
		int *list = array(&m->arena, n, sizeof *list);
		for (size_t k = 0; k < n; k++)
			list[k] = byte(s) % (int)layers;
		m->images[i] = (struct model_image){text(s, &m->arena), text(s, &m->arena),
		        text(s, &m->arena), text(s, &m->arena), text(s, &m->arena),
		        text(s, &m->arena), text(s, &m->arena), text(s, &m->arena), list, n,
		        number(s)};
	}
	m->n_images = images;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct model_container *)a)->name,
	        ((const struct model_container *)b)->name);
}

static void add_steps(struct source *s, struct model *m, struct model_container *c)
{
	size_t n = byte(s) % 30;
	struct model_step *steps = array(&m->arena, n, sizeof *steps);

	for (size_t i = 0; i < n; i++)
		steps[i] = (struct model_step){.id = text(s, &m->arena),
		        .title = text(s, &m->arena),
		        .status = (enum step_status)(byte(s) % (STEP_FAILED + 1)),
		        .error = text(s, &m->arena),
		        .advice = text(s, &m->arena),
		        .call = text(s, &m->arena),
		        .why = text(s, &m->arena)};
	c->steps = steps;
	c->n_steps = n;
}

static void add_files(struct source *s, struct model *m, struct model_container *c)
{
	size_t n = byte(s) % 10, changes = byte(s) % 10;
	const char **layers = array(&m->arena, n, sizeof *layers);
	struct model_change *list = array(&m->arena, changes, sizeof *list);

	for (size_t i = 0; i < n; i++)
		layers[i] = text(s, &m->arena);
	for (size_t i = 0; i < changes; i++)
		list[i] = (struct model_change){
		        text(s, &m->arena), (enum change_kind)(byte(s) % 3), number(s)};
	c->layers = layers;
	c->n_layers = n;
	c->changes = list;
	c->n_changes = changes;
	c->more_changes = byte(s) & 1;
}

static void add_containers(struct source *s, struct model *m)
{
	size_t n = byte(s) % 80;
	struct model_container *all = array(&m->arena, n, sizeof *all);

	for (size_t i = 0; i < n; i++) {
		struct model_container *c = &all[i];
		c->name = text(s, &m->arena);
		c->image = text(s, &m->arena);
		c->command = text(s, &m->arena);
		c->status = (enum container_status)(byte(s) % (CONTAINER_FOREIGN + 1));
		c->pid = byte(s);
		c->start_time = number(s);
		c->exit_code = (int)number(s);
		namespaces(s, c->ns);
		c->hostname = text(s, &m->arena);
		c->uid_map = text(s, &m->arena);
		c->gid_map = text(s, &m->arena);
		c->cgroup = index_of(s, m->n_cgroups);
		c->upper = text(s, &m->arena);
		c->ports = text(s, &m->arena);
		c->rootfs = text(s, &m->arena);
		c->cgroup_inside = text(s, &m->arena);
		c->processes = number(s);
		add_files(s, m, c);
		add_steps(s, m, c);
	}
	qsort(all, n, sizeof *all, by_name);
	m->containers = all;
	m->n_containers = n;
}

static void add_daemons(struct source *s, struct model *m)
{
	size_t n = byte(s) % 20;

	m->daemons = array(&m->arena, n, sizeof *m->daemons);
	for (size_t i = 0; i < n; i++)
		m->daemons[i] = (struct model_daemon){text(s, &m->arena), text(s, &m->arena),
		        index_of(s, m->n_processes), text(s, &m->arena)};
	m->n_daemons = n;
}

static int by_ends(const void *a, const void *b)
{
	const struct model_connection *x = a, *y = b;

	return x->from != y->from ? (x->from > y->from) - (x->from < y->from)
	                          : (x->to > y->to) - (x->to < y->to);
}

static void add_connections(struct source *s, struct model *m)
{
	size_t n = byte(s) % 40;

	m->connections = array(&m->arena, n, sizeof *m->connections);
	for (size_t i = 0; i < n; i++)
		m->connections[i] = (struct model_connection){index_of(s, m->n_processes),
		        index_of(s, m->n_processes), text(s, &m->arena), 1 + byte(s), byte(s) % 6u,
		        byte(s) & 1 ? byte(s) % 6u : 0};
	qsort(m->connections, n, sizeof *m->connections, by_ends);
	m->n_connections = n;
}

static int by_port(const void *a, const void *b)
{
	const struct model_listener *x = a, *y = b;

	if (x->net_ns != y->net_ns)
		return x->net_ns < y->net_ns ? -1 : 1;
	if (strcmp(x->protocol, y->protocol) != 0)
		return strcmp(x->protocol, y->protocol);
	return x->port != y->port ? (x->port > y->port) - (x->port < y->port)
	                          : strcmp(x->address, y->address);
}

/* More than one on a port, on any address and on one: what a view tells once, and how often. */
static void add_listeners(struct source *s, struct model *m)
{
	static const char *const addresses[] = {"0.0.0.0", "::", "127.0.0.1", "::1"};
	size_t n = byte(s) % 60;

	m->listeners = array(&m->arena, n, sizeof *m->listeners);
	for (size_t i = 0; i < n; i++)
		m->listeners[i] = (struct model_listener){byte(s) % 6u, byte(s) & 1 ? "tcp" : "udp",
		        byte(s) & 7 ? addresses[byte(s) % 4] : text(s, &m->arena),
		        byte(s) & 1 ? 80 : (unsigned)number(s), index_of(s, m->n_processes)};
	qsort(m->listeners, n, sizeof *m->listeners, by_port);
	m->n_listeners = n;
}

static void add_measures(struct source *s, struct model *m)
{
	size_t n = byte(s) % 12;

	m->measures = array(&m->arena, n, sizeof *m->measures);
	for (size_t i = 0; i < n; i++)
		m->measures[i] =
		        (struct model_measure){text(s, &m->arena), text(s, &m->arena), number(s),
		                number(s), number(s), number(s), number(s), number(s), number(s)};
	m->n_measures = n;
}

static int by_file_name(const void *a, const void *b)
{
	return strcmp(((const struct model_file *)a)->name, ((const struct model_file *)b)->name);
}

static void add_lab_files(struct source *s, struct model *m)
{
	size_t n = byte(s) % 30;

	m->files = array(&m->arena, n, sizeof *m->files);
	for (size_t i = 0; i < n; i++)
		m->files[i] = (struct model_file){text(s, &m->arena), number(s)};
	qsort(m->files, n, sizeof *m->files, by_file_name);
	m->n_files = n;
}

static struct model *any_model(struct source *s)
{
	struct model *m = model_new();

	if (!m)
		abort();
	m->host = (struct model_host){text(s, &m->arena), text(s, &m->arena), "x86_64", "v2", {0},
	        number(s), byte(s), byte(s)};
	m->suffix = byte(s) & 1 ? "-1a2b3c4d" : "";
	namespaces(s, m->host.ns);
	add_cgroups(s, m);
	add_images(s, m);
	add_containers(s, m);
	add_processes(s, m);
	add_namespaces(s, m);
	add_network(s, m);
	add_mounts(s, m);
	add_daemons(s, m);
	add_connections(s, m);
	add_listeners(s, m);
	add_measures(s, m);
	add_lab_files(s, m);
	return m;
}
