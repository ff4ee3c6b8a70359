#include "kernel/oci/life.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/do/build.h"
#include "kernel/do/hooks.h"
#include "kernel/do/mount_join.h"
#include "kernel/do/namespace_join.h"
#include "kernel/do/process_end.h"
#include "kernel/do/start.h"
#include "kernel/oci/bundle.h"
#include "kernel/oci/record.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const *groups_of(const struct record *r)
{
	return (const char *const *)r->groups;
}

static int does_not_fit(
        const struct record *r, const char *operation, enum record_status is, struct error *err)
{
	error_set(err, EBUSY, operation, r->id, "it is %s", record_status_name(is));
	return -EBUSY;
}

static char *state_text(const struct record *r, const char *status)
{
	json_t *json = record_state(r, status);
	char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;

	json_decref(json);
	return text;
}

void life_late_hooks(const struct record *r, const struct hook_list *hooks, const char *status,
        struct buf *warnings)
{
	auto_free char *text = hooks->n ? state_text(r, status) : NULL;
	auto_close fd = text ? hooks_state(text, strlen(text)) : -1;

	for (size_t i = 0; fd >= 0 && i < hooks->n; i++) {
		struct hook_list one = {.hooks = &hooks->hooks[i], .n = 1};
		struct child_error fail = {0};
		const char *meaning;
		if (hooks_run(&one, fd, -1, 0, &fail) == 0 || !warnings)
			continue;
		meaning = hooks_meaning(fail.code);
		buf_addf(warnings, "%s: %s: %s\n", fail.operation, fail.object,
		        meaning ? meaning : strerror(fail.code));
	}
}

static int load_config(
        const struct record *r, json_t **json, struct config **config, struct error *err)
{
	int code = record_load_config(r, json, err);

	return code < 0 ? code : config_parse(*json, config, err);
}

int life_release(const struct record *r, const struct config *config, struct error *err)
{
	auto_free char *text = state_text(r, "created");
	int code = text ? start_release(r->directory, config, r->process.pid, text, err)
	                : error_set(err, ENOMEM, "start container", r->id, NULL);

	if (code < 0)
		process_end(&r->process, 0);
	return code;
}

int life_start(const char *root, const char *id, struct buf *warnings, struct error *err)
{
	struct record *r = NULL;
	struct config *config = NULL;
	json_t *json = NULL;
	int code = record_load(root, id, true, &r, err);

	if (code < 0)
		return code;
	if (record_status(r) != RECORD_CREATED)
		code = does_not_fit(r, "start container", record_status(r), err);
	if (code == 0)
		code = load_config(r, &json, &config, err);
	if (code == 0)
		code = life_release(r, config, err);
	if (code == 0)
		life_late_hooks(r, &config->hooks[HOOK_POSTSTART], "running", warnings);
	config_free(config);
	json_decref(json);
	record_free(r);
	return code;
}

static int kill_one(const struct record *r, int signal, bool all, struct error *err)
{
	enum record_status status = record_status(r);
	int code;

	if (all || (signal == SIGKILL && !r->own_pids && r->n_groups))
		return group_signal(groups_of(r), r->n_groups, signal, err);
	if (status == RECORD_STOPPED || status == RECORD_CREATING) {
		error_set(err, ESRCH, "signal container", r->id, "container not running");
		return -ESRCH;
	}
	code = process_id_signal(&r->process, signal);
	if (code < 0)
		return error_set(err, -code, "signal container", r->id,
		        code == -ESRCH ? "container not running" : "%s", strerror(-code));
	/* What is frozen cannot end. */
	if (signal == SIGKILL && status == RECORD_PAUSED)
		return group_freeze(groups_of(r), r->n_groups, false, err);
	return 0;
}

int life_kill(const char *root, const char *id, int signal, bool all, struct error *err)
{
	struct record *r = NULL;
	int code = record_load(root, id, false, &r, err);

	if (code < 0)
		return code;
	code = kill_one(r, signal, all, err);
	record_free(r);
	return code;
}

static int end(const struct record *r, struct error *err)
{
	int code;

	if (r->n_groups && group_frozen(groups_of(r), r->n_groups))
		group_freeze(groups_of(r), r->n_groups, false, NULL);
	code = process_end(&r->process, 0);
	if (code == -ETIMEDOUT) { /* its own group is thawed; those above it are not ours */
		error_set(err, ETIMEDOUT, "end container", r->id,
		        "it was killed and has not ended: a control group above its own may be "
		        "frozen, or it waits for a device");
		error_advise(err,
		        "see /proc/%d/cgroup and /proc/%d/stack; once it has ended, delete it "
		        "again",
		        (int)r->process.pid, (int)r->process.pid);
		return code;
	}
	return code < 0 ? error_set(err, -code, "end container", r->id, NULL) : 0;
}

static int remove_all(struct record *r, struct error *err)
{
	int code = group_remove(groups_of(r), r->n_groups, r->kept, err);

	return code < 0 ? code : record_remove(r, err);
}

/* What was mounted where others live does not go with the container. When its mount namespace is
 * not found any more, neither are its mounts. */
static void unmount_root(const struct record *r, const struct config *config)
{
	struct build b;

	if (!r->root_mount.mount)
		return;
	build_init(&b);
	b.config = config;
	if (namespace_join_open(&b, NULL) == 0)
		mount_join_clean(&b, r->rootfs, r->root_mount, NULL);
	build_release(&b);
}

/* A creation that crashed may have left a directory and no more. */
static int delete_broken(
        const char *root, const char *id, const struct error *why, struct error *err)
{
	auto_free char *path = NULL;

	int r;

	if (asprintf(&path, "%s/%s", root, id) < 0)
		return error_set(err, ENOMEM, "delete container", id, NULL);
	r = dir_remove_tree(AT_FDCWD, path);
	return r < 0 ? error_set(err, -r, "delete container", id, "%s", why->cause) : 0;
}

int life_delete(const char *root, const char *id, bool force, const struct config *known,
        struct buf *warnings, struct error *err)
{
	struct record *r = NULL;
	struct config *config = NULL;
	struct error why = {0};
	json_t *json = NULL;
	enum record_status status;
	int code = record_load(root, id, true, &r, &why);

	if (code == -ENOENT && force && !strcmp(why.cause, "container does not exist"))
		return 0;
	if (code < 0)
		return force && code != -EPERM && record_id_ok(id)
		               ? delete_broken(root, id, &why, err)
		               : (*err = why, code);
	status = record_status(r);
	if (status != RECORD_STOPPED && !force) {
		code = does_not_fit(r, "delete container", status, err);
		error_advise(err, "end it first: cutaway-oci kill %s KILL; or delete --force", id);
	}
	if (code == 0 && status != RECORD_STOPPED)
		code = end(r, err);
	if (code == 0) {
		/* For its hooks; gone already when broken. */
		if (!known && load_config(r, &json, &config, &why) == 0)
			known = config;
		if (known)
			unmount_root(r, known);
		code = remove_all(r, err);
	}
	if (code == 0 && known)
		life_late_hooks(r, &known->hooks[HOOK_POSTSTOP], "stopped", warnings);
	config_free(config);
	json_decref(json);
	record_free(r);
	return code;
}

int life_pause(const char *root, const char *id, bool pause, struct error *err)
{
	struct record *r = NULL;
	int code = record_load(root, id, true, &r, err);
	enum record_status status;

	if (code < 0)
		return code;
	status = record_status(r);
	if (pause ? status != RECORD_RUNNING && status != RECORD_CREATED : status != RECORD_PAUSED)
		code = does_not_fit(r, pause ? "pause container" : "resume container", status, err);
	else
		code = group_freeze(groups_of(r), r->n_groups, pause, err);
	record_free(r);
	return code;
}
