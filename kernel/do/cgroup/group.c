#include "kernel/do/cgroup/group.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/do/cgroup/group_v2.h"
#include "kernel/do/cgroup/layout.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define OWN_DIRECTORY "/cutaway-oci/"

struct part {
	char *mount, *dir, *names;
	bool v2, was_there;
};

struct group {
	struct part parts[GROUP_PARTS_MAX];
	size_t n;
};

/* Counted always: what ps, pause, stats and an engine's out-of-memory notice look at. */
static const char *const basic[] = {"pids", "freezer", "memory", "cpu", "cpuacct"};

static bool list_has(const char *list, const char *word)
{
	size_t length = strlen(word);

	for (const char *p = list; *p;) {
		size_t n = strcspn(p, ",");
		if (n == length && !memcmp(p, word, n))
			return true;
		p += n + (p[n] == ',');
	}
	return false;
}

/* Version 1 names one of them differently. */
static const char *v1_name(const char *controller)
{
	return !strcmp(controller, "io") ? "blkio" : controller;
}

static struct part *part_with(struct group *g, const char *controller)
{
	struct part *v2 = NULL;

	for (size_t i = 0; i < g->n; i++) {
		if (g->parts[i].v2)
			v2 = &g->parts[i];
		else if (list_has(g->parts[i].names, v1_name(controller)))
			return &g->parts[i];
	}
	return v2 && (!*controller || group_v2_has(v2->mount, controller)) ? v2 : NULL;
}

static int add_part(struct group *g, const struct cgroup_hierarchy *h, const char *path)
{
	struct part *p;

	for (size_t i = 0; i < g->n; i++)
		if (!strcmp(g->parts[i].mount, h->mount))
			return 0;
	if (g->n == GROUP_PARTS_MAX)
		return -E2BIG;
	p = &g->parts[g->n++];
	p->v2 = h->v2;
	p->mount = strdup(h->mount);
	p->names = strdup(h->names);
	if (asprintf(&p->dir, "%s%s", h->mount, path) < 0)
		p->dir = NULL;
	/* What is in our own directory is ours, left by a crash. */
	p->was_there = p->dir && access(p->dir, F_OK) == 0 &&
	               strncmp(path, OWN_DIRECTORY, sizeof OWN_DIRECTORY - 1) != 0;
	return p->mount && p->names && p->dir ? 0 : -ENOMEM;
}

static bool is_wanted(const struct cgroup_hierarchy *h, const struct config *c, bool only_v2)
{
	if (h->v2 && only_v2)
		return true;
	for (size_t i = 0; !h->v2 && i < sizeof basic / sizeof *basic; i++)
		if (list_has(h->names, basic[i]))
			return true;
	if (!h->v2 && c->n_device_rules && list_has(h->names, "devices"))
		return true;
	for (size_t i = 0; i < c->n_resources; i++) {
		const char *controller = c->resources[i].controller;
		if (h->v2 ? !*controller || group_v2_has(h->mount, controller)
		          : list_has(h->names, v1_name(controller)))
			return true;
	}
	return false;
}

/* Every limit has its place, and its tree a file for it. */
static int check_limits(struct group *g, const struct config *c, struct error *err)
{
	for (size_t i = 0; i < c->n_resources; i++) {
		const struct resource *r = &c->resources[i];
		const struct part *p = part_with(g, r->controller);
		if (!p)
			return error_set(err, ENOTSUP, "find control group", r->member,
			        "this machine does not offer the controller \"%s\"", r->controller);
		if (!(p->v2 ? r->v2_file : r->v1_file))
			return error_set(err, ENOTSUP, "find control group", r->member,
			        "control groups of version %d have no such limit", p->v2 ? 2 : 1);
	}
	return 0;
}

/* The nearest directory above that is there: whether a group can be made in it. */
static bool may_make(const char *mount, const char *dir)
{
	auto_free char *path = strdup(dir);
	size_t top = strlen(mount);

	while (path && strlen(path) > top && access(path, F_OK) < 0)
		*strrchr(path, '/') = '\0';
	return path && faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) == 0;
}

static int find_parts(struct group *g, const char *path, const struct config *c, struct error *err)
{
	struct cgroup_layout l;
	int r = cgroup_layout_read(&l);

	for (size_t i = 0; r == 0 && i < l.n; i++)
		if (is_wanted(&l.hierarchies[i], c, l.mode == CGROUP_V2))
			r = add_part(g, &l.hierarchies[i], path);
	cgroup_layout_release(&l);
	if (r < 0)
		return error_set(err, -r, "find control group", path, NULL);
	if (g->n == 0)
		return error_set(err, ENOTSUP, "find control group", path,
		        "no control group file system is mounted");
	for (size_t i = 0; i < g->n; i++)
		if (!may_make(g->parts[i].mount, g->parts[i].dir)) {
			error_set(err, EACCES, "make control group", g->parts[i].dir,
			        "this user may not make groups there");
			return -EACCES;
		}
	return check_limits(g, c, err);
}

int group_new(const char *path, const struct config *c, struct group **ret, struct error *err)
{
	struct group *g = calloc(1, sizeof *g);
	int r = g ? find_parts(g, path, c, err)
	          : error_set(err, ENOMEM, "find control group", path, NULL);

	if (r < 0) {
		group_free(g);
		return r;
	}
	*ret = g;
	return 0;
}

void group_free(struct group *g)
{
	if (!g)
		return;
	for (size_t i = 0; i < g->n; i++) {
		free(g->parts[i].mount);
		free(g->parts[i].dir);
		free(g->parts[i].names);
	}
	free(g);
}

size_t group_count(const struct group *g)
{
	return g->n;
}

const char *group_directory(const struct group *g, size_t i)
{
	return g->parts[i].dir;
}

const char *group_name(const struct group *g, size_t i)
{
	return g->parts[i].names;
}

bool group_is_v2(const struct group *g, size_t i)
{
	return g->parts[i].v2;
}

bool group_was_there(const struct group *g, size_t i)
{
	return g->parts[i].was_there;
}

/* A new cpuset of version 1 has no processor and no memory, and nobody can join it: it gets those
 * of the group above, from the top down (cpusets.rst). */
static int fill_cpuset(const struct part *p)
{
	static const char *const files[] = {"cpuset.cpus", "cpuset.mems"};
	auto_free char *dir = strdup(p->dir);
	size_t top = strlen(p->mount);

	if (!dir)
		return -ENOMEM;
	for (char *end = dir + top + 1;; end++) {
		end = strchrnul(end, '/');
		char kept = *end;
		*end = '\0';
		for (size_t i = 0; i < 2; i++) {
			auto_free char *above = NULL, *own = NULL;
			auto_buf has = BUF_INIT, value = BUF_INIT;
			if (asprintf(&own, "%s/%s", dir, files[i]) < 0 ||
			        asprintf(&above, "%s/../%s", dir, files[i]) < 0)
				return -ENOMEM;
			if (file_read_at(AT_FDCWD, own, 4096, &has) < 0 || has.len > 1)
				continue;
			int r = file_read_at(AT_FDCWD, above, 4096, &value);
			if (r == 0)
				r = file_write_at(AT_FDCWD, own, buf_text(&value));
			if (r < 0)
				return r;
		}
		*end = kept;
		if (!kept)
			return 0;
	}
}

/* What is in a group when it is removed is ended with it: it must not be another's. */
static bool is_populated(const char *directory)
{
	auto_close dir = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_close fd = dir < 0 ? -1 : openat(dir, "cgroup.procs", O_RDONLY | O_CLOEXEC);
	char byte;

	return fd >= 0 && read(fd, &byte, 1) == 1;
}

int group_make_part(struct group *g, size_t i, struct error *err)
{
	const struct part *p = &g->parts[i];
	bool is_new = mkdir(p->dir, 0755) == 0;
	int r = is_new ? 0 : dir_make(p->dir, 0755);

	if (r == 0 && !is_new && is_populated(p->dir)) {
		error_set(err, EBUSY, "make control group", p->dir,
		        "it is there already and has processes in it");
		error_advise(err, "choose another linux.cgroupsPath");
		return -EBUSY;
	}
	if (r == 0 && !p->v2 && list_has(p->names, "cpuset"))
		r = fill_cpuset(p);
	return r < 0 ? error_set(err, -r, "make control group", p->dir, NULL) : 0;
}

int group_make(struct group *g, struct error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < g->n; i++)
		r = group_make_part(g, i, err);
	return r;
}

static int open_file(const struct part *p, const char *file)
{
	auto_free char *path = NULL;
	int fd;

	if (asprintf(&path, "%s/%s", p->dir, file) < 0) {
		path = NULL;
		return -ENOMEM;
	}
	fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	return fd < 0 ? -errno : fd;
}

static int not_set(const struct part *p, const char *file, const char *value, const char *member,
        int code, struct error *err)
{
	if (code == -ENOENT)
		return error_set(err, ENOTSUP, "set limit", member,
		        "this kernel has no file %s in its control groups", file);
	return error_set(err, -code, "set limit", member, "%s to %s/%s: %s", value, p->dir, file,
	        strerror(-code));
}

static int write_value(const struct part *p, const char *file, const char *value,
        const char *member, struct error *err)
{
	auto_close fd = open_file(p, file);
	int r = fd < 0 ? fd : file_write(fd, value);

	return r < 0 ? not_set(p, file, value, member, r, err) : 0;
}

/* "c 1:3 rwm", a line for devices.allow or devices.deny (devices.rst of version 1): there are many,
 * so a file stays open for the next. */
static int write_device_rules(const struct part *p, const struct config *c, struct error *err)
{
	static const char *const files[] = {"devices.deny", "devices.allow"};
	auto_close deny = -1, allow = -1;

	for (size_t i = 0; i < c->n_device_rules; i++) {
		const struct device_rule *d = &c->device_rules[i];
		char major[16] = "*", minor[16] = "*", text[64];
		int *fd = d->allow ? &allow : &deny;
		int r;
		if (d->major >= 0)
			snprintf(major, sizeof major, "%d", d->major);
		if (d->minor >= 0)
			snprintf(minor, sizeof minor, "%d", d->minor);
		snprintf(text, sizeof text, "%c %s:%s %s", d->type, major, minor, d->access);
		if (*fd < 0)
			*fd = open_file(p, files[d->allow]);
		r = *fd < 0 ? *fd : file_write(*fd, text);
		if (r < 0)
			return not_set(p, files[d->allow], text, "linux.resources.devices", r, err);
	}
	return 0;
}

static int limit_devices(struct group *g, const struct config *c, struct error *err)
{
	for (size_t i = 0; c->n_device_rules && i < g->n; i++) {
		const struct part *p = &g->parts[i];
		if (p->v2 ? g->n == 1 : list_has(p->names, "devices"))
			return p->v2 ? group_v2_devices(p->dir, c, err)
			             : write_device_rules(p, c, err);
	}
	return c->n_device_rules && !c->devices_by_default
	               ? error_set(err, ENOTSUP, "set limit", "linux.resources.devices",
	                         "this machine offers no controller \"devices\"")
	               : 0;
}

static int limit_one(struct group *g, const struct resource *limit, struct error *err)
{
	const struct part *p = part_with(g, limit->controller);
	const char *file = p->v2 ? limit->v2_file : limit->v1_file;
	int r = 0;

	if (!*file)
		return 0;
	if (p->v2 && *limit->controller)
		r = group_v2_enable(p->mount, p->dir, limit->controller, err);
	if (r == 0)
		r = write_value(
		        p, file, p->v2 ? limit->v2_value : limit->v1_value, limit->member, err);
	return r;
}

int group_limit(struct group *g, const struct config *c, struct error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < c->n_resources; i++)
		r = limit_one(g, &c->resources[i], err);
	return r < 0 ? r : limit_devices(g, c, err);
}

int group_limit_again(struct group *g, const struct config *c, struct error *err)
{
	enum { MAX = 512 };
	bool refused[MAX] = {false};
	int r = 0;

	if (c->n_resources > MAX)
		return error_set(err, E2BIG, "set limit", "linux.resources", NULL);
	for (size_t i = 0; i < c->n_resources; i++)
		refused[i] = limit_one(g, &c->resources[i], NULL) < 0;
	for (size_t i = 0; r == 0 && i < c->n_resources; i++)
		if (refused[i])
			r = limit_one(g, &c->resources[i], err);
	return r;
}
