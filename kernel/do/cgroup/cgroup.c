/* One control group of ours, in as many trees as its controllers are in. */
#include "kernel/do/cgroup/cgroup.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/base/place_name.h"
#include "kernel/do/cgroup/base.h"
#include "kernel/do/cgroup/driver.h"
#include "kernel/do/cgroup/layout.h"
#include "kernel/do/cgroup/part.h"
#include "kernel/do/cgroup/remove.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WAIT_MS = 5000, MAX_NAME = 128 };

/* The freezer comes last: what is made last is undone first, and frozen processes must be thawed
 * before they can be ended. */
static const enum cgroup_controller all[] = {
        CGROUP_MEMORY, CGROUP_PIDS, CGROUP_CPU, CGROUP_FREEZER};

enum { N_ALL = sizeof all / sizeof all[0] };

unsigned cgroup_controllers_usable(void)
{
	struct cgroup_layout l;
	unsigned usable = 0;

	if (cgroup_layout_read(&l) < 0)
		return 0;
	for (size_t i = 0; i < N_ALL; i++) {
		const struct cgroup_hierarchy *h = cgroup_layout_find(&l, all[i]);
		auto_free char *base = NULL;
		if (h && cgroup_base_find(h, all[i], &base) == 0)
			usable |= all[i];
	}
	cgroup_layout_release(&l);
	return usable;
}

/* What the person can do; `h` NULL = the controller is in no tree. */
static void advise(const struct cgroup_hierarchy *h, int r, struct error *err)
{
	const char *own = h ? cgroup_hierarchy_relative(h, h->own) : NULL;

	if (r == -EACCES && h && h->v2)
		error_advise(err, "start as root, or with: "
		                  "systemd-run --user --scope -p Delegate=yes cutaway");
	else if (r == -EACCES)
		error_advise(err, "start as root: version 1 is not safe to delegate");
	else if (r == -EBUSY && own) /* "no internal processes", cgroup-v2.rst */
		error_advise(err,
		        "first move this shell down: mkdir %s%s/lab && "
		        "echo $$ > %s%s/lab/cgroup.procs",
		        h->mount, own, h->mount, own);
	else
		error_advise(err, "'cutaway doctor' tells what works here; a container also starts "
		                  "without the limit");
}

static int refuse(const char *name, const struct cgroup_hierarchy *h, unsigned controllers, int r,
        struct error *err)
{
	char what[64] = "";

	for (size_t i = 0; i < N_ALL; i++)
		if (controllers & all[i])
			snprintf(what + strlen(what), sizeof what - strlen(what), "%s%s",
			        *what ? ", " : "", cgroup_controller_name(all[i]));
	error_set(err, -r, "find a place for control group", name, "%s: %s", what,
	        r == -EACCES    ? "no group is delegated to this user"
	        : r == -EBUSY   ? "the group delegated to us has processes of its own"
	        : r == -ENOTSUP ? "this machine does not offer the controller here"
	                        : strerror(-r));
	advise(h, r, err);
	return r;
}

static struct cgroup_part *part_for(struct cgroup *cg, const char *base)
{
	for (size_t i = 0; i < cg->n; i++)
		if (!strcmp(cg->parts[i].base, base))
			return &cg->parts[i];
	return NULL;
}

/* The name of the group in its tree: the path that is mounted, and the way from there. */
static char *path_in_tree(const struct cgroup_hierarchy *h, const char *directory)
{
	const char *root = strcmp(h->root, "/") ? h->root : "";
	char *path;

	if (asprintf(&path, "%s%s", root, directory + strlen(h->mount)) < 0)
		return NULL;
	return path;
}

static int add_part(struct cgroup *cg, const struct cgroup_hierarchy *h, const char *name,
        unsigned controllers, struct error *err)
{
	auto_free char *base = NULL;
	struct cgroup_part *p;
	int r = cgroup_base_find(h, controllers, &base);

	if (r < 0)
		return refuse(name, h, controllers, r, err);
	if (part_for(cg, base))
		return 0;
	p = &cg->parts[cg->n++];
	p->driver = h->v2 ? &cgroup_v2 : &cgroup_v1;
	p->controllers = controllers;
	if (asprintf(&p->parent, "%s/%s", base, cg->group) < 0)
		p->parent = NULL;
	if (!p->parent || asprintf(&p->dir, "%s/%s", p->parent, name) < 0)
		p->dir = NULL;
	p->base = steal_ptr(base);
	if (!cg->path && p->dir)
		cg->path = path_in_tree(h, p->dir);
	return p->dir && cg->path ? 0 : error_set(err, ENOMEM, "name control group", name, NULL);
}

static int add_parts(struct cgroup *cg, const struct cgroup_layout *l, const char *name,
        unsigned controllers, struct error *err)
{
	const struct cgroup_hierarchy *v2 = NULL;
	int r = 0;

	for (size_t i = 0; i < N_ALL && r == 0; i++) {
		const struct cgroup_hierarchy *h;
		unsigned together = 0;
		if (!(controllers & all[i]))
			continue;
		h = cgroup_layout_find(l, all[i]);
		if (!h)
			return refuse(name, NULL, all[i], -ENOTSUP, err);
		for (size_t j = 0; j < N_ALL; j++)
			if ((controllers & all[j]) && cgroup_layout_find(l, all[j]) == h)
				together |= all[j];
		r = add_part(cg, h, name, together, err);
		controllers &= ~together;
	}
	for (size_t i = 0; i < l->n; i++)
		if (l->hierarchies[i].v2)
			v2 = &l->hierarchies[i];
	/* Without controllers it still groups processes: v2 does that for nothing. */
	if (r == 0 && cg->n == 0)
		r = v2 ? add_part(cg, v2, name, 0, err) : refuse(name, NULL, 0, -ENOTSUP, err);
	return r;
}

static bool name_is_plain(const char *name)
{
	size_t n = strlen(name);

	return n > 0 && n < MAX_NAME && name[0] != '.' && !strpbrk(name, "/\n\\");
}

/* *ret_name points into `path`, and is no name when the group is none of ours. */
static void split_path(
        const char *path, char ret_group[static PLACE_GROUP_SIZE], const char **ret_name)
{
	const char *slash = path[0] == '/' ? strchr(path + 1, '/') : NULL;

	*ret_name = path;
	snprintf(ret_group, PLACE_GROUP_SIZE, "cutaway");
	if (!slash || slash - path > PLACE_GROUP_SIZE)
		return;
	snprintf(ret_group, PLACE_GROUP_SIZE, "%.*s", (int)(slash - path - 1), path + 1);
	if (place_is_group(ret_group))
		*ret_name = slash + 1;
}

int cgroup_new(const char *path, unsigned controllers, struct cgroup **ret, struct error *err)
{
	char group[PLACE_GROUP_SIZE];
	struct cgroup_layout l;
	struct cgroup *cg;
	const char *name;
	int r;

	split_path(path, group, &name);
	if (!name_is_plain(name))
		return error_set(err, EINVAL, "name control group", name,
		        "a name has 1 to %d characters, no slash and no dot in front",
		        MAX_NAME - 1);
	r = cgroup_layout_read(&l);
	if (r < 0)
		return error_set(err, -r, "find control groups", name, NULL);
	cg = calloc(1, sizeof *cg);
	if (cg)
		snprintf(cg->group, sizeof cg->group, "%s", group);
	r = cg ? add_parts(cg, &l, name, controllers, err)
	       : error_set(err, ENOMEM, "name control group", name, NULL);
	cgroup_layout_release(&l);
	if (r < 0) {
		cgroup_free(cg);
		return r;
	}
	*ret = cg;
	return 0;
}

void cgroup_free(struct cgroup *cg)
{
	if (!cg)
		return;
	for (size_t i = 0; i < cg->n; i++) {
		free(cg->parts[i].base);
		free(cg->parts[i].parent);
		free(cg->parts[i].dir);
	}
	free(cg->path);
	free(cg);
}

const char *cgroup_path(const struct cgroup *cg)
{
	return cg->path;
}

unsigned cgroup_controllers(const struct cgroup *cg)
{
	unsigned all_of_them = 0;

	for (size_t i = 0; i < cg->n; i++)
		all_of_them |= cg->parts[i].controllers;
	return all_of_them;
}

const struct cgroup_part *cgroup_part_of(const struct cgroup *cg, enum cgroup_controller controller)
{
	for (size_t i = 0; i < cg->n; i++)
		if (cg->parts[i].controllers & (unsigned)controller)
			return &cg->parts[i];
	return NULL;
}

const char *cgroup_directory(const struct cgroup *cg, enum cgroup_controller controller)
{
	const struct cgroup_part *p = cgroup_part_of(cg, controller);

	return p ? p->dir : cg->parts[0].dir;
}

const char *cgroup_limit_file(const struct cgroup *cg, enum cgroup_controller controller)
{
	const struct cgroup_part *p = cgroup_part_of(cg, controller);
	const struct cgroup_driver *d = p ? p->driver : cg->parts[0].driver;

	switch (controller) {
	case CGROUP_MEMORY:
		return d->memory_max;
	case CGROUP_PIDS:
		return d->pids_max;
	case CGROUP_CPU:
		return d->cpu_max;
	case CGROUP_FREEZER:
		return d->freeze_state;
	}
	return "";
}

static int make_directory(const char *path)
{
	return mkdir(path, 0755) < 0 ? -errno : 0;
}

/* Under the lock nobody removes the parent between our making it and our being in it. */
static int create_part(const struct cgroup_part *p, struct ledger *ledger, struct error *err)
{
	auto_close lock = cgroup_base_lock(p->base);
	int r;

	if (lock < 0)
		return error_set(err, -lock, "lock control group", p->base, NULL);
	if (faccessat(AT_FDCWD, p->dir, F_OK, 0) == 0) {
		error_set(err, EEXIST, "create control group", p->dir, NULL);
		error_advise(err, "choose another name, or 'cutaway clean' if a crash left it");
		return -EEXIST;
	}
	r = ledger_add(ledger, LEDGER_CGROUP, p->dir, err);
	if (r < 0)
		return r;
	r = make_directory(p->parent);
	if (r == 0 || r == -EEXIST)
		r = p->driver->enable(p->base, p->parent, p->controllers, err);
	if (r == 0)
		r = make_directory(p->dir);
	return r < 0 ? error_set(err, -r, "create control group", p->dir, NULL) : 0;
}

int cgroup_create(struct cgroup *cg, struct ledger *ledger, struct error *err)
{
	for (size_t i = 0; i < cg->n; i++) {
		int r = create_part(&cg->parts[i], ledger, err);
		if (r < 0) {
			/* -EEXIST: this one is another's; the ones before are ours. */
			for (size_t j = r == -EEXIST ? i : i + 1; j-- > 0;)
				cgroup_directory_remove(cg->parts[j].dir, NULL);
			return r;
		}
	}
	return 0;
}

int cgroup_attach(struct cgroup *cg, pid_t pid, struct error *err)
{
	char text[16];

	snprintf(text, sizeof text, "%d", (int)pid);
	for (size_t i = 0; i < cg->n; i++) {
		auto_close dir = open(cg->parts[i].dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		int r = dir < 0 ? -errno : file_write_at(dir, "cgroup.procs", text);
		if (r == 0)
			continue;
		error_set(err, -r, "join control group", cg->parts[i].dir, "process %s: %s", text,
		        strerror(-r));
		if (r == -EACCES || r == -EPERM)
			error_advise(err, "a process is moved by who may write to the group above "
			                  "both: systemd-run --user --scope -p Delegate=yes "
			                  "cutaway");
		return r;
	}
	return 0;
}

bool cgroup_contains(struct cgroup *cg, pid_t pid)
{
	char line[32];

	snprintf(line, sizeof line, "\n%d\n", (int)pid);
	for (size_t i = 0; i < cg->n; i++) {
		auto_close dir = open(cg->parts[i].dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		auto_buf text = BUF_INIT;
		buf_add(&text, "\n");
		if (dir < 0 || file_read_at(dir, "cgroup.procs", 4 << 20, &text) < 0 ||
		        !strstr(buf_text(&text), line))
			return false;
	}
	return true;
}

int cgroup_freeze(struct cgroup *cg, bool frozen, struct error *err)
{
	const struct cgroup_part *p = cgroup_part_of(cg, CGROUP_FREEZER);

	return p ? cgroup_directory_freeze(p->dir, frozen, err)
	         : error_set(err, ENOTSUP, frozen ? "freeze" : "thaw", cg->path,
	                   "the group was made without the freezer");
}

/* All parts hold the same processes: killing through one is enough, but a v1 freezer has to let
 * them go, and it is the last part. */
int cgroup_kill(struct cgroup *cg, struct error *err)
{
	const struct cgroup_part *p = &cg->parts[cg->n - 1];
	auto_close dir = open(p->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r;

	if (dir < 0)
		return errno == ENOENT ? 0 : error_set(err, errno, "kill", p->dir, NULL);
	r = p->driver->kill(dir, deadline_in(WAIT_MS));
	return r < 0 ? error_set(err, -r, "kill", p->dir, NULL) : 0;
}

int cgroup_remove(struct cgroup *cg, struct error *err)
{
	int first = 0;

	for (size_t i = cg->n; i-- > 0;) {
		int r = cgroup_directory_remove(cg->parts[i].dir, err);
		if (r < 0 && first == 0)
			first = r;
	}
	return first;
}
