/* Models made by hand, and random ones, for the tests of render. Everything is in the model's
 * arena; free with model_free(). */
#pragma once

#include "kernel/observe/model.h"
#include "render/view.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIXTURE_ROOM = 12000, HOST_NS = 4026531830 };

static inline const char *fixture_text(struct model *m, const char *format, ...)
        __attribute__((format(printf, 2, 3)));
static inline const char *fixture_text(struct model *m, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	return arena_strdup(&m->arena, text);
}

/* An empty machine with room for everything. */
static inline struct model *fixture_new(void)
{
	struct model *m = model_new();

	m->host = (struct model_host){"vm", "6.1.0", "x86_64", "hybrid", {0}, 8ULL << 30, 2, 0};
	for (int t = 0; t < NS_COUNT; t++)
		m->host.ns[t] = HOST_NS + (uint64_t)t;
	m->processes = arena_alloc(&m->arena, FIXTURE_ROOM * sizeof *m->processes);
	m->namespaces = arena_alloc(&m->arena, FIXTURE_ROOM * sizeof *m->namespaces);
	m->cgroups = arena_alloc(&m->arena, FIXTURE_ROOM * sizeof *m->cgroups);
	m->mounts = arena_alloc(&m->arena, FIXTURE_ROOM * sizeof *m->mounts);
	m->links = arena_alloc(&m->arena, FIXTURE_ROOM * sizeof *m->links);
	m->daemons = arena_alloc(&m->arena, 100 * sizeof *m->daemons);
	m->connections = arena_alloc(&m->arena, 200 * sizeof *m->connections);
	m->containers = arena_alloc(&m->arena, FIXTURE_ROOM * sizeof *m->containers);
	m->routes = arena_alloc(&m->arena, 100 * sizeof *m->routes);
	m->images = arena_alloc(&m->arena, 100 * sizeof *m->images);
	m->layers = arena_alloc(&m->arena, 200 * sizeof *m->layers);
	for (int t = 0; t < NS_COUNT; t++)
		m->namespaces[m->n_namespaces++] =
		        (struct model_namespace){(enum ns_type)t, m->host.ns[t], true, 1, 1};
	return m;
}

/* A process of the host; pids must grow. */
static inline struct model_process *fixture_process(struct model *m, int pid, int ppid,
        const char *comm, const char *cmdline, enum process_role role)
{
	struct model_process *p = &m->processes[m->n_processes++];

	*p = (struct model_process){.pid = pid,
	        .ppid = ppid,
	        .start_time = (uint64_t)pid * 10,
	        .comm = comm,
	        .cmdline = cmdline,
	        .ns_pid = pid,
	        .cap_effective = 0x1ffffffffff,
	        .cap_bounding = 0x1ffffffffff,
	        .state = 'S',
	        .role = role,
	        .cgroup = -1,
	        .container = -1};
	memcpy(p->ns, m->host.ns, sizeof p->ns);
	return p;
}

static inline void fixture_daemon(struct model *m, int pid, const char *name, const char *label)
{
	fixture_process(m, pid, 1, name, name, ROLE_DAEMON);
	m->daemons[m->n_daemons++] =
	        (struct model_daemon){name, label, (int)m->n_processes - 1, ""};
}

/* Between two processes, by pid; 0 = one that may not be seen. In the order of the model. */
static inline void fixture_connection(struct model *m, int from, int to, const char *socket)
{
	int ends[2] = {-1, -1};
	size_t at;

	for (size_t i = 0; i < m->n_processes; i++) {
		ends[0] = m->processes[i].pid == from ? (int)i : ends[0];
		ends[1] = m->processes[i].pid == to ? (int)i : ends[1];
	}
	at = m->n_connections++;
	for (; at; at--) {
		const struct model_connection *c = &m->connections[at - 1];
		if (c->from < ends[0] || (c->from == ends[0] && c->to <= ends[1]))
			break;
		m->connections[at] = *c;
	}
	m->connections[at] = (struct model_connection){
	        .from = ends[0], .to = ends[1], .socket = socket, .count = 1};
}

static inline int fixture_cgroup(struct model *m, const char *path, uint64_t memory,
        uint64_t memory_max, uint64_t pids, uint64_t pids_max)
{
	m->cgroups[m->n_cgroups] = (struct model_cgroup){.path = path,
	        .controllers = "memory pids",
	        .ours = !strncmp(path, "/cutaway", 8),
	        .processes = pids,
	        .memory_current = memory,
	        .memory_max = memory_max,
	        .pids_current = pids,
	        .pids_max = pids_max,
	        .cpu_usage_us = 12345,
	        .cpu_quota_us = MODEL_NO_LIMIT,
	        .cpu_period_us = 100000,
	        .io_read = MODEL_UNKNOWN,
	        .io_written = MODEL_UNKNOWN,
	        .pressure = {MODEL_UNKNOWN, MODEL_UNKNOWN, MODEL_UNKNOWN},
	        .cpu_rate = MODEL_UNKNOWN,
	        .io_rate = MODEL_UNKNOWN};
	return (int)m->n_cgroups++;
}

static inline void fixture_mount(struct model *m, uint64_t ns, const char *source,
        const char *target, const char *type, const char *options)
{
	int id = (int)m->n_mounts + 20;

	m->mounts[m->n_mounts++] = (struct model_mount){.id = id,
	        .parent_id = 1,
	        .mnt_ns = ns,
	        .source = source,
	        .target = target,
	        .fstype = type,
	        .options = options,
	        .root = "/",
	        .device = fixture_text(m, "0:%d", id),
	        .propagation = "private"};
}

static inline void fixture_link(
        struct model *m, uint64_t ns, int index, const char *name, const char *addresses, bool up)
{
	m->links[m->n_links++] = (struct model_link){.net_ns = ns,
	        .index = index,
	        .name = name,
	        .kind = !strcmp(name, "lo") ? "loopback" : "veth",
	        .addresses = addresses,
	        .up = up};
}

/* In its place: by type, then inode. */
static inline void fixture_namespace(struct model *m, enum ns_type type, uint64_t inode, int pid)
{
	size_t at = m->n_namespaces++;

	for (; at; at--) {
		const struct model_namespace *left = &m->namespaces[at - 1];
		if (left->type < type || (left->type == type && left->inode < inode))
			break;
		m->namespaces[at] = *left;
	}
	m->namespaces[at] = (struct model_namespace){type, inode, false, 1, pid};
}

/* A running container of ours with all namespaces but time of its own. */
static inline struct model_container *fixture_container(
        struct model *m, const char *name, int pid, int ppid, const char *command)
{
	static const char *const ids[] = {"cgroup", "limit-memory", "limit-pids", "clone", "idmap",
	        "cgroup-join", "namespace-mnt", "namespace-uts", "namespace-ipc", "namespace-net",
	        "namespace-cgroup", "rootfs", "mount-proc", "mount-dev", "mount-sys", "pivot",
	        "hide", "hostname", "user", "capabilities", "no-new-privs", "seccomp", "exec"};
	struct model_container *c = &m->containers[m->n_containers];
	struct model_step *steps = arena_alloc(&m->arena, 23 * sizeof *steps);
	struct model_process *p;
	const char **layers = arena_alloc(&m->arena, 2 * sizeof *layers);

	for (int i = 0; i < 23; i++)
		steps[i] = (struct model_step){
		        ids[i], "one step of it", STEP_DONE, "", "", "unshare(2)", "So it is."};
	layers[0] = "/var/lib/cutaway/layers/tools";
	layers[1] = "/var/lib/cutaway/layers/base";
	*c = (struct model_container){.name = name,
	        .image = "base",
	        .command = command,
	        .status = CONTAINER_RUNNING,
	        .pid = pid,
	        .start_time = (uint64_t)pid * 10,
	        .exit_code = -1,
	        .hostname = name,
	        .uid_map = "0 100000 65536",
	        .gid_map = "0 100000 65536",
	        .layers = layers,
	        .n_layers = 2,
	        .upper = fixture_text(m, "/var/lib/cutaway/containers/%s/upper", name),
	        .ports = "",
	        .rootfs = "",
	        .cgroup_inside = "/",
	        .steps = steps,
	        .n_steps = 23,
	        .processes = 1};
	c->cgroup =
	        fixture_cgroup(m, fixture_text(m, "/cutaway/%s", name), 12 << 20, 64 << 20, 1, 20);
	p = fixture_process(m, pid, ppid, "sleep", command, ROLE_CONTAINERIZED);
	p->uid = 100000;
	p->ns_uid = 0;
	p->ns_pid = 1;
	p->cap_effective = 0xa80425fb;
	p->seccomp = 2;
	p->seccomp_filters = 1;
	p->no_new_privs = true;
	p->container = (int)m->n_containers++;
	p->cgroup = c->cgroup;
	for (int t = 0; t < NS_COUNT; t++) {
		c->ns[t] = t == NS_TIME ? 0 : 4026540000 + (uint64_t)pid * 10 + (uint64_t)t;
		if (t != NS_TIME)
			fixture_namespace(m, (enum ns_type)t, c->ns[t], pid);
	}
	for (int t = 0; t < NS_COUNT; t++)
		p->ns[t] = c->ns[t] ? c->ns[t] : m->host.ns[t];
	fixture_mount(m, c->ns[NS_MNT], "overlay", "/", "overlay", "rw");
	fixture_mount(m, c->ns[NS_MNT], "proc", "/proc", "proc", "rw");
	fixture_mount(m, c->ns[NS_MNT], "tmpfs", "/dev", "tmpfs", "rw");
	fixture_mount(m, c->ns[NS_MNT], "devpts", "/dev/pts", "devpts", "rw");
	fixture_mount(m, c->ns[NS_MNT], "sysfs", "/sys", "sysfs", "ro");
	fixture_link(m, c->ns[NS_NET], 1, "lo", "127.0.0.1/8 ::1/128", true);
	return c;
}

/* A layer; its diff id is `digit` 64 times. */
static inline int fixture_layer(struct model *m, char digit, uint64_t size, const char *created_by)
{
	char hex[65];

	memset(hex, digit, 64);
	hex[64] = '\0';
	m->layers[m->n_layers] = (struct model_layer){
	        .diff_id = fixture_text(m, "sha256:%s", hex),
	        .digest = fixture_text(m, "sha256:0%s", hex + 1),
	        .created_by = created_by,
	        .directory = fixture_text(m, "/var/lib/cutaway/layers/%s", hex),
	        .size = size,
	};
	return (int)m->n_layers++;
}

/* An image of these layers, the lowest first. */
static inline struct model_image *fixture_image(
        struct model *m, const char *name, char digit, const int *layers, size_t n)
{
	struct model_image *i = &m->images[m->n_images++];
	int *list = arena_alloc(&m->arena, (n + 1) * sizeof *list);
	char hex[65];

	memset(hex, digit, 64);
	hex[64] = '\0';
	*i = (struct model_image){.name = name,
	        .registry = "docker.io",
	        .path = fixture_text(m, "library/%s", name),
	        .tag = "latest",
	        .digest = fixture_text(m, "sha256:%s", hex),
	        .config = fixture_text(m, "sha256:f%s", hex + 1),
	        .platform = "linux/amd64",
	        .command = "httpd -f",
	        .layers = list,
	        .n_layers = n};
	for (size_t k = 0; k < n; k++) {
		list[k] = layers[k];
		i->size += m->layers[layers[k]].size;
		m->layers[layers[k]].images++;
	}
	return i;
}

/* A container stands on that image. */
static inline void fixture_made_from(
        struct model *m, struct model_container *c, const struct model_image *i)
{
	const char **layers = arena_alloc(&m->arena, (i->n_layers + 1) * sizeof *layers);

	c->image = i->name;
	c->layers = layers;
	c->n_layers = i->n_layers;
	for (size_t k = 0; k < i->n_layers; k++)
		layers[k] = fixture_text(
		        m, "%s.100000", m->layers[i->layers[i->n_layers - 1 - k]].directory);
}

/* A small machine with a lab on it and no container. */
static inline struct model *fixture_host(void)
{
	struct model *m = fixture_new();

	fixture_cgroup(m, "/", 900 << 20, MODEL_NO_LIMIT, 90, MODEL_NO_LIMIT);
	fixture_process(m, 1, 0, "systemd", "/sbin/init", ROLE_DAEMON);
	m->daemons[m->n_daemons++] = (struct model_daemon){"systemd", "system manager", 0, ""};
	fixture_process(m, 2, 0, "kthreadd", "[kthreadd]", ROLE_KERNEL_THREAD);
	for (int i = 3; i < 40; i++)
		fixture_process(m, i, 2, "kworker/0:1", "[kworker/0:1]", ROLE_KERNEL_THREAD);
	fixture_process(m, 210, 1, "cron", "/usr/sbin/cron -f", ROLE_REGULAR);
	fixture_process(m, 333, 1, "sshd", "sshd: /usr/sbin/sshd -D", ROLE_REGULAR);
	fixture_daemon(m, 400, "containerd", "container daemon");
	fixture_daemon(m, 410, "dockerd", "Docker engine");
	fixture_process(m, 500, 333, "sshd", "sshd: ada@pts/0", ROLE_REGULAR);
	fixture_process(m, 800, 500, "cutaway", "cutaway shell", ROLE_LAB);
	fixture_process(m, 801, 800, "bash", "bash --norc", ROLE_LAB);
	for (int i = 0; i < 34; i++)
		fixture_mount(m, HOST_NS + NS_MNT, "/dev/vda1",
		        i ? fixture_text(m, "/m%d", i) : "/", i ? "tmpfs" : "ext4", "rw");
	fixture_link(m, HOST_NS + NS_NET, 1, "lo", "127.0.0.1/8 ::1/128", true);
	fixture_link(m, HOST_NS + NS_NET, 2, "eth0", "192.0.2.17/24", true);
	return m;
}

/* The same with three containers of ours and a monitor each. */
static inline struct model *fixture_three(void)
{
	struct model *m = fixture_host();
	static const char *const names[] = {"blue", "green", "red"};

	for (int i = 0; i < 3; i++) {
		fixture_process(m, 900 + 2 * i, 1, "cutaway",
		        fixture_text(m, "cutaway monitor %s", names[i]), ROLE_LAB);
		fixture_container(m, names[i], 901 + 2 * i, 900 + 2 * i, "sleep 1000");
	}
	return m;
}

/* The first `done` steps of container "hand"; what they do not make yet is not there. */
static inline struct model *fixture_building(size_t done)
{
	struct model *m = fixture_host();
	struct model_container *c;
	struct model_process *p;
	struct model_step *steps;

	fixture_process(m, 900, 800, "cutaway", "cutaway monitor hand", ROLE_LAB);
	c = fixture_container(m, "hand", 901, 900, "sleep 1000");
	p = &m->processes[m->n_processes - 1];
	steps = (struct model_step *)c->steps;
	for (size_t i = done; i < c->n_steps; i++)
		steps[i].status = STEP_TODO;
	c->status = done ? CONTAINER_BUILDING : CONTAINER_PLANNED;
	p->comm = p->cmdline = "cutaway";
	c->ns[NS_NET] = c->ns[NS_CGROUP] = 0;
	p->ns[NS_NET] = m->host.ns[NS_NET];
	p->ns[NS_CGROUP] = m->host.ns[NS_CGROUP];
	for (size_t i = m->n_namespaces; i-- > 0;)
		if (!m->namespaces[i].initial &&
		        (m->namespaces[i].type == NS_NET || m->namespaces[i].type == NS_CGROUP))
			memmove(&m->namespaces[i], &m->namespaces[i + 1],
			        (--m->n_namespaces - i) * sizeof *m->namespaces);
	p->seccomp = p->seccomp_filters = 0;
	p->no_new_privs = false;
	p->cap_effective = 0x1ffffffffff;
	for (size_t i = 0; i < m->n_mounts; i++) /* the overlay is to come, the layers are known */
		if (m->mounts[i].mnt_ns == c->ns[NS_MNT])
			m->mounts[i].fstype = m->mounts[i].source = "tmpfs";
	return m;
}

/* A number from a seed: the same everywhere, unlike rand(3). */
static inline unsigned fixture_random(unsigned *seed, unsigned below)
{
	*seed = *seed * 1664525u + 1013904223u;
	return (*seed >> 8) % (below ? below : 1);
}
