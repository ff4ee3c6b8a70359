#include "kernel/do/sweep.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/dirs.h"
#include "kernel/base/file.h"
#include "kernel/base/place_dirs.h"
#include "kernel/base/staged.h"
#include "kernel/do/container_state.h"
#include "kernel/do/lab_process.h"
#include "kernel/do/ledger.h"
#include "kernel/do/network/network.h"
#include "kernel/do/process_end.h"
#include "kernel/do/subid.h"
#include "kernel/store/lab_images.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STATE_LIMIT = 1 << 20, MONITOR_GRACE_MS = 5000, KEEPER_GRACE_MS = 15000 };

struct sweeping {
	const struct sweep_options *options;
	const char *runtime;
	const char *only_lab; /* containers of this lab; NULL = all containers */
	struct buf *report;
	struct error *err;
	int first; /* the first failure */
};

static void note(struct sweeping *s, const char *what, const char *name)
{
	if (s->report)
		buf_addf(s->report, "%s %s\n", what, name);
}

static void failed(struct sweeping *s, int r)
{
	if (r < 0 && s->first == 0)
		s->first = r;
}

/* A member of the JSON file that says who looks after the directory; NULL = unreadable. */
static json_t *read_state(const char *directory, const char *file)
{
	auto_free char *path = NULL;
	auto_buf text = BUF_INIT;

	if (asprintf(&path, "%s/%s", directory, file) < 0 ||
	        file_read_at(AT_FDCWD, path, STATE_LIMIT, &text) < 0)
		return NULL;
	return json_loadb(buf_text(&text), text.len, 0, NULL);
}

static struct process_id id_in(const json_t *state, const char *pid, const char *start)
{
	return (struct process_id){
	        .pid = (pid_t)json_integer_value(json_object_get(state, pid)),
	        .start_time = (uint64_t)json_integer_value(json_object_get(state, start)),
	};
}

static void remove_tree(struct sweeping *s, const char *path)
{
	int r = staged_remove(path);

	if (r < 0)
		failed(s, error_set(s->err, -r, "remove directory", path, NULL));
}

static void remove_container_data(struct sweeping *s, const char *name)
{
	auto_free char *path = NULL;
	int r;

	if (place_data(name, false, &path, NULL) < 0)
		return;
	r = subid_remove_tree(AT_FDCWD, path);
	if (r < 0)
		failed(s, error_set(s->err, -r, "remove directory", path, NULL));
	place_data_removed(path);
}

/* What the ledger lists. True when the directory that it stands in may go as well. */
static bool undo(struct sweeping *s, const char *ledger)
{
	int r = s->options->dry_run ? ledger_preview(ledger, s->report, s->err)
	                            : ledger_undo(ledger, s->report, s->err);

	failed(s, r);
	return r == 0 && !s->options->dry_run;
}

/* Asked by the signal that its monitor ends a container for, then by force. */
static void end_monitor(const struct process_id *monitor)
{
	if (process_id_signal(monitor, CONTAINER_QUIT_SIGNAL) == 0 &&
	        process_wait(monitor, MONITOR_GRACE_MS) == -ETIMEDOUT)
		process_end(monitor, 0);
}

static bool lab_exists(const struct sweeping *s, const char *id)
{
	auto_free char *path = NULL;

	return asprintf(&path, "%s/labs/%s", s->runtime, id) < 0 || access(path, F_OK) == 0;
}

/* Who looks after a container, and whether it is this sweep's to remove. */
struct claim {
	struct process_id monitor, owner;
	bool wanted, orphan;
};

static struct claim claim_of(const struct sweeping *s, const char *directory, bool take_living)
{
	auto_free char *ledger = NULL;
	json_t *state = read_state(directory, "state.json");
	struct claim c = {.monitor = id_in(state, "monitor_pid", "monitor_start")};
	const char *lab = json_string_value(json_object_get(state, "lab"));
	int r = -ENOMEM;

	if (asprintf(&ledger, "%s/ledger", directory) >= 0)
		r = ledger_owner(ledger, &c.owner);
	/* Without a ledger it exited in order: only its log and its files are there. */
	c.orphan = r == 0 && !process_id_alive(&c.owner);
	/* A monitor killed before it wrote whose lab it is in: an orphan is everybody's to sweep.
	 */
	if (s->only_lab)
		c.wanted = c.orphan || (lab && !strcmp(lab, s->only_lab));
	else
		c.wanted = c.orphan || take_living || (lab && *lab && !lab_exists(s, lab));
	/* A dry run leaves them there, so that they come by again with their lab. */
	if (s->options->dry_run && s->only_lab && (c.orphan || s->options->all))
		c.wanted = false;
	json_decref(state);
	return c;
}

static void sweep_container(
        struct sweeping *s, const char *directory, const char *name, bool take_living)
{
	auto_free char *ledger = NULL;
	struct claim c = claim_of(s, directory, take_living);

	if (!c.wanted || asprintf(&ledger, "%s/ledger", directory) < 0)
		return;
	if (!c.orphan && !s->options->dry_run) {
		end_monitor(&c.monitor);
		process_end(&c.owner, MONITOR_GRACE_MS);
	}
	if (undo(s, ledger)) {
		remove_container_data(s, name);
		remove_tree(s, directory);
	}
	note(s, "container", name);
}

/* Half a directory, of a process that was killed while it made or removed it. */
static void sweep_staged(struct sweeping *s, const char *path, const char *name)
{
	int r = s->options->dry_run ? 0 : dir_remove_tree(AT_FDCWD, path);

	if (r < 0)
		failed(s, error_set(s->err, -r, "remove directory", path, NULL));
	else
		note(s, "directory", name);
}

static void each_in(struct sweeping *s, const char *kind,
        void (*each)(struct sweeping *s, const char *directory, const char *name))
{
	auto_free char *list = NULL;
	auto_dir dir = NULL;
	struct dirent *entry;

	if (asprintf(&list, "%s/%s", s->runtime, kind) < 0 || !(dir = opendir(list)))
		return;
	while ((entry = readdir(dir))) {
		auto_free char *path = NULL;
		if (asprintf(&path, "%s/%s", list, entry->d_name) < 0)
			continue;
		if (entry->d_name[0] != '.')
			each(s, path, entry->d_name);
		else if (staged_abandoned(entry->d_name))
			sweep_staged(s, path, entry->d_name);
	}
}

static void sweep_listed_container(struct sweeping *s, const char *directory, const char *name)
{
	sweep_container(s, directory, name, s->options->all);
}

static void end_containers(struct sweeping *s, const char *directory, const char *id)
{
	struct sweeping containers = *s;

	(void)directory;
	containers.only_lab = id;
	each_in(&containers, "containers", sweep_listed_container);
	failed(s, containers.first);
}

static void end_lab(struct sweeping *s, const char *directory, const char *id)
{
	auto_free char *ledger = NULL;
	int images;

	end_containers(s, directory, id);
	lab_processes_end(id, s->options->dry_run, s->report);
	/* Among them may have been a monitor that had only just begun. */
	if (!s->options->dry_run)
		end_containers(s, directory, id);
	images = lab_images_undo(directory, s->options->dry_run, s->report, s->err);
	failed(s, images);
	if (asprintf(&ledger, "%s/ledger", directory) >= 0 && undo(s, ledger) && images == 0)
		remove_tree(s, directory);
	note(s, "lab", id);
}

/* A lab's id begins with the pid of who made it, before there is anything in its directory. */
static bool maker_lives(const char *directory)
{
	const char *id = strrchr(directory, '/') + 1;
	struct process_id maker;

	return process_id_read((pid_t)strtol(id, NULL, 10), &maker) == 0;
}

/* Whether the lab still has somebody: its keeper, or the shell that the keeper left behind. */
static bool lab_lives(const char *directory, struct process_id *ret_keeper)
{
	auto_free char *ledger = NULL;
	json_t *state = read_state(directory, "lab.json");
	struct process_id shell = id_in(state, "shell_pid", "shell_start");
	int r = -ENOMEM;

	if (asprintf(&ledger, "%s/ledger", directory) >= 0)
		r = ledger_owner(ledger, ret_keeper);
	if (!state && r == -ENOENT)
		return maker_lives(directory); /* it is just being made */
	json_decref(state);
	return (r == 0 && process_id_alive(ret_keeper)) || process_id_alive(&shell);
}

static void sweep_lab(struct sweeping *s, const char *directory, const char *id)
{
	struct process_id keeper = {0};
	const char *mine = getenv(LAB_VARIABLE);

	if (lab_lives(directory, &keeper)) {
		/* From inside a lab its own end would take the caller away in the middle. */
		if (!s->options->all || (mine && !strcmp(mine, id)) ||
		        process_is_ancestor(keeper.pid))
			return;
		if (!s->options->dry_run)
			process_end(&keeper, KEEPER_GRACE_MS);
	}
	end_lab(s, directory, id);
}

static int sweep_runtime(const char *runtime, const struct sweep_options *options,
        struct buf *report, struct error *err)
{
	struct sweeping s = {.options = options, .runtime = runtime, .report = report, .err = err};

	each_in(&s, "containers", sweep_listed_container);
	each_in(&s, "labs", sweep_lab);
	failed(&s, network_sweep(runtime, options->dry_run, report, err));
	return s.first;
}

int ledger_sweep(const char *runtime, bool all, struct buf *report, struct error *err)
{
	const struct sweep_options options = {.all = all};

	return sweep_runtime(runtime, &options, report, err);
}

int sweep(const struct sweep_options *options, struct buf *report, struct error *err)
{
	auto_free char *runtime = NULL;
	int r = dirs_path(DIRS_RUNTIME, NULL, false, &runtime, err);

	return r < 0 ? r : sweep_runtime(runtime, options, report, err);
}

static int one_lab(const char *lab_id, struct buf *report, struct error *err,
        void (*act)(struct sweeping *s, const char *directory, const char *id))
{
	const struct sweep_options options = {0};
	auto_free char *runtime = NULL, *directory = NULL;
	struct sweeping s = {.options = &options, .report = report, .err = err};
	int r = dirs_path(DIRS_RUNTIME, NULL, false, &runtime, err);

	if (r < 0)
		return r;
	if (asprintf(&directory, "%s/labs/%s", runtime, lab_id) < 0)
		return error_set(err, ENOMEM, "end lab", lab_id, NULL);
	s.runtime = runtime;
	act(&s, directory, lab_id);
	return s.first;
}

int lab_sweep(const char *lab_id, struct buf *report, struct error *err)
{
	return one_lab(lab_id, report, err, end_lab);
}

int lab_containers_end(const char *lab_id, struct buf *report, struct error *err)
{
	return one_lab(lab_id, report, err, end_containers);
}
