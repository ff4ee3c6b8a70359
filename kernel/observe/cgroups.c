/* Control groups with their limits and usage: v2, v1 and both at once ("hybrid"), cgroups(7).
 *
 * Listed are the groups that a process is in, and all below a group of ours (named "cutaway"):
 * empty ones too, since a lesson makes the group before the process. The rest of the machine's
 * tree is not walked. */
#include "kernel/observe/reading.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/place_name.h"
#include "kernel/observe/cgroup_use.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

/* ---- paths as processes name them ---- */

struct cgroup_table {
	const char *group; /* of ours: a component of the path */
	char **paths;
	size_t n, room;
	/* The content seen last, and its answer: neighbours in /proc mostly share their group. */
	struct buf last_text;
	int last_index;
};

struct cgroup_table *cgroup_table_new(const char *group)
{
	struct cgroup_table *t = calloc(1, sizeof *t);

	if (t)
		t->group = group;
	return t;
}

void cgroup_table_free(struct cgroup_table *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->n; i++)
		free(t->paths[i]);
	free(t->paths);
	buf_release(&t->last_text);
	free(t);
}

int cgroup_table_add(struct cgroup_table *t, const char *path, size_t n)
{
	static const char deleted[] = " (deleted)"; /* the group of a zombie may be gone already */
	const size_t tail = sizeof deleted - 1;

	if (n > tail && !memcmp(path + n - tail, deleted, tail))
		n -= tail;
	if (n == 0 || path[0] != '/')
		return -1;
	for (size_t i = 0; i < t->n; i++)
		if (!strncmp(t->paths[i], path, n) && !t->paths[i][n])
			return (int)i;
	if (t->n == READING_MAX_CGROUPS)
		return -1;
	if (t->n == t->room) {
		size_t room = t->room ? t->room * 2 : 64;
		char **paths = reallocarray(t->paths, room, sizeof *paths);
		if (!paths)
			return -1;
		t->paths = paths;
		t->room = room;
	}
	t->paths[t->n] = strndup(path, n);
	return t->paths[t->n] ? (int)t->n++ : -1;
}

const char *cgroup_table_path(const struct cgroup_table *t, size_t i)
{
	return t->paths[i];
}

/* Whether a component of the path is the group of ours. */
static bool is_ours(const char *group, const char *path, size_t n)
{
	const size_t len = strlen(group);

	for (size_t i = 0; i + len < n; i++)
		if (path[i] == '/' && !memcmp(path + i + 1, group, len) &&
		        (i + 1 + len == n || path[i + 1 + len] == '/'))
			return true;
	return false;
}

/* Whether a component is the group of a lab that is not this one. */
static bool is_of_a_lab(const char *path, size_t n)
{
	for (size_t i = 0; i < n;) {
		const char *slash = memchr(path + i, '/', n - i);
		size_t length = slash ? (size_t)(slash - path) - i : n - i;
		char name[PLACE_GROUP_SIZE];
		if (length < sizeof name) {
			memcpy(name, path + i, length);
			name[length] = '\0';
			if (place_is_group(name))
				return true;
		}
		i += length + 1;
	}
	return false;
}

/* How well a line "ID:CONTROLLERS:PATH" tells where a process belongs: a group of ours first, then
 * one of another lab, then any group that is not the root, the unified hierarchy before memory,
 * pids and the rest. */
static int line_rank(
        const char *group, const char *controllers, size_t n, const char *path, size_t path_n)
{
	if (is_ours(group, path, path_n))
		return 7;
	if (is_of_a_lab(path, path_n))
		return 6;
	if (path_n <= 1)
		return 1;
	if (n == 0)
		return 5;
	if (n == 6 && !memcmp(controllers, "memory", 6))
		return 4;
	if (n == 4 && !memcmp(controllers, "pids", 4))
		return 3;
	return 2;
}

int cgroup_table_from_proc(struct cgroup_table *t, const char *text, size_t n)
{
	const char *end = text + n, *best = NULL;
	size_t best_n = 0;
	int best_rank = 0;

	if (t->last_text.len == n && n && !memcmp(t->last_text.data, text, n))
		return t->last_index;
	for (const char *line = text; line < end;) {
		const char *stop = memchr(line, '\n', (size_t)(end - line));
		const char *one, *two;
		stop = stop ? stop : end;
		one = memchr(line, ':', (size_t)(stop - line));
		two = one ? memchr(one + 1, ':', (size_t)(stop - one - 1)) : NULL;
		if (two) {
			int rank = line_rank(t->group, one + 1, (size_t)(two - one - 1), two + 1,
			        (size_t)(stop - two - 1));
			if (rank > best_rank) {
				best_rank = rank;
				best = two + 1;
				best_n = (size_t)(stop - two - 1);
			}
		}
		line = stop + 1;
	}
	t->last_index = best ? cgroup_table_add(t, best, best_n) : -1;
	buf_reset(&t->last_text);
	buf_add_bytes(&t->last_text, text, n);
	return t->last_index;
}

/* ---- the hierarchies that are mounted ---- */

struct hierarchy {
	int fd;
	bool v2;
	const char *controllers; /* v1: "cpu,cpuacct" out of the mount options */
};

struct hierarchies {
	struct hierarchy all[READING_MAX_HIERARCHIES];
	size_t n;
};

static void hierarchies_close(struct hierarchies *h)
{
	for (size_t i = 0; i < h->n; i++)
		close(h->all[i].fd);
	h->n = 0;
}

static void hierarchies_open(struct reading *r, struct hierarchies *h)
{
	struct model *m = r->model;
	bool v1 = false, v2 = false;

	for (size_t i = 0; i < m->n_mounts && h->n < READING_MAX_HIERARCHIES; i++) {
		const struct model_mount *mount = &m->mounts[i];
		bool two = !strcmp(mount->fstype, "cgroup2");
		int fd;
		if (mount->mnt_ns != m->host.ns[NS_MNT] ||
		        (!two && strcmp(mount->fstype, "cgroup")) || mount->target[0] != '/')
			continue;
		fd = openat(r->root, mount->target + 1, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0)
			continue;
		h->all[h->n++] = (struct hierarchy){fd, two, mount->options};
		v1 = v1 || !two;
		v2 = v2 || two;
	}
	m->host.cgroup_mode = v1 && v2 ? "hybrid" : v1 ? "v1" : v2 ? "v2" : "none";
}

static bool is_root(const char *path)
{
	return !path[strspn(path, "/")];
}

/* A path in a hierarchy, relative to its root, to open files in it: not itself to be read, which
 * costs half. */
static int open_group(const struct hierarchy *h, const char *path)
{
	return openat(
	        h->fd, path + strspn(path, "/"), O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
}

/* ---- groups of ours, empty ones too ---- */

static void add_below(struct cgroup_table *t, int fd, const char *path, int depth)
{
	int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_dir dir = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *e;

	if (!dir) {
		if (copy >= 0)
			close(copy);
		return;
	}
	cgroup_table_add(t, path, strlen(path));
	while (depth < READING_MAX_CGROUP_DEPTH && (e = readdir(dir))) {
		auto_free char *child = NULL;
		auto_close below = -1;
		if (e->d_name[0] == '.' || (e->d_type != DT_DIR && e->d_type != DT_UNKNOWN))
			continue;
		below = openat(fd, e->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
		if (below >= 0 && asprintf(&child, "%s/%s", path, e->d_name) >= 0)
			add_below(t, below, child, depth + 1);
	}
}

/* Groups of ours stand below the root (as root) or below the group that was delegated to the user:
 * an ancestor of the one we run in. */
static void add_ours(struct reading *r, const struct hierarchies *h, const char *own)
{
	char path[1024];

	for (size_t i = 0; i < h->n; i++) {
		size_t n = strlen(own) < sizeof path - PLACE_GROUP_SIZE ? strlen(own) : 0;
		if (n && own[n - 1] == '/') /* the root itself */
			n--;
		for (;;) {
			auto_close fd = -1;
			snprintf(path, sizeof path, "%.*s/%s", (int)n, own, r->group);
			fd = open_group(&h->all[i], path);
			if (fd >= 0)
				add_below(r->cgroups, fd, path, 0);
			if (n == 0)
				break;
			while (n && own[--n] != '/')
				;
		}
	}
}

/* ---- limits and usage ---- */

static void add_word(struct buf *b, const char *word, size_t n)
{
	if (n && b->len)
		buf_addc(b, ' ');
	buf_add_bytes(b, word, n);
}

static void read_v2(struct reading *r, struct model_cgroup *g, int fd, struct buf *controllers)
{
	const size_t others =
	        controllers->len; /* those of version 1, beside it on a hybrid machine */
	const char *space, *own;
	long n = reading_file(r, fd, "cgroup.controllers");

	while (n > 0 && (r->scratch[n - 1] == '\n' || r->scratch[n - 1] == ' '))
		n--;
	if (n > 0)
		add_word(controllers, r->scratch, (size_t)n);
	own = buf_failed(controllers) ? "" : buf_text(controllers) + others;
	if (strstr(own, "memory")) {
		g->memory_current = cgroup_value(r, fd, "memory.current", NULL);
		g->memory_max = cgroup_value(r, fd, "memory.max", NULL);
	}
	if (strstr(own, "pids")) {
		g->pids_current = cgroup_value(r, fd, "pids.current", NULL);
		g->pids_max = cgroup_value(r, fd, "pids.max", NULL);
	}
	if (g->cpu_usage_us == MODEL_UNKNOWN)
		g->cpu_usage_us = cgroup_value(r, fd, "cpu.stat", "usage_usec");
	if (strstr(own, "cpu")) {
		uint64_t quota = cgroup_value(r, fd, "cpu.max", NULL); /* "50000 100000" */
		if (quota != MODEL_UNKNOWN && (space = strchr(r->scratch, ' '))) {
			g->cpu_quota_us = quota;
			g->cpu_period_us = strtoull(space + 1, NULL, 10);
		}
	}
	g->frozen = g->frozen || cgroup_value(r, fd, "cgroup.events", "frozen") == 1;
	cgroup_use_v2(r, g, fd, strstr(own, "io") != NULL);
}

static bool has_controller(const char *options, const char *name)
{
	size_t n = strlen(name);

	for (const char *at = options; (at = strstr(at, name)); at += n)
		if ((at == options || at[-1] == ',') && (!at[n] || at[n] == ','))
			return true;
	return false;
}

static void read_v1(struct reading *r, struct model_cgroup *g, int fd, const char *options,
        struct buf *controllers)
{
	static const char *const known[] = {"memory", "pids", "cpu", "cpuacct", "cpuset", "freezer",
	        "devices", "blkio", "net_cls", "net_prio", "perf_event", "hugetlb", "rdma", "misc"};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (has_controller(options, known[i]))
			add_word(controllers, known[i], strlen(known[i]));
	if (has_controller(options, "memory")) {
		g->memory_current = cgroup_value(r, fd, "memory.usage_in_bytes", NULL);
		g->memory_max = cgroup_value(r, fd, "memory.limit_in_bytes", NULL);
		/* No limit reads as the largest multiple of a page below 2^63. */
		if (g->memory_max <= MODEL_UNKNOWN - 1 && g->memory_max >= UINT64_C(1) << 62)
			g->memory_max = MODEL_NO_LIMIT;
	}
	if (has_controller(options, "pids")) {
		g->pids_current = cgroup_value(r, fd, "pids.current", NULL);
		g->pids_max = cgroup_value(r, fd, "pids.max", NULL);
	}
	if (has_controller(options, "cpu")) {
		g->cpu_quota_us = cgroup_value(r, fd, "cpu.cfs_quota_us", NULL);
		g->cpu_period_us = cgroup_value(r, fd, "cpu.cfs_period_us", NULL);
	}
	if (has_controller(options, "cpuacct")) {
		uint64_t ns = cgroup_value(r, fd, "cpuacct.usage", NULL);
		g->cpu_usage_us = ns < MODEL_UNKNOWN ? ns / 1000 : ns;
	}
	if (has_controller(options, "blkio"))
		cgroup_use_v1(r, g, fd);
	if (has_controller(options, "freezer") && reading_file(r, fd, "freezer.state") > 0)
		g->frozen = g->frozen || !strncmp(r->scratch, "FROZEN", 6);
}

static void read_group(
        struct reading *r, const struct hierarchies *h, const char *path, struct model_cgroup *g)
{
	auto_buf controllers = BUF_INIT;

	*g = (struct model_cgroup){
	        .path = reading_string(r, path, strlen(path)),
	        .ours = is_ours(r->group, path, strlen(path)),
	        .memory_current = MODEL_UNKNOWN,
	        .memory_max = MODEL_UNKNOWN,
	        .pids_current = MODEL_UNKNOWN,
	        .pids_max = MODEL_UNKNOWN,
	        .cpu_usage_us = MODEL_UNKNOWN,
	        .cpu_quota_us = MODEL_UNKNOWN,
	        .cpu_period_us = MODEL_UNKNOWN,
	        .io_read = MODEL_UNKNOWN,
	        .io_written = MODEL_UNKNOWN,
	        .pressure = {MODEL_UNKNOWN, MODEL_UNKNOWN, MODEL_UNKNOWN},
	        .cpu_rate = MODEL_UNKNOWN,
	        .io_rate = MODEL_UNKNOWN,
	};
	for (size_t i = 0; i < h->n; i++) {
		auto_close opened = is_root(path) ? -1 : open_group(&h->all[i], path);
		const int fd = is_root(path) ? h->all[i].fd : opened;
		if (fd < 0)
			continue;
		if (h->all[i].v2)
			read_v2(r, g, fd, &controllers);
		else
			read_v1(r, g, fd, h->all[i].controllers, &controllers);
	}
	g->controllers = reading_string(r, buf_text(&controllers), controllers.len);
}

/* ---- into the model ---- */

struct place {
	const char *path;
	int index; /* before sorting */
};

static int by_path(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	return strcmp(x->path, y->path);
}

static void renumber(struct reading *r, const struct place *order, int *to, size_t n)
{
	struct model *m = r->model;

	for (size_t i = 0; i < n; i++)
		to[order[i].index] = (int)i;
	for (size_t i = 0; i < m->n_processes; i++) {
		struct model_process *p = &m->processes[i];
		if (p->cgroup < 0)
			continue;
		p->cgroup = to[p->cgroup];
		m->cgroups[p->cgroup].processes++;
	}
}

int cgroups_read(struct reading *r)
{
	struct model *m = r->model;
	struct hierarchies h = {0};
	auto_free struct place *order = NULL;
	auto_free int *to = NULL;
	const struct model_process *self = r->live ? model_process(m, getpid()) : NULL;
	const char *own = self && self->cgroup >= 0 ? r->cgroups->paths[self->cgroup] : "";

	hierarchies_open(r, &h);
	add_ours(r, &h, own);
	size_t n = r->cgroups->n;
	order = calloc(n + 1, sizeof *order);
	to = calloc(n + 1, sizeof *to);
	m->cgroups = arena_alloc(&m->arena, (n + 1) * sizeof *m->cgroups);
	if (!order || !to || !m->cgroups) {
		hierarchies_close(&h);
		return -ENOMEM;
	}
	for (size_t i = 0; i < n; i++)
		order[i] = (struct place){r->cgroups->paths[i], (int)i};
	qsort(order, n, sizeof *order, by_path);
	for (size_t i = 0; i < n; i++)
		read_group(r, &h, order[i].path, &m->cgroups[i]);
	m->n_cgroups = n;
	renumber(r, order, to, n);
	hierarchies_close(&h);
	return 0;
}
