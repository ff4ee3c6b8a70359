#include "kernel/oci/enter.h"

#include "kernel/base/cleanup.h"
#include "kernel/do/capability.h"
#include "kernel/do/cgroup/directories.h"
#include "kernel/do/join.h"
#include "kernel/do/label.h"
#include "kernel/do/options.h"
#include "kernel/oci/bundle.h"
#include "kernel/oci/console.h"
#include "kernel/oci/create.h"
#include "kernel/oci/record.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

static int set_command(json_t *process, const struct enter_options *o, struct error *err)
{
	json_t *args = json_array();

	for (size_t i = 0; i < o->n_command; i++)
		if (json_array_append_new(args, json_string(o->command[i])) < 0) {
			json_decref(args);
			return error_set(err, EILSEQ, "run in container", o->command[i],
			        "the argument is not UTF-8");
		}
	return json_object_set_new(process, "args", args);
}

static void add_capabilities(json_t *process, uint64_t added)
{
	static const char *const sets[] = {"bounding", "effective", "permitted"};
	json_t *all = json_object_get(process, "capabilities");

	for (size_t s = 0; added && s < 3; s++) {
		json_t *list = json_object_get(all, sets[s]);
		if (all && !list) {
			json_object_set_new(all, sets[s], json_array());
			list = json_object_get(all, sets[s]);
		}
		for (int i = 0; list && i < 64; i++)
			if (added & UINT64_C(1) << i) {
				auto_buf name = BUF_INIT;
				capability_name(i, &name);
				json_array_append_new(list, json_string(buf_text(&name)));
			}
	}
}

/* The container's own `process` with what is different for this one program. */
static int change_process(json_t *process, const struct enter_options *o, struct error *err)
{
	uint32_t uid, gid;
	json_t *env;
	int r = set_command(process, o, err);

	if (r < 0)
		return r;
	if (!json_object_get(process, "env"))
		json_object_set_new(process, "env", json_array());
	env = json_object_get(process, "env");
	for (size_t i = 0; i < o->n_env; i++)
		options_set_env(env, o->env[i]);
	json_object_set_new(process, "terminal", json_boolean(o->terminal));
	if (o->cwd)
		json_object_set_new(process, "cwd", json_string(o->cwd));
	/* A program from outside has what its caller says, as with other runtimes. */
	json_object_set_new(process, "noNewPrivileges", json_boolean(o->no_new_privs));
	add_capabilities(process, o->cap_add);
	if (!o->user)
		return 0;
	if (options_user(o->user, &uid, &gid, err) < 0)
		return -EINVAL;
	return json_object_set_new(process, "user",
	        json_pack("{s:I, s:I}", "uid", (json_int_t)uid, "gid", (json_int_t)gid));
}

static int edit(json_t *json, const struct enter_options *o, struct error *err)
{
	json_t *process = NULL;
	int r;

	/* Hooks and the like are not this program's. */
	if (!o->process)
		return change_process(json_object_get(json, "process"), o, err);
	r = bundle_read_json(o->process, &process, err);
	if (r < 0)
		return r;
	if (o->terminal)
		json_object_set_new(process, "terminal", json_true());
	/* Who says nothing of capabilities means the container's. */
	if (!json_object_get(process, "capabilities"))
		json_object_set(process, "capabilities",
		        json_object_get(json_object_get(json, "process"), "capabilities"));
	return json_object_set_new(json, "process", process);
}

static int check(const struct enter_options *o, const struct record *r, const struct config *c,
        struct error *err)
{
	enum record_status status = record_status(r);

	if (status != RECORD_RUNNING && status != RECORD_CREATED)
		return error_set(err, status == RECORD_STOPPED ? ESRCH : EBUSY, "enter container",
		        r->id, "it is %s", record_status_name(status));
	if (c->terminal && !o->console_socket && !o->keep_console)
		return error_set(err, EINVAL, "enter container", "--tty",
		        "nobody would hold the terminal: say where it goes with --console-socket");
	return 0;
}

static int hand_over(struct entry *e, const struct enter_options *o, struct error *err)
{
	struct winsize size = {
	        .ws_col = (unsigned short)e->config->console_width,
	        .ws_row = (unsigned short)e->config->console_height,
	};
	int r;

	if (e->build.console_fd < 0)
		return 0;
	if (size.ws_col && size.ws_row)
		ioctl(e->build.console_fd, TIOCSWINSZ, &size);
	if (!o->console_socket)
		return 0;
	r = console_send(o->console_socket, e->build.console_fd, err);
	cleanup_fd(&e->build.console_fd);
	return r;
}

/* Of the container, for who decides about its calls. */
static int state_text(const struct build *b, const char *status, struct buf *out)
{
	json_t *json = record_state(b->state_of, status);
	auto_free char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;

	json_decref(json);
	if (!text)
		return -ENOMEM;
	buf_add(out, text);
	return buf_failed(out) ? -ENOMEM : 0;
}

static int prepare(
        struct entry *e, const struct record *r, const struct enter_options *o, struct error *err)
{
	struct build *b = &e->build;
	char root[64];
	int code = record_load_config(r, &e->json, err);

	if (code == 0)
		code = edit(e->json, o, err);
	if (code == 0)
		code = config_parse(e->json, &e->config, err);
	if (code == 0)
		code = check(o, r, e->config, err);
	if (code == 0) {
		e->config->mount_label = ""; /* its mounts are made */
		code = label_check(e->config, err);
	}
	if (code == 0) {
		bundle_trim_capabilities(e->config, o->process ? o->warnings : NULL);
		if (o->process && o->warnings)
			buf_add(o->warnings, buf_text(&e->config->warnings));
	}
	snprintf(root, sizeof root, "/proc/%d/root", (int)r->process.pid);
	if (code == 0)
		code = bundle_add_home(e->config, root, err);
	if (code == 0)
		code = directories_open_join((const char *const *)r->groups, r->n_groups, b, err);
	b->config = e->config;
	b->state_text = state_text;
	b->state_of = r;
	b->bundle = true;
	b->new_keyring = !o->no_new_keyring;
	b->warnings = o->process ? o->warnings : NULL;
	b->preserve_fds = o->preserve_fds;
	return code;
}

int enter(const struct enter_options *o, struct entry **ret, struct error *err)
{
	struct entry *e = calloc(1, sizeof *e);
	struct record *r = NULL;
	int code = e ? create_take_fds(o->preserve_fds, err)
	             : error_set(err, ENOMEM, "enter container", o->id, NULL);

	if (e)
		build_init(&e->build);
	if (code == 0)
		code = record_load(o->root, o->id, false, &r, err);
	if (code == 0) {
		e->build.name = o->id;
		code = prepare(e, r, o, err);
	}
	if (code == 0)
		code = join_start(&e->build, &r->process, err);
	if (code == 0)
		code = hand_over(e, o, err);
	if (code == 0)
		code = create_pid_file(o->pid_file, e->build.process.pid, err);
	record_free(r);
	if (code < 0) {
		entry_free(e);
		return code;
	}
	*ret = e;
	return 0;
}

void entry_free(struct entry *e)
{
	if (!e)
		return;
	build_release(&e->build);
	config_free(e->config);
	json_decref(e->json);
	free(e);
}
