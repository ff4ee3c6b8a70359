/* The program cutaway-lab: every command, and without one the lab on the stage. People start
 * `cutaway`, which hands over to it: see shell/main.c. */
#include "shell/command.h"
#include "shell/command_list.h"
#include "shell/output.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/error.h"
#include "shell/lesson/lesson_find.h"
#include "shell/stage/stage.h"

#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int fail(const struct error *err)
{
	auto_buf text = BUF_INIT;

	error_format(err, &text);
	fprintf(stderr, "cutaway: %s\n", buf_text(&text));
	return 1;
}

static int stage_main(char **arguments)
{
	const char *name = getenv("CUTAWAY_THEME"), *lab = getenv("CUTAWAY_LAB");
	struct stage_options options = {.arguments = arguments, .theme = THEME_DARK};
	struct error err = {0};
	int r;

	if (name && *name && !theme_find(name, &options.theme)) {
		fprintf(stderr,
		        "cutaway: CUTAWAY_THEME: no theme is called '%s'\n"
		        "There are: %s.\n",
		        name, theme_names);
		return EXIT_USAGE;
	}
	if (lab && *lab) {
		error_set(&err, EBUSY, "start", "a lab", "this is a lab already");
		error_advise(&err, "'lesson NAME' changes the lesson, 'quit' ends the lab.");
		return fail(&err);
	}
	r = stage_run(&options, &err);
	if (r == -ENOTTY || r == -EOPNOTSUPP)
		error_advise(&err, "'cutaway shell' works without the drawing, on any terminal and "
		                   "over a pipe.");
	return r < 0 ? fail(&err) : r;
}

/* `cutaway`, `cutaway --fresh`, `cutaway 1`, `cutaway containers-are-linux`. */
static int run_lesson(int argc, char **argv)
{
	int first = argc > 1 && !strcmp(argv[1], "--fresh") ? 2 : 1;
	auto_free char *folder = NULL;
	struct error err = {0};

	if (argc > first && !strcmp(argv[first], "--"))
		first++;
	if (argc > first && lesson_find(argv[first], &folder, &err) < 0)
		return err.code == EINVAL ? fail(&err) : command_list_unknown(argv[first]);
	if (argc > first + 1) {
		fprintf(stderr,
		        "cutaway: one lesson at a time, not '%s' too\nTry 'cutaway --help'.\n",
		        argv[first + 1]);
		return EXIT_USAGE;
	}
	return stage_main(argv + 1);
}

static int run_words(int argc, char **argv)
{
	const struct command *command;
	int answered;

	if (argc && command_is_diagram(argv[0]) && (command = command_find("diagram")))
		return command_run_main(command, argc, argv);
	if ((answered = command_list_answer(argc, argv)) >= 0)
		return answered;
	if (argc < 2 || !(command = command_find(argv[1])))
		return run_lesson(argc, argv);
	return command_run_main(command, argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
	output_begin();
	setlocale(LC_ALL, "");
	return output_end(run_words(argc, argv));
}
