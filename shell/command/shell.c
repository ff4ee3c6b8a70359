/* `cutaway shell`: the lab at a prompt, without the drawing. */
#include "shell/command.h"

#include "kernel/base/cleanup.h"
#include "shell/keeper.h"
#include "shell/lab.h"
#include "shell/repl.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct session {
	struct repl_options options;
	const char *id;
	pid_t keeper;
};

/* The lab's programs come first in PATH, for bash and for the checks of a lesson alike, and all
 * that is started is marked as the lab's. */
static int mark_environment(const struct lab *lab, struct error *err)
{
	auto_buf path = BUF_INIT, files = BUF_INIT, lesson = BUF_INIT;
	const char *old = getenv("PATH");

	buf_addf(&path, "%s/bin:%s", lab_directory(lab),
	        old && *old ? old : "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
	buf_addf(&files, "%s/files", lab_directory(lab));
	buf_addf(&lesson, "%s/lesson", lab_directory(lab));
	if (buf_failed(&path) || buf_failed(&files) || buf_failed(&lesson) ||
	        setenv("LAB", buf_text(&files), 1) || setenv("LESSON", buf_text(&lesson), 1) ||
	        setenv("PATH", buf_text(&path), 1) || setenv("CUTAWAY_LAB", lab_id(lab), 1) ||
	        unsetenv("CUTAWAY_STAGE"))
		return error_set(err, ENOMEM, "prepare", "the environment", NULL);
	return 0;
}

/* The learner's mounts stay in the lab: root gets a mount namespace of its own, which bash, the
 * checks and the containers share. A root that may not make one has to do without. */
static int run_lab(struct session *s, struct error *err)
{
	struct lab *lab = NULL;
	struct error refused = {0};
	int r = lab_create(s->id, &lab, err);

	if (r < 0)
		return r;
	if (!geteuid() && lab_private_mounts(&refused) < 0 && refused.code != EPERM)
		r = error_set(err, refused.code, refused.operation, refused.object, NULL);
	if (!r)
		r = mark_environment(lab, err);
	if (!r) {
		s->options.lab = lab;
		r = repl_run(&s->options, err);
	}
	lab_remove(lab);
	return r;
}

static int session_main(void *arg)
{
	struct session *s = arg;
	struct error err = {0};
	int r;

	s->keeper = getppid();
	r = run_lab(s, &err);
	if (r < 0)
		r = command_fail("shell", &err);
	if (getppid() != s->keeper && keeper_replace(s->id, &err) < 0)
		r = command_fail("shell", &err);
	return r;
}

static int shell_main(int argc, char **argv)
{
	static const struct option long_options[] = {
	        {"fresh", no_argument, NULL, 'f'},
	        {0},
	};
	/* The stage names the lab, so that it knows where to look. */
	const char *stage = getenv("CUTAWAY_STAGE");
	struct session s = {.options = {.stage = stage && *stage}};
	struct error err = {0};
	char id[64];
	int c, r;

	while ((c = command_option("shell", argc, argv, "", long_options)) != -1) {
		if (c == '?')
			return EXIT_USAGE;
		s.options.fresh = true;
	}
	if (argc - optind > 1)
		return command_usage_error(
		        "shell", "one lesson at a time, not '%s' too", argv[optind + 1]);
	s.options.lesson = argv[optind];
	if (getenv("CUTAWAY_LAB") && *getenv("CUTAWAY_LAB")) {
		error_set(&err, EBUSY, "start", "a lab", "this is a lab already");
		error_advise(&err, "'lesson NAME' changes the lesson, 'quit' ends the lab.");
		return command_fail("shell", &err);
	}
	if (s.options.stage)
		snprintf(id, sizeof(id), "%s", stage);
	else
		lab_make_id(id, sizeof(id));
	s.id = id;
	r = keeper_run(id, session_main, &s, &err);
	if (r < 0)
		return command_fail("shell", &err);
	if (isatty(STDOUT_FILENO) && !s.options.stage)
		puts("The lab has ended: nothing of it is left. Your progress is kept.");
	return r;
}

const struct command command_shell = {
        .name = "shell",
        .usage =
                "Usage: cutaway shell [--fresh] [LESSON]\n"
                "Opens the lab in this terminal: you type commands for a bash, and the tutor's\n"
                "words (next, back, hint, check, … 'help' lists them). Reads from a pipe as well.\n"
                "All that the lab makes goes when it ends, however it ends.\n\n"
                "  LESSON    number, name or folder; without it, the lesson where you stopped\n"
                "  --fresh   begin at the first page\n\n"
                "Environment: CUTAWAY_LESSONS, the folder of lessons; NO_COLOR.\n"
                "Files: history and progress in $XDG_STATE_HOME/cutaway.\n\n"
                "Exit status: 0 after 'quit'; over a pipe that of the last command; 1 when the\n"
                "lab could not start; 2 for a wrong command line.\n\n"
                "Examples:\n"
                "  cutaway shell\n"
                "  cutaway shell containers-are-linux\n"
                "  printf 'next\\ncheck\\n' | cutaway shell --fresh 1\n",
        .main = shell_main,
};
