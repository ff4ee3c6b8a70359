/* cutaway lint: what is wrong with lessons. */
#include "shell/lesson/lint.h"
#include "kernel/base/cleanup.h"
#include "shell/command.h"
#include "shell/lesson/lesson_find.h"
#include "shell/lesson/lint_questions.h"
#include "shell/lesson/lint_words.h"
#include "shell/lesson/scenario.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
        "Usage: cutaway lint [OPTION]... [LESSON]...\n"
        "Check lessons strictly. LESSON is a folder with an index.json, a folder of lessons, a\n"
        "number or a name; none means all.\n\n"
        "      --static  look at the files only; run nothing\n"
        "      --after-step COMMAND  as in 'cutaway replay', the first time that a lesson is done\n"
        "      --help    this text\n\n"
        "Looked at: keys and their types, keys of ours that nobody knows, files, links, escape\n"
        "sequences and zero bytes, code that never ends, the syntax of scripts (bash -n, sh -n),\n"
        "conditions of hints, answers, lengths and times; where a glossary.json, a\n"
        "dictionary.txt and a questions.json stand beside the lessons, bold terms, spelling (by\n"
        "aspell) and questions. Then each lesson is done twice: every check must fail before the\n"
        "commands of its page and pass after them, every hint must come true at some time, "
        "nothing\n"
        "may be left, and every solution must work.\n\n"
        "Output: FILE:LINE: MESSAGE, a line for each finding, details indented below it.\n"
        "Exit status: 0 nothing found, 1 something found, 2 usage.\n\n"
        "Examples:\n"
        "  cutaway lint lessons\n"
        "  cutaway lint --static lessons/containers-are-linux\n";

static void print_finding(void *data, const char *file, int line, const char *message)
{
	size_t n = strcspn(message, "\n");

	(void)data;
	printf("%s:%d: %.*s\n", file, line, (int)n, message);
	for (message += n; *message; message += n) {
		message++;
		n = strcspn(message, "\n");
		if (n)
			printf("  %.*s\n", (int)n, message);
	}
	fflush(stdout);
}

static void print_skipped(void *data, const char *page, const char *missing)
{
	(void)data;
	fprintf(stderr, "not tried here: %s: it needs '%s', which is missing here\n", page,
	        missing);
}

struct lint_options {
	bool proof;
	const char *after_step;
};

static size_t lint_folder(const char *folder, const struct lint_options *options)
{
	struct lint l = {.folder = folder,
	        .finding = print_finding,
	        .skipped = print_skipped,
	        .after_step = options->after_step};

	lint_static(&l);
	if (options->proof && l.n == 0)
		lint_proof(&l);
	return l.n;
}

/* All lessons of a folder. */
static size_t lint_all(const char *folder, const struct lint_options *options)
{
	struct arena arena = {0};
	struct lint beside = {.folder = folder, .finding = print_finding, .skipped = print_skipped};
	struct error err = {0};
	const char **names;
	size_t n, findings = 0;

	if (scenario_list(folder, &arena, &names, &n, &err) < 0) {
		command_fail("lint", &err);
		findings = 1;
		n = 0;
	} else if (n == 0) {
		printf("%s:1: there is no lesson in this folder\n", folder);
		findings = 1;
	}
	lint_glossary(&beside);
	lint_questions(&beside);
	findings += beside.n;
	for (size_t i = 0; i < n; i++) {
		auto_free char *path = NULL;
		if (asprintf(&path, "%s/%s", folder, names[i]) > 0)
			findings += lint_folder(path, options);
	}
	arena_release(&arena);
	return findings;
}

/* A folder given as such, without its last slashes; or a lesson that is named. */
static size_t lint_one(const char *what, const struct lint_options *options)
{
	auto_free char *folder = strdup(what), *index = NULL, *found = NULL;
	struct error err = {0};

	for (size_t n = folder ? strlen(folder) : 0; n > 1 && folder[n - 1] == '/'; n--)
		folder[n - 1] = '\0';
	if (!folder || asprintf(&index, "%s/index.json", folder) < 0)
		return 1;
	if (access(index, F_OK) == 0)
		return lint_folder(folder, options);
	if (access(folder, F_OK) == 0)
		return lint_all(folder, options);
	if (lesson_find(what, &found, &err) < 0) {
		command_fail("lint", &err);
		return 1;
	}
	return lint_folder(found, options);
}

static int lint_main(int argc, char **argv)
{
	static const struct option known[] = {
	        {"static", no_argument, NULL, 's'},
	        {"after-step", required_argument, NULL, 'a'},
	        {NULL, 0, NULL, 0},
	};
	auto_free char *directory = NULL;
	struct error err = {0};
	size_t findings = 0;
	struct lint_options options = {.proof = true};
	int c;

	while ((c = command_option("lint", argc, argv, "", known)) != -1) {
		if (c == 's')
			options.proof = false;
		else if (c == 'a')
			options.after_step = optarg;
		else
			return EXIT_USAGE;
	}
	if (optind == argc) {
		if (lesson_directory(&directory, &err) < 0)
			return command_fail("lint", &err);
		findings = lint_all(directory, &options);
	}
	for (int i = optind; i < argc; i++)
		findings += lint_one(argv[i], &options);
	return findings > 0;
}

const struct command command_lint = {
        .name = "lint",
        .usage = usage,
        .main = lint_main,
};
