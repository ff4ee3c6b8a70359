/* The program cutaway-lab: every command, and without one the lab on the stage. People start
 * `cutaway`, which hands over to it: see shell/main.c. */
#include "shell/command.h"
#include "shell/output.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/error.h"
#include "shell/lesson/lesson_find.h"
#include "shell/stage/stage.h"
#include "shell/tutor.h"

#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void print_help(void)
{
	puts("Usage: cutaway [--fresh] [LESSON]\n"
	     "       cutaway COMMAND [OPTION]... [ARG]...\n"
	     "A teaching shell and live drawing for Linux containers.\n\n"
	     "Without a command: the lab, with lesson, terminal and drawing on one screen.\n"
	     "LESSON is a number, a name or a folder; --fresh begins at the first page.\n\n"
	     "Commands:");
	for (size_t i = 0; commands[i]; i++)
		if (!commands[i]->hidden)
			printf("  %-10s %s\n", commands[i]->name, commands[i]->summary);
	puts("\n'cutaway COMMAND --help' tells the rest.\n\n"
	     "Environment: CUTAWAY_THEME (dark, light, mono, contrast, large, none), NO_COLOR,\n"
	     "CUTAWAY_LESSONS (the folder of lessons), and the XDG directories.");
}

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

	if (argc > first && argv[first][0] == '-') {
		fprintf(stderr, "cutaway: unknown option '%s'\nTry 'cutaway --help'.\n",
		        argv[first]);
		return EXIT_USAGE;
	}
	if (argc > first && lesson_find(argv[first], &folder, &err) < 0) {
		auto_buf meant = BUF_INIT;

		if (err.code == EINVAL)
			return fail(&err);
		for (size_t i = 0; commands[i]; i++)
			if (!commands[i]->hidden && tutor_is_near(argv[first], commands[i]->name))
				buf_addf(&meant, "; did you mean '%s'?", commands[i]->name);
		fprintf(stderr,
		        "cutaway: no command or lesson is called '%s'%s\n"
		        "'cutaway --help' lists the commands, 'cutaway lessons' the lessons.\n",
		        argv[first], buf_text(&meant));
		return EXIT_USAGE;
	}
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

	if (argc && command_is_diagram(argv[0]) && (command = command_find("diagram")))
		return command_run_main(command, argc, argv);
	if (argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))) {
		print_help();
		return 0;
	}
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
