#include "kernel/do/container_state.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/dirs.h"
#include "kernel/base/file.h"
#include "kernel/base/place_dirs.h"
#include "kernel/base/staged.h"
#include "kernel/do/container.h"
#include "kernel/do/ledger.h"
#include "kernel/do/network/network.h"
#include "kernel/do/process_end.h"
#include "kernel/do/step_json.h"
#include "kernel/do/subid.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STATUS_SIZE = 48, STATE_LIMIT = 1 << 20, MONITOR_WAIT_MS = 10000 };

/* ---- writing ------------------------------------------------------------------------------- */

static const char *const phases[] = {
        [PHASE_PLANNED] = "planned",
        [PHASE_BUILDING] = "building",
        [PHASE_RUNNING] = "running",
        [PHASE_EXITED] = "exited",
};

/* Who builds step by step wants to see what each asks of the kernel; at full speed nobody looks,
 * and it would take its time. */
static json_t *steps_json(const struct plan *p, const struct build *b, bool explained)
{
	json_t *list = json_array();

	for (size_t i = 0; i < p->n; i++) {
		const struct step *s = &p->steps[i];
		bool failed = s->state == STEP_STATE_FAILED;
		json_t *step = json_pack("{s:s, s:s, s:s, s:s, s:s}", "id", s->ops->id, "title",
		        s->ops->title, "status", step_state_name(s->state), "error",
		        failed ? s->error : "", "advice", failed ? s->advice : "");
		if (explained)
			step_explain_json(s, b, step);
		json_array_append_new(list, step);
	}
	return list;
}

static json_t *texts(char *const *list, size_t n)
{
	json_t *array = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(array, json_string(list[i]));
	return array;
}

/* Where the files of its control group are, by controller: on v1 each has a directory of its own.
 */
static json_t *directories_json(const struct cgroup *cg)
{
	static const enum cgroup_controller all[] = {
	        CGROUP_MEMORY, CGROUP_PIDS, CGROUP_CPU, CGROUP_FREEZER};
	json_t *object = json_object();

	for (size_t i = 0; cg && i < sizeof all / sizeof *all; i++)
		if (cgroup_controllers(cg) & (unsigned)all[i])
			json_object_set_new(object, cgroup_controller_name(all[i]),
			        json_string(cgroup_directory(cg, all[i])));
	return object;
}

static json_t *state_json(const struct container *c)
{
	const struct build *b = &c->build;
	size_t n_args = 0;

	while (c->config->args[n_args])
		n_args++;
	return json_pack("{s:i, s:s, s:s, s:o, s:s, s:i, s:I, s:i, s:I, s:i, s:s, s:s, s:o, s:s, "
	                 "s:s, s:s, s:s, s:b, s:b, s:o, s:o, s:s}",
	        "version", 1, "name", c->name, "image", c->image.name ? c->image.name : "",
	        "command", texts(c->config->args, n_args), "status", phases[c->phase], "pid",
	        (int)b->process.pid, "start_time", (json_int_t)b->process.start_time, "monitor_pid",
	        (int)c->monitor.pid, "monitor_start", (json_int_t)c->monitor.start_time,
	        "exit_code", c->exit_code, "cgroup", b->cgroup ? cgroup_path(b->cgroup) : "",
	        "hostname", c->config->hostname, "layers",
	        texts(c->image.layers, c->image.n_layers), "upper", c->upper, "rootfs", c->merged,
	        "lab", c->lab, "log", c->detached ? c->log : "", "remove", c->remove, "stepping",
	        c->stepping, "cgroup_dirs", directories_json(b->cgroup), "steps",
	        steps_json(c->plan, b, c->stepping), "image_digest",
	        c->image.manifest_digest ? c->image.manifest_digest : "");
}

int container_write_state(struct container *c, struct error *err)
{
	auto_free char *text = NULL, *path = NULL;
	json_t *json = state_json(c);
	int r;

	if (json && c->build.network)
		json_object_set_new(json, "network", network_json(c->build.network));

	text = json ? json_dumps(json, JSON_COMPACT) : NULL;
	json_decref(json);
	if (!text || asprintf(&path, "%s/state.json", c->directory) < 0)
		return error_set(err, ENOMEM, "write state", c->name, NULL);
	r = file_replace_at(AT_FDCWD, path, text, strlen(text), 0600);
	return r < 0 ? error_set(err, -r, "write state", path, NULL) : 0;
}

/* ---- reading ------------------------------------------------------------------------------- */

static int directories(const char *name, char **ret_runtime, char **ret_data, struct error *err)
{
	auto_free char *below = NULL;
	int r;

	if (asprintf(&below, "containers/%s", name) < 0)
		return error_set(err, ENOMEM, "find container", name, NULL);
	r = dirs_path(DIRS_RUNTIME, below, false, ret_runtime, err);
	if (r == 0 && ret_data)
		r = place_data(name, false, ret_data, err);
	return r;
}

static int load_file(const char *name, const char *file, json_t **ret, struct error *err)
{
	auto_free char *directory = NULL, *path = NULL;
	auto_buf text = BUF_INIT;
	json_error_t problem;
	int r;

	if (!container_name_ok(name))
		return error_set(err, EINVAL, "find container", name, "that is no container name");
	r = directories(name, &directory, NULL, err);
	if (r < 0)
		return r;
	if (asprintf(&path, "%s/%s", directory, file) < 0)
		return error_set(err, ENOMEM, "find container", name, NULL);
	r = file_read_at(AT_FDCWD, path, STATE_LIMIT, &text);
	if (r == -ENOENT) {
		error_set(err, ENOENT, "find container", name, "there is none of that name");
		error_advise(err, "'cutaway ps -a' lists them");
		return -ENOENT;
	}
	if (r < 0)
		return error_set(err, -r, "read", path, NULL);
	*ret = json_loadb(buf_text(&text), text.len, 0, &problem);
	if (!json_is_object(*ret)) {
		json_decref(*ret);
		*ret = NULL;
		return error_set(
		        err, EBADMSG, "read", path, "line %d: %s", problem.line, problem.text);
	}
	return 0;
}

static struct process_id process_of(const json_t *state, const char *pid, const char *start)
{
	return (struct process_id){
	        .pid = (pid_t)json_integer_value(json_object_get(state, pid)),
	        .start_time = (uint64_t)json_integer_value(json_object_get(state, start)),
	};
}

struct process_id container_process(const json_t *state)
{
	return process_of(state, "pid", "start_time");
}

struct process_id container_monitor(const json_t *state)
{
	return process_of(state, "monitor_pid", "monitor_start");
}

const char *container_status_text(const json_t *state)
{
	const char *text = json_string_value(json_object_get(state, "status"));

	return text ? text : "exited";
}

/* The first process dies with its monitor, so without a monitor there is none, whatever the file
 * says. */
static void put_right(json_t *state)
{
	struct process_id monitor = container_monitor(state);

	if (!strcmp(container_status_text(state), "exited") || process_id_alive(&monitor))
		return;
	json_object_set_new(state, "status", json_string("exited"));
	json_object_set_new(state, "pid", json_integer(0));
	json_object_set_new(state, "exit_code", json_integer(137));
}

int container_load(const char *name, json_t **ret, struct error *err)
{
	int r = load_file(name, "state.json", ret, err);

	if (r == 0)
		put_right(*ret);
	return r;
}

int container_load_config(const char *name, json_t **ret, struct error *err)
{
	return load_file(name, "config.json", ret, err);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names of all, sorted. */
static int list_names(struct arena *a, char ***ret, size_t *ret_n, struct error *err)
{
	enum { MAX = 65536 };
	auto_free char *path = NULL;
	auto_dir dir = NULL;
	struct dirent *entry;
	size_t n = 0;
	int r = dirs_path(DIRS_RUNTIME, "containers", false, &path, err);

	if (r < 0)
		return r;
	*ret = arena_alloc(a, MAX * sizeof **ret);
	if (!*ret)
		return error_set(err, ENOMEM, "list containers", path, NULL);
	dir = opendir(path);
	while (dir && n < MAX && (entry = readdir(dir)))
		if (container_name_ok(entry->d_name))
			(*ret)[n++] = arena_strdup(a, entry->d_name);
	qsort(*ret, n, sizeof **ret, by_name);
	*ret_n = n;
	return 0;
}

int container_load_all(json_t **ret, struct error *err)
{
	struct arena arena = {0};
	char **names;
	size_t n = 0;
	int r = list_names(&arena, &names, &n, err);
	json_t *list = json_array();

	for (size_t i = 0; r == 0 && i < n; i++) {
		json_t *state;
		/* One that is just being made or removed is not there yet, or no more. */
		if (container_load(names[i], &state, NULL) == 0)
			json_array_append_new(list, state);
	}
	arena_release(&arena);
	if (r < 0) {
		json_decref(list);
		return r;
	}
	*ret = list;
	return 0;
}

/* ---- acting -------------------------------------------------------------------------------- */

static const char *name_of(const json_t *state)
{
	const char *name = json_string_value(json_object_get(state, "name"));

	return name ? name : "";
}

int container_kill(const json_t *state, int signal, struct error *err)
{
	struct process_id process = container_process(state);
	int r = process_id_signal(&process, signal);

	if (r == -ESRCH)
		return error_set(err, ESRCH, "signal container", name_of(state),
		        "it is %s: there is no process to signal", container_status_text(state));
	return r < 0 ? error_set(err, -r, "signal container", name_of(state), NULL) : 0;
}

static const char *freezer_of(const json_t *state)
{
	const json_t *directories = json_object_get(state, "cgroup_dirs");

	return json_string_value(json_object_get(directories, "freezer"));
}

int container_freeze(const json_t *state, bool frozen, struct error *err)
{
	const char *directory = freezer_of(state);

	if (container_process(state).pid == 0)
		return error_set(err, ESRCH, frozen ? "freeze" : "thaw", name_of(state),
		        "it is %s: there is no process", container_status_text(state));
	if (!directory) {
		error_set(err, ENOTSUP, frozen ? "freeze" : "thaw", name_of(state),
		        "it has no control group with a freezer");
		error_advise(err, "'cutaway doctor' tells what control groups can do here");
		return -ENOTSUP;
	}
	return cgroup_directory_freeze(directory, frozen, err);
}

bool container_frozen(const json_t *state)
{
	const char *directory = freezer_of(state);

	return directory && cgroup_directory_frozen(directory);
}

int container_stop(const json_t *state, int signal, int seconds, struct error *err)
{
	struct process_id process = container_process(state), monitor = container_monitor(state);
	int r = container_kill(state, signal, err);

	if (r < 0)
		return r;
	/* What is frozen takes no signal, on v1 not even SIGKILL. */
	if (container_frozen(state))
		container_freeze(state, false, NULL);
	r = process_wait(&process, seconds > 2000000 ? -1 : seconds * 1000);
	if (r == -ETIMEDOUT)
		r = process_end(&process, 0);
	if (r < 0)
		return error_set(err, -r, "stop container", name_of(state), NULL);
	/* A monitor that still has steps to offer stays; one of a program that ran is done. */
	if (!strcmp(container_status_text(state), "running"))
		process_wait(&monitor, MONITOR_WAIT_MS);
	return 0;
}

bool container_sweep(const char *name)
{
	auto_free char *runtime = NULL, *directory = NULL;

	/* An ended container has no ledger, and so keeps its name until it is removed. */
	if (dirs_path(DIRS_RUNTIME, NULL, false, &runtime, NULL) < 0 ||
	        directories(name, &directory, NULL, NULL) < 0 ||
	        ledger_sweep(runtime, false, NULL, NULL) < 0)
		return false;
	return access(directory, F_OK) < 0;
}

int container_remove_files(
        const char *directory, const char *data, bool ledger_done, struct error *err)
{
	int r = subid_remove_tree(AT_FDCWD, data);

	if (r < 0)
		error_set(err, -r, "remove files of container", data, NULL);
	if (r == -EACCES || r == -EPERM)
		error_advise(err, "they belong to subordinate ids: 'cutaway doctor' tells whether "
		                  "you still have these; root can remove them");
	if (r < 0)
		return r;
	place_data_removed(data);
	if (!ledger_done)
		return 0;
	r = staged_remove(directory);
	return r < 0 ? error_set(err, -r, "remove files of container", directory, NULL) : 0;
}

/* Its monitor ends it, undoes what was made and goes; only a monitor that does not is ended too,
 * and its first process dies with it. */
static int end_by_force(const struct process_id *monitor, const char *name, struct error *err)
{
	int r = process_id_signal(monitor, CONTAINER_QUIT_SIGNAL);

	if (r == -ESRCH)
		return 0;
	if (r == 0)
		r = process_wait(monitor, MONITOR_WAIT_MS);
	if (r == -ETIMEDOUT)
		r = process_end(monitor, 0);
	return r < 0 ? error_set(err, -r, "end container", name, NULL) : 0;
}

/* Who has to be ended before it can be removed: pid 0 = nobody. Where the state cannot be read the
 * ledger still tells whose it is, so that a container with a damaged file can be removed, too. */
static int living_monitor(const char *name, const char *ledger, struct process_id *ret,
        char ret_status[static STATUS_SIZE], struct error *err)
{
	struct error problem = {0};
	json_t *state = NULL;
	int r = container_load(name, &state, &problem);

	*ret = (struct process_id){0};
	snprintf(ret_status, STATUS_SIZE, "%s",
	        r == 0 ? container_status_text(state) : "alive, though its state is damaged");
	if (r == 0) {
		if (strcmp(ret_status, "exited") != 0)
			*ret = container_monitor(state);
		json_decref(state);
		return 0;
	}
	if (r == -EBADMSG || (r == -ENOENT && access(ledger, F_OK) == 0)) {
		if (ledger_owner(ledger, ret) < 0 || !process_id_alive(ret))
			*ret = (struct process_id){0};
		return 0;
	}
	if (err && !err->code)
		*err = problem;
	return r;
}

int container_remove(const char *name, bool force, struct error *err)
{
	auto_free char *directory = NULL, *data = NULL, *ledger = NULL;
	struct process_id monitor;
	char status[STATUS_SIZE];
	int r;

	if (!container_name_ok(name))
		return error_set(err, EINVAL, "find container", name, "that is no container name");
	r = directories(name, &directory, &data, err);
	if (r < 0)
		return r;
	if (asprintf(&ledger, "%s/ledger", directory) < 0)
		return error_set(err, ENOMEM, "remove container", name, NULL);
	r = living_monitor(name, ledger, &monitor, status, err);
	if (r < 0)
		return r;
	if (monitor.pid && !force) {
		error_set(err, EBUSY, "remove container", name, "it is %s", status);
		error_advise(err, "stop it with 'cutaway stop %s', or use --force", name);
		return -EBUSY;
	}
	r = monitor.pid ? end_by_force(&monitor, name, err) : 0;
	if (r == 0 && access(ledger, F_OK) == 0)
		r = ledger_undo(ledger, NULL, err);
	return r < 0 ? r : container_remove_files(directory, data, true, err);
}
