#include "shell/lesson/replay_place.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/dirs.h"
#include "kernel/base/file.h"
#include "shell/lab.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* What leads to the place; NULL = the value is not a directory of it. */
static const struct {
	const char *name, *below;
} settings[] = {
        {"HOME", "home"},
        {"XDG_DATA_HOME", "data"},
        {"XDG_STATE_HOME", "state"},
        {"XDG_CONFIG_HOME", "home/.config"},
        {"XDG_RUNTIME_DIR", "run"},
        {"CUTAWAY_LAB", NULL},
        {"LAB", NULL},
        {"LESSON", NULL},
        {"PATH", NULL},
};

static const int ending[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};

enum { SETTINGS = sizeof settings / sizeof *settings };
_Static_assert(SETTINGS <= sizeof((struct replay_place *)0)->saved / sizeof(char *), "no room");

static void save_environment(struct replay_place *p)
{
	for (size_t i = 0; i < SETTINGS; i++) {
		const char *value = getenv(settings[i].name);
		p->saved[i] = value ? strdup(value) : NULL;
	}
}

static void restore_environment(struct replay_place *p)
{
	for (size_t i = 0; i < SETTINGS; i++) {
		if (p->saved[i])
			setenv(settings[i].name, p->saved[i], 1);
		else
			unsetenv(settings[i].name);
		free(p->saved[i]);
	}
}

static int make_directories(struct replay_place *p)
{
	for (size_t i = 0; i < SETTINGS; i++) {
		auto_free char *path = NULL;

		if (!settings[i].below)
			continue;
		if (asprintf(&path, "%s/%s", p->directory, settings[i].below) < 0)
			return -ENOMEM;
		if (dir_make(path, 0700) < 0 || setenv(settings[i].name, path, 1) < 0)
			return -errno;
		if (!strcmp(settings[i].name, "HOME"))
			p->home = steal_ptr(path);
	}
	return 0;
}

static int lead_to_lab(struct replay_place *p, struct error *err)
{
	const char *before = getenv("PATH");
	auto_free char *path = NULL, *files = NULL, *lesson = NULL;
	int r;

	lab_make_id(p->lab_id, sizeof p->lab_id);
	r = dirs_path(DIRS_RUNTIME, NULL, true, &p->runtime, err);
	if (r < 0)
		return r;
	if (asprintf(&path, "%s/labs/%s/bin:%s", p->runtime, p->lab_id,
	            before ? before : "/usr/sbin:/usr/bin:/sbin:/bin") < 0 ||
	        asprintf(&files, "%s/labs/%s/files", p->runtime, p->lab_id) < 0 ||
	        asprintf(&lesson, "%s/labs/%s/lesson", p->runtime, p->lab_id) < 0)
		return error_set(err, ENOMEM, "make a place for", "the lesson", NULL);
	setenv("PATH", path, 1);
	setenv("CUTAWAY_LAB", p->lab_id, 1);
	setenv("LAB", files, 1);
	setenv("LESSON", lesson, 1);
	return 0;
}

/* Whoever ends us with Ctrl-C, SIGTERM or a closed pipe wants the place removed all the same: the
 * signal stays pending until that is done, and then ends us as it would have. */
static void hold_signals(struct replay_place *p)
{
	sigset_t held;

	sigemptyset(&held);
	for (size_t i = 0; i < sizeof ending / sizeof *ending; i++)
		sigaddset(&held, ending[i]);
	sigprocmask(SIG_BLOCK, &held, &p->signals);
}

bool replay_place_is_ended(void)
{
	sigset_t pending;

	sigpending(&pending);
	for (size_t i = 0; i < sizeof ending / sizeof *ending; i++)
		if (sigismember(&pending, ending[i]))
			return true;
	return false;
}

int replay_place_make(struct replay_place *p, struct error *err)
{
	const char *tmp = getenv("TMPDIR");
	int r;

	*p = (struct replay_place){0};
	hold_signals(p);
	save_environment(p);
	/* Containers of users that are not root walk through it. */
	if (asprintf(&p->directory, "%s/cutaway-replay-XXXXXX", tmp && *tmp == '/' ? tmp : "/tmp") <
	        0)
		p->directory = NULL;
	if (!p->directory || !mkdtemp(p->directory) || chmod(p->directory, 0711) < 0) {
		r = error_set(err, errno, "make directory", p->directory, NULL);
		free(p->directory);
		p->directory = NULL;
		return r;
	}
	r = make_directories(p);
	if (r < 0)
		return error_set(err, -r, "make a place for", "the lesson", NULL);
	r = lead_to_lab(p, err);
	/* Without the privilege nothing can be mounted outside of user namespaces either. */
	if (r == 0 && geteuid() == 0)
		lab_private_mounts(NULL);
	return r;
}

void replay_place_remove(struct replay_place *p)
{
	sigset_t signals;

	restore_environment(p);
	if (p->directory)
		dir_remove_tree(AT_FDCWD, p->directory);
	free(p->directory);
	free(p->home);
	free(p->runtime);
	signals = p->signals;
	*p = (struct replay_place){0};
	sigprocmask(SIG_SETMASK, &signals, NULL);
}
