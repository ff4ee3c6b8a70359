#include "kernel/do/container.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/dirs.h"
#include "kernel/base/file.h"
#include "kernel/base/place_dirs.h"
#include "kernel/base/staged.h"
#include "kernel/do/container_state.h"
#include "kernel/do/image_volumes.h"
#include "kernel/do/names.h"
#include "kernel/do/namespace_join.h"
#include "kernel/do/network/network.h"
#include "kernel/do/subid.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_TRIES = 64 };

bool container_name_ok(const char *name)
{
	static const char set[] =
	        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
	size_t n = strlen(name);

	return n > 0 && n <= 63 && strspn(name, set) == n && !strchr("_.-", name[0]);
}

static int no_memory(struct error *err)
{
	return error_set(err, ENOMEM, "make container", "", NULL);
}

/* The paths of a container of this name; none is made. */
static int set_paths(struct container *c, struct error *err)
{
	auto_free char *below = NULL;
	int r;

	if (asprintf(&below, "containers/%s", c->name) < 0)
		return no_memory(err);
	r = dirs_path(DIRS_RUNTIME, below, false, &c->directory, err);
	if (r == 0)
		r = place_data(c->name, false, &c->data, err);
	if (r < 0)
		return r;
	if (asprintf(&c->upper, "%s/upper", c->data) < 0 ||
	        asprintf(&c->work, "%s/work", c->data) < 0 ||
	        asprintf(&c->merged, "%s/merged", c->data) < 0 ||
	        asprintf(&c->log, "%s/log", c->data) < 0)
		return no_memory(err);
	return 0;
}

static int choose_name(const char *asked, char **ret, struct error *err)
{
	auto_free char *all = NULL;
	int r;

	if (asked) {
		if (!container_name_ok(asked)) {
			error_set(err, EINVAL, "name container", asked,
			        "a name has up to 63 letters, digits, '_', '.' and '-', and "
			        "begins with a letter or digit");
			return -EINVAL;
		}
		*ret = strdup(asked);
		return *ret ? 0 : no_memory(err);
	}
	r = dirs_path(DIRS_RUNTIME, "containers", false, &all, err);
	for (int i = 0; r == 0 && i < NAME_TRIES; i++) {
		auto_free char *path = NULL;
		free(*ret);
		*ret = name_make();
		if (!*ret || asprintf(&path, "%s/%s", all, *ret) < 0)
			return no_memory(err);
		if (access(path, F_OK) < 0)
			return 0;
	}
	return r < 0 ? r : error_set(err, EEXIST, "name container", "", "no free name was found");
}

/* The ids inside are those of the user namespace that is shared: the files are made for them. */
static int share_ids(const struct share *s, const struct idmap_choice *ids,
        struct container_options *o, struct error *err)
{
	bool own = s->n && !s->user; /* they have no user namespace */
	const char *with = "";

	for (int i = 0; i < SHARE_KINDS; i++)
		with = s->names[i] ? s->names[i] : with;
	if (o->userns_host && s->user) {
		error_set(err, EINVAL, "share namespaces", with,
		        "they belong to a user namespace, which comes with them");
		error_advise(err, "leave out --userns host");
		return -EINVAL;
	}
	if (s->names[SHARE_PID] && !own && !idmap_privileged()) {
		/* See namespace_join.c: it must not be looked into, and so not by us either. */
		error_set(err, EPERM, "share namespaces", with,
		        "an ordinary user cannot share the processes of a container");
		error_advise(err, "run it as root; --network, --ipc and --uts can be shared");
		return -EPERM;
	}
	o->userns_host = o->userns_host || own;
	if (s->user && s->root != (ids->range && !ids->subordinate ? ids->offset : geteuid()))
		return error_set(err, EPERM, "share namespaces", with,
		        "its user namespace was made by another user");
	return 0;
}

static void set_root(
        struct container *c, const struct container_options *o, const struct idmap_choice *ids)
{
	bool offset = !o->userns_host && ids->range && !ids->subordinate;

	c->root_uid = offset ? ids->offset : geteuid();
	c->root_gid = offset ? ids->offset : getegid();
	snprintf(c->id_problem, sizeof c->id_problem, "%s", ids->problem);
}

static int check_userns(
        const struct container *c, const struct container_options *o, struct error *err)
{
	if (!o->userns_host || idmap_privileged())
		return 0;
	error_set(err, EPERM, "plan container", c->name,
	        "without a user namespace it takes root to make the others");
	error_advise(err, "leave out --userns host");
	return -EPERM;
}

/* Opens what is shared, so that it stays until it is entered. */
static int open_shared(struct container *c, const struct share *s, struct error *err)
{
	int r = s->n ? namespace_join_open(&c->build, err) : 0;

	return r < 0 ? r : share_check(s, err);
}

static int make_plan(struct container *c, const struct container_options *o, struct error *err)
{
	struct idmap_choice ids = idmap_choose();
	struct container_options named = *o;
	struct image_volumes volumes = {0};
	char group[PLACE_GROUP_SIZE];
	struct share share = {0};
	int r = share_find(o->share_with, &share, err);

	if (r == 0)
		r = share_ids(&share, &ids, &named, err);
	if (r == 0)
		r = check_userns(c, &named, err);
	if (r == 0 && !c->image.n_layers)
		r = store_image(o->image, named.userns_host ? 0 : ids.layers, &c->image, err);
	if (r < 0)
		return r;
	set_root(c, &named, &ids);
	r = place_own_group(group, err);
	if (r < 0)
		return r;
	named.name = c->name;
	named.share = &share;
	named.group = group;
	named.layers = c->image.layers;
	named.n_layers = c->image.n_layers;
	r = image_volumes_plan(o, c->image.config, c->data, &volumes, err);
	named.volumes = volumes.all;
	named.n_volumes = volumes.n;
	if (r == 0)
		r = config_build(&named, c->image.config, &ids, c->merged, &c->config_json, err);
	image_volumes_release(&volumes);
	if (r == 0)
		r = config_parse(c->config_json, &c->config, err);
	if (r < 0)
		return r;
	c->build.name = c->name;
	c->build.config = c->config;
	c->build.overlay = (struct overlay_source){
	        .layers = c->image.layers,
	        .n_layers = c->image.n_layers,
	        .upper = c->upper,
	        .work = c->work,
	        .merged = c->merged,
	        /* The kernel mounts a volatile one once only: not where steps are taken back. */
	        .is_volatile = o->remove && !o->step,
	};
	c->build.limits_optional = o->limits_optional;
	r = open_shared(c, &share, err);
	if (r == 0 && o->network_bridge)
		r = network_plan(c->name, c->config->hostname, o->ports, o->n_ports, o->look_only,
		        &c->build.network, err);
	if (r == 0)
		r = plan_new(&c->build, &c->plan, err);
	if (r == 0)
		executor_init(&c->executor, &c->build, c->plan);
	return r;
}

static int plan(struct container *c, const struct container_options *o, struct error *err)
{
	const char *lab = getenv("CUTAWAY_LAB");
	int r;

	build_init(&c->build);
	c->exit_code = -1;
	c->remove = o->remove;
	c->detached = o->detach;
	c->lab = strdup(lab ? lab : "");
	r = c->lab ? choose_name(o->name, &c->name, err) : no_memory(err);
	if (r == 0)
		r = set_paths(c, err);
	return r < 0 ? r : make_plan(c, o, err);
}

int container_plan_of(const struct container_options *o, struct image *image,
        struct container **ret, struct error *err)
{
	struct container *c = calloc(1, sizeof *c);
	int r;

	if (!c)
		return no_memory(err);
	if (image) {
		c->image = *image;
		*image = (struct image){0};
	}
	r = plan(c, o, err);
	if (r < 0)
		container_free(c);
	else
		*ret = c;
	return r;
}

int container_plan(const struct container_options *o, struct container **ret, struct error *err)
{
	return container_plan_of(o, NULL, ret, err);
}

static int name_taken(struct container *c, struct error *err)
{
	error_set(err, EEXIST, "make container", c->name, "there is a container of that name");
	error_advise(err, "remove it with 'cutaway rm -f %s', or choose another --name", c->name);
	return -EEXIST;
}

/* The directory gets its name with the ledger in it already: at no moment is there one that nobody
 * would sweep. */
static int claim_staged(struct container *c, const char *staged, struct error *err)
{
	auto_free char *path = NULL;
	int r;

	process_id_read(getpid(), &c->monitor);
	if (asprintf(&path, "%s/ledger", staged) < 0)
		return no_memory(err);
	r = ledger_create(path, &c->monitor, &c->build.ledger, err);
	if (r == 0)
		r = ledger_add(c->build.ledger, LEDGER_TREE, c->data, err);
	if (r < 0)
		return r;
	/* Who comes first has the name. What a dead monitor has left of it is swept away. */
	r = staged_publish(staged, c->directory);
	if (r == -EEXIST && container_sweep(c->name))
		r = staged_publish(staged, c->directory);
	if (r == -EEXIST)
		return name_taken(c, err);
	return r < 0 ? error_set(err, -r, "make directory", c->directory, NULL) : 0;
}

static int claim_directory(struct container *c, struct error *err)
{
	auto_free char *all = NULL, *staged = NULL;
	int r = dirs_path(DIRS_RUNTIME, "containers", true, &all, err);

	if (r < 0)
		return r;
	r = staged_make(all, &staged);
	if (r < 0)
		return error_set(err, -r, "make directory", all, NULL);
	r = claim_staged(c, staged, err);
	if (r < 0)
		staged_remove(staged);
	return r;
}

/* Who removes the last other one may take the directory of all away in between. */
static int make_top(struct container *c, struct error *err)
{
	for (int tries = 0; tries < NAME_TRIES; tries++) {
		auto_free char *all = NULL;
		int r = place_data(NULL, true, &all, err);
		if (r < 0)
			return r;
		if (mkdir(c->data, 0700) == 0)
			return 0;
		if (errno != ENOENT)
			break;
	}
	return error_set(err, errno, "make directory", c->data, NULL);
}

/* The upper directory is the top of what the container sees as "/": it belongs to its root. */
static int make_data(struct container *c, struct error *err)
{
	int r = subid_remove_tree(AT_FDCWD, c->data); /* left by a crash and a removed state */

	if (r < 0)
		return error_set(err, -r, "remove old files", c->data, NULL);
	r = make_top(c, err);
	if (r < 0)
		return r;
	if (mkdir(c->upper, 0755) < 0 || mkdir(c->work, 0700) < 0 || mkdir(c->merged, 0700) < 0)
		return error_set(err, errno, "make directory", c->data, NULL);
	if (geteuid() == 0 && chown(c->upper, c->root_uid, c->root_gid) < 0)
		return error_set(err, errno, "change owner", c->upper, NULL);
	if (chmod(c->upper, 0755) < 0) /* whatever the umask says */
		return error_set(err, errno, "change mode", c->upper, NULL);
	return image_volumes_make(c->config, c->data, c->root_uid, c->root_gid, err);
}

static int open_log(struct container *c, struct error *err)
{
	int null, log;

	if (!c->detached)
		return 0;
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	log = open(c->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (null < 0 || log < 0)
		return error_set(err, errno, "open log", c->log, NULL);
	c->build.stdio[0] = null;
	c->build.stdio[1] = c->build.stdio[2] = log;
	return 0;
}

static int write_config(struct container *c, struct error *err)
{
	auto_free char *path = NULL, *text = json_dumps(c->config_json, JSON_COMPACT);
	int r;

	if (!text || asprintf(&path, "%s/config.json", c->directory) < 0)
		return no_memory(err);
	r = file_replace_at(AT_FDCWD, path, text, strlen(text), 0600);
	return r < 0 ? error_set(err, -r, "write", path, NULL) : 0;
}

int container_claim(struct container *c, struct error *err)
{
	int r = claim_directory(c, err);

	if (r < 0)
		return r;
	c->claimed = true;
	r = make_data(c, err);
	if (r == 0)
		r = open_log(c, err);
	if (r == 0)
		r = write_config(c, err);
	return r;
}

/* The ledger is for crashes: after an orderly end nothing of it is left to undo. */
static void close_ledger(struct container *c)
{
	auto_free char *path = NULL;

	ledger_close(c->build.ledger);
	c->build.ledger = NULL;
	if (asprintf(&path, "%s/ledger", c->directory) >= 0)
		unlink(path);
}

int container_finish(struct container *c, int exit_code, struct error *err)
{
	bool ran = c->phase == PHASE_RUNNING;
	int r = executor_undo(&c->executor, err), r2 = 0;

	if (!c->claimed)
		return r;
	c->exit_code = exit_code;
	c->phase = PHASE_EXITED;
	if (ran && r == 0 && c->keep)
		r = c->keep(c, err);
	if (ran && !c->remove) {
		r2 = container_write_state(c, err);
		if (r == 0)
			close_ledger(c);
		return r < 0 ? r : r2;
	}
	r2 = container_remove_files(c->directory, c->data, r == 0, err);
	ledger_close(c->build.ledger);
	c->build.ledger = NULL;
	return r < 0 ? r : r2;
}

void container_free(struct container *c)
{
	if (!c)
		return;
	for (int i = 0; i < 3; i++)
		if (c->build.stdio[i] > 2 && (i < 2 || c->build.stdio[i] != c->build.stdio[1]))
			close(c->build.stdio[i]);
	ledger_close(c->build.ledger);
	plan_free(c->plan);
	build_release(&c->build);
	config_free(c->config);
	json_decref(c->config_json);
	image_release(&c->image);
	free(c->name);
	free(c->lab);
	free(c->directory);
	free(c->data);
	free(c->upper);
	free(c->work);
	free(c->merged);
	free(c->log);
	free(c);
}
