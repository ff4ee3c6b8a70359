/* `cutaway exec`: one more program in a container of our own, found by its state. */
#include "kernel/base/cleanup.h"
#include "kernel/do/build.h"
#include "kernel/do/config.h"
#include "kernel/do/container_state.h"
#include "kernel/do/join.h"
#include "kernel/do/options.h"
#include "kernel/do/steps.h"
#include "kernel/do/users.h"
#include "kernel/do/watch_child.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

/* Names are those of the files that the container has now. */
static int find_user(const char *text, pid_t first, struct users *ret, struct error *err)
{
	auto_close root = -1;
	char path[32];

	snprintf(path, sizeof path, "/proc/%d/root", (int)first);
	root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return error_set(err, errno, "enter container", path, NULL);
	return users_find(text, users_open_root, &root, ret, err);
}

/* What is of the user: its numbers, its home, and no powers in effect for who is not root, as in
 * config_build(). */
static void set_user(json_t *process, const struct users *u)
{
	json_t *sets = json_object_get(process, "capabilities");
	auto_free char *home = NULL;

	json_object_set_new(process, "user", users_json(u));
	if (asprintf(&home, "HOME=%s", users_home(u)) >= 0)
		options_set_env(json_object_get(process, "env"), home);
	if (u->uid == 0)
		return;
	json_object_set_new(sets, "effective", json_array());
	json_object_set_new(sets, "permitted", json_array());
}

/* The configuration of the container with what is different for this one program. */
static int edit_config(json_t *json, pid_t first, const struct join_options *o, struct error *err)
{
	json_t *process = json_object_get(json, "process"), *args = json_array();
	json_t *env = json_object_get(process, "env");
	struct users user = {0};
	int r = o->user ? find_user(o->user, first, &user, err) : 0;

	if (r < 0) {
		json_decref(args);
		return r;
	}
	for (size_t i = 0; i < o->n_command; i++)
		if (json_array_append_new(args, json_string(o->command[i])) < 0) {
			json_decref(args);
			return error_set(err, EILSEQ, "run in container", o->command[i],
			        "the argument is not UTF-8");
		}
	json_object_set_new(process, "args", args);
	json_object_set_new(process, "terminal", json_boolean(o->terminal));
	if (o->user)
		set_user(process, &user);
	for (size_t i = 0; i < o->n_env; i++)
		options_set_env(env, o->env[i]);
	if (o->terminal)
		options_set_env(env, "TERM=xterm-256color");
	if (o->workdir)
		json_object_set_new(process, "cwd", json_string(o->workdir));
	return 0;
}

/* The files through which one joins the control groups that the first process is in: those that
 * bear the container's name. */
static int open_cgroup(struct build *b, const json_t *state, struct error *err)
{
	json_t *directories = json_object_get(state, "cgroup_dirs");
	const char *controller;
	json_t *directory;
	unsigned joined = 0;

	json_object_foreach (directories, controller, directory)
		joined |= cgroup_controller_parse(controller, strlen(controller));
	if (!joined)
		return 0;
	if (container_frozen(state)) {
		error_set(err, EBUSY, "enter container", b->name, "it is frozen");
		error_advise(err, "'cutaway unpause %s' lets it run on", b->name);
		return -EBUSY;
	}
	if (cgroup_new(b->config->cgroups_path, joined, &b->cgroup, err) < 0)
		return -err->code;
	return limit_open_join_files(b, err);
}

int join_run(const json_t *state, const struct join_options *o, int *ret_status, struct error *err)
{
	const char *name = json_string_value(json_object_get(state, "name"));
	struct process_id first = container_process(state);
	struct config *config = NULL;
	json_t *json = NULL;
	struct build b;
	int r;

	build_init(&b);
	b.name = name;
	r = container_load_config(name, &json, err);
	if (r == 0)
		r = edit_config(json, first.pid, o, err);
	if (r == 0)
		r = config_parse(json, &config, err);
	b.config = config;
	if (r == 0)
		r = open_cgroup(&b, state, err);
	if (r == 0)
		r = join_start(&b, &first, err);
	if (r == 0)
		*ret_status = watch_child(&b);
	build_release(&b);
	config_free(config);
	json_decref(json);
	return r;
}
