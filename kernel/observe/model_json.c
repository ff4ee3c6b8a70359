#include "kernel/observe/model_json.h"

#include "kernel/base/buf.h"
#include "kernel/base/cleanup.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The length of the UTF-8 sequence at `at`, 0 when it is none (RFC 3629: no overlong forms, no
 * surrogates, nothing beyond U+10FFFF). */
static size_t utf8_length(const unsigned char *at)
{
	size_t n = at[0] < 0x80   ? 1
	           : at[0] < 0xc2 ? 0
	           : at[0] < 0xe0 ? 2
	           : at[0] < 0xf0 ? 3
	           : at[0] < 0xf5 ? 4
	                          : 0;

	for (size_t i = 1; i < n; i++)
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	if ((at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xed && at[1] > 0x9f) ||
	        (at[0] == 0xf0 && at[1] < 0x90) || (at[0] == 0xf4 && at[1] > 0x8f))
		return 0;
	return n;
}

/* JSON is UTF-8; names on a machine are bytes. What is no UTF-8 becomes U+FFFD. */
static json_t *text(const char *bytes)
{
	json_t *direct = json_string(bytes);
	auto_buf clean = BUF_INIT;

	if (direct)
		return direct;
	for (const unsigned char *at = (const unsigned char *)bytes; *at;) {
		size_t n = utf8_length(at);
		if (n)
			buf_add_bytes(&clean, at, n);
		else
			buf_add(&clean, "\xef\xbf\xbd");
		at += n ? n : 1;
	}
	return json_string(buf_text(&clean));
}

static json_t *number(uint64_t value)
{
	return json_integer((json_int_t)value);
}

/* A limit or usage: a number, "max" or null. */
static json_t *amount(uint64_t value)
{
	if (value == MODEL_UNKNOWN)
		return json_null();
	return value == MODEL_NO_LIMIT ? json_string("max") : number(value);
}

/* A capability set as in /proc/PID/status. */
static json_t *mask(uint64_t value)
{
	char hex[17];

	snprintf(hex, sizeof hex, "%016" PRIx64, value);
	return json_string(hex);
}

static json_t *namespace_set(const uint64_t ns[NS_COUNT])
{
	json_t *object = json_object();

	for (int t = 0; t < NS_COUNT; t++)
		if (ns[t])
			json_object_set_new(object, ns_names[t], number(ns[t]));
	return object;
}

static void set(json_t *object, const char *key, json_t *value)
{
	json_object_set_new(object, key, value);
}

static json_t *host_json(const struct model_host *h)
{
	json_t *o = json_object();

	set(o, "hostname", text(h->hostname));
	set(o, "kernel", text(h->kernel));
	set(o, "machine", text(h->machine));
	set(o, "cgroup_mode", text(h->cgroup_mode));
	set(o, "ns", namespace_set(h->ns));
	set(o, "memory_total", number(h->memory_total));
	set(o, "cpus", number(h->cpus));
	set(o, "uid", number(h->uid));
	return o;
}

static json_t *process_json(const struct model *m, const struct model_process *p)
{
	static const char *const roles[] = {
	        [ROLE_REGULAR] = "regular",
	        [ROLE_KERNEL_THREAD] = "kernel thread",
	        [ROLE_DAEMON] = "daemon",
	        [ROLE_CONTAINERIZED] = "containerized",
	        [ROLE_LAB] = "lab",
	};
	json_t *o = json_object();
	const char state[2] = {p->state, '\0'};

	set(o, "pid", number((uint64_t)p->pid));
	set(o, "ppid", number((uint64_t)p->ppid));
	set(o, "start_time", number(p->start_time));
	set(o, "uid", number(p->uid));
	set(o, "ns_uid", p->ns_uid < 0 ? json_null() : json_integer(p->ns_uid));
	set(o, "comm", text(p->comm));
	set(o, "cmdline", text(p->cmdline));
	set(o, "ns", namespace_set(p->ns));
	set(o, "ns_pid", number((uint64_t)p->ns_pid));
	set(o, "cap_effective", mask(p->cap_effective));
	set(o, "cap_bounding", mask(p->cap_bounding));
	set(o, "seccomp", json_integer(p->seccomp));
	set(o, "seccomp_filters", json_integer(p->seccomp_filters));
	set(o, "no_new_privs", json_boolean(p->no_new_privs));
	set(o, "state", text(state));
	set(o, "role", json_string(roles[p->role]));
	set(o, "cgroup", p->cgroup < 0 ? json_null() : text(m->cgroups[p->cgroup].path));
	set(o, "container",
	        p->container < 0 ? json_null() : text(m->containers[p->container].name));
	return o;
}

static json_t *namespace_json(const struct model_namespace *ns)
{
	json_t *o = json_object();

	set(o, "type", json_string(ns_names[ns->type]));
	set(o, "inode", number(ns->inode));
	set(o, "initial", json_boolean(ns->initial));
	set(o, "processes", number(ns->processes));
	set(o, "first_pid", number((uint64_t)ns->first_pid));
	return o;
}

/* The looks of the past, side by side. */
static void set_past(json_t *o, const struct model_cgroup *g)
{
	json_t *cpu = json_array(), *memory = json_array();

	for (size_t i = 0; i < g->n_past; i++) {
		json_array_append_new(cpu, amount(g->past[i].cpu_rate));
		json_array_append_new(memory, amount(g->past[i].memory));
	}
	set(o, "cpu_past", cpu);
	set(o, "memory_past", memory);
}

static json_t *cgroup_json(const struct model_cgroup *g)
{
	json_t *o = json_object();

	set(o, "path", text(g->path));
	set(o, "controllers", text(g->controllers));
	set(o, "ours", json_boolean(g->ours));
	set(o, "processes", number(g->processes));
	set(o, "memory_current", amount(g->memory_current));
	set(o, "memory_max", amount(g->memory_max));
	set(o, "pids_current", amount(g->pids_current));
	set(o, "pids_max", amount(g->pids_max));
	set(o, "cpu_usage_us", amount(g->cpu_usage_us));
	set(o, "cpu_quota_us", amount(g->cpu_quota_us));
	set(o, "cpu_period_us", amount(g->cpu_period_us));
	set(o, "frozen", json_boolean(g->frozen));
	set(o, "io_read", amount(g->io_read));
	set(o, "io_written", amount(g->io_written));
	set(o, "pressure_cpu", amount(g->pressure[PRESSURE_CPU]));
	set(o, "pressure_memory", amount(g->pressure[PRESSURE_MEMORY]));
	set(o, "pressure_io", amount(g->pressure[PRESSURE_IO]));
	set(o, "cpu_rate", amount(g->cpu_rate));
	set(o, "io_rate", amount(g->io_rate));
	set_past(o, g);
	return o;
}

static json_t *mount_json(const struct model_mount *mount)
{
	json_t *o = json_object();

	set(o, "id", json_integer(mount->id));
	set(o, "parent_id", json_integer(mount->parent_id));
	set(o, "mnt_ns", number(mount->mnt_ns));
	set(o, "source", text(mount->source));
	set(o, "target", text(mount->target));
	set(o, "fstype", text(mount->fstype));
	set(o, "options", text(mount->options));
	set(o, "root", text(mount->root));
	set(o, "device", text(mount->device));
	set(o, "propagation", text(mount->propagation));
	return o;
}

static json_t *link_json(const struct model_link *link)
{
	json_t *o = json_object();

	set(o, "net_ns", number(link->net_ns));
	set(o, "index", json_integer(link->index));
	set(o, "name", text(link->name));
	set(o, "kind", text(link->kind));
	set(o, "addresses", text(link->addresses));
	set(o, "up", json_boolean(link->up));
	set(o, "master", json_integer(link->master));
	set(o, "peer_ns", number(link->peer_ns));
	set(o, "peer", json_integer(link->peer));
	return o;
}

static json_t *route_json(const struct model_route *route)
{
	json_t *o = json_object();

	set(o, "net_ns", number(route->net_ns));
	set(o, "destination", text(route->destination));
	set(o, "gateway", text(route->gateway));
	set(o, "link", text(route->link));
	return o;
}

static json_t *listener_json(const struct model *m, const struct model_listener *l)
{
	json_t *o = json_object();

	set(o, "net_ns", number(l->net_ns));
	set(o, "protocol", text(l->protocol));
	set(o, "address", text(l->address));
	set(o, "port", number(l->port));
	set(o, "pid",
	        l->process < 0 ? json_null() : number((uint64_t)m->processes[l->process].pid));
	return o;
}

static json_t *daemon_json(const struct model *m, const struct model_daemon *d)
{
	json_t *o = json_object();

	set(o, "name", text(d->name));
	set(o, "label", text(d->label));
	set(o, "pid", number((uint64_t)m->processes[d->process].pid));
	set(o, "socket", text(d->socket));
	return o;
}

static json_t *connection_json(const struct model *m, const struct model_connection *c)
{
	json_t *o = json_object();

	set(o, "from", c->from < 0 ? json_null() : number((uint64_t)m->processes[c->from].pid));
	set(o, "to", c->to < 0 ? json_null() : number((uint64_t)m->processes[c->to].pid));
	set(o, "socket", text(c->socket));
	set(o, "count", number(c->count));
	if (c->to_net) {
		set(o, "from_net", c->from_net ? number(c->from_net) : json_null());
		set(o, "to_net", number(c->to_net));
	}
	return o;
}

static json_t *step_json(const struct model_step *step)
{
	static const char *const words[] = {
	        [STEP_TODO] = "todo",
	        [STEP_DONE] = "done",
	        [STEP_FAILED] = "failed",
	};
	json_t *o = json_object();

	set(o, "id", text(step->id));
	set(o, "title", text(step->title));
	set(o, "status", json_string(words[step->status]));
	set(o, "error", text(step->error));
	set(o, "advice", text(step->advice));
	set(o, "call", text(step->call));
	set(o, "why", text(step->why));
	return o;
}

static json_t *change_json(const struct model_change *change)
{
	json_t *o = json_object();

	set(o, "path", text(change->path));
	set(o, "kind", json_string(model_change_name(change->kind)));
	set(o, "size", number(change->size));
	return o;
}

static json_t *container_json(const struct model *m, const struct model_container *c)
{
	json_t *o = json_object(), *layers = json_array(), *steps = json_array();
	json_t *changes = json_array();

	set(o, "name", text(c->name));
	set(o, "image", text(c->image));
	set(o, "command", text(c->command));
	set(o, "status", json_string(model_status_name(c->status)));
	set(o, "pid", number((uint64_t)c->pid));
	set(o, "start_time", number(c->start_time));
	set(o, "exit_code", json_integer(c->exit_code));
	set(o, "ns", namespace_set(c->ns));
	set(o, "hostname", text(c->hostname));
	set(o, "uid_map", text(c->uid_map));
	set(o, "gid_map", text(c->gid_map));
	set(o, "cgroup", c->cgroup < 0 ? json_null() : text(m->cgroups[c->cgroup].path));
	set(o, "cgroup_inside", text(c->cgroup_inside));
	for (size_t i = 0; i < c->n_layers; i++)
		json_array_append_new(layers, text(c->layers[i]));
	set(o, "layers", layers);
	set(o, "upper", text(c->upper));
	set(o, "ports", text(c->ports));
	set(o, "rootfs", text(c->rootfs));
	for (size_t i = 0; i < c->n_changes; i++)
		json_array_append_new(changes, change_json(&c->changes[i]));
	set(o, "changes", changes);
	for (size_t i = 0; i < c->n_steps; i++)
		json_array_append_new(steps, step_json(&c->steps[i]));
	set(o, "steps", steps);
	set(o, "processes", number(c->processes));
	return o;
}

static json_t *image_json(const struct model *m, const struct model_image *i)
{
	json_t *o = json_object(), *layers = json_array();

	set(o, "name", text(i->name));
	set(o, "registry", text(i->registry));
	set(o, "path", text(i->path));
	set(o, "tag", text(i->tag));
	set(o, "digest", text(i->digest));
	set(o, "config", text(i->config));
	set(o, "platform", text(i->platform));
	set(o, "command", text(i->command));
	set(o, "size", number(i->size));
	for (size_t k = 0; k < i->n_layers; k++)
		json_array_append_new(layers, text(m->layers[i->layers[k]].diff_id));
	set(o, "layers", layers);
	return o;
}

static json_t *layer_json(const struct model_layer *layer)
{
	json_t *o = json_object();

	set(o, "diff_id", text(layer->diff_id));
	set(o, "digest", text(layer->digest));
	set(o, "created_by", text(layer->created_by));
	set(o, "directory", text(layer->directory));
	set(o, "size", number(layer->size));
	set(o, "images", number(layer->images));
	return o;
}

/* ---- the lists, one entry each ---- */

static json_t *nth_process(const struct model *m, size_t i)
{
	return process_json(m, &m->processes[i]);
}

static json_t *nth_namespace(const struct model *m, size_t i)
{
	return namespace_json(&m->namespaces[i]);
}

static json_t *nth_cgroup(const struct model *m, size_t i)
{
	return cgroup_json(&m->cgroups[i]);
}

static json_t *nth_mount(const struct model *m, size_t i)
{
	return mount_json(&m->mounts[i]);
}

static json_t *nth_link(const struct model *m, size_t i)
{
	return link_json(&m->links[i]);
}

static json_t *nth_route(const struct model *m, size_t i)
{
	return route_json(&m->routes[i]);
}

static json_t *nth_daemon(const struct model *m, size_t i)
{
	return daemon_json(m, &m->daemons[i]);
}

static json_t *nth_listener(const struct model *m, size_t i)
{
	return listener_json(m, &m->listeners[i]);
}

static json_t *nth_connection(const struct model *m, size_t i)
{
	return connection_json(m, &m->connections[i]);
}

static json_t *nth_container(const struct model *m, size_t i)
{
	return container_json(m, &m->containers[i]);
}

static json_t *nth_image(const struct model *m, size_t i)
{
	return image_json(m, &m->images[i]);
}

static json_t *nth_layer(const struct model *m, size_t i)
{
	return layer_json(&m->layers[i]);
}

/* Jansson's setters and appenders accept a NULL value by failing, so memory running out on the way
 * shows as a member that is missing at the end; the lists are what can grow large. */
json_t *model_to_json(const struct model *m)
{
	const struct {
		const char *name;
		size_t n;
		json_t *(*nth)(const struct model *m, size_t i);
	} lists[] = {
	        {"processes", m->n_processes, nth_process},
	        {"namespaces", m->n_namespaces, nth_namespace},
	        {"cgroups", m->n_cgroups, nth_cgroup},
	        {"mounts", m->n_mounts, nth_mount},
	        {"links", m->n_links, nth_link},
	        {"routes", m->n_routes, nth_route},
	        {"listeners", m->n_listeners, nth_listener},
	        {"daemons", m->n_daemons, nth_daemon},
	        {"connections", m->n_connections, nth_connection},
	        {"containers", m->n_containers, nth_container},
	        {"images", m->n_images, nth_image},
	        {"layers", m->n_layers, nth_layer},
	};
	json_t *o = json_object(), *list;

	set(o, "generation", number(m->generation));
	set(o, "time_ms", number(m->time_ms));
	set(o, "host", host_json(&m->host));
	for (size_t k = 0; k < sizeof lists / sizeof *lists; k++) {
		set(o, lists[k].name, list = json_array());
		for (size_t i = 0; i < lists[k].n; i++)
			if (json_array_append_new(list, lists[k].nth(m, i)) < 0) {
				json_decref(o);
				return NULL;
			}
	}
	return o;
}
