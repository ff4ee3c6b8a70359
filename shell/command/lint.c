/* cutaway lint: what is wrong with lessons. */
#include "shell/lesson/lint.h"
#include "kernel/base/cleanup.h"
#include "shell/command.h"
#include "shell/lesson/lesson_find.h"
#include "shell/lesson/scenario.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
        "Usage: cutaway lint [--static] [LESSON]...\n"
        "Check lessons strictly. LESSON is a folder with an index.json, a folder of lessons, a\n"
        "number or a name; none means all.\n\n"
        "      --static  look at the files only; run nothing\n"
        "      --help    this text\n\n"
        "Looked at: keys and their types, keys of ours that nobody knows, files, links, escape\n"
        "sequences, conditions of hints, answers, lengths and times. Then each lesson is done "
        "twice:\n"
        "every check must fail before the commands of its page and pass after them, nothing may "
        "be\n"
        "left, and every solution must work.\n\n"
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
	fprintf(stderr, "not tried here: %s: it needs '%s', which 'cutaway doctor' finds missing\n",
	        page, missing);
}

static size_t lint_folder(const char *folder, bool proof)
{
	struct lint l = {.folder = folder, .finding = print_finding, .skipped = print_skipped};

	lint_static(&l);
	if (proof && l.n == 0)
		lint_proof(&l);
	return l.n;
}

/* All lessons of a folder. */
static size_t lint_all(const char *folder, bool proof)
{
	struct arena arena = {0};
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
	for (size_t i = 0; i < n; i++) {
		auto_free char *path = NULL;
		if (asprintf(&path, "%s/%s", folder, names[i]) > 0)
			findings += lint_folder(path, proof);
	}
	arena_release(&arena);
	return findings;
}

/* A folder given as such, without its last slashes; or a lesson that is named. */
static size_t lint_one(const char *what, bool proof)
{
	auto_free char *folder = strdup(what), *index = NULL, *found = NULL;
	struct error err = {0};

	for (size_t n = folder ? strlen(folder) : 0; n > 1 && folder[n - 1] == '/'; n--)
		folder[n - 1] = '\0';
	if (!folder || asprintf(&index, "%s/index.json", folder) < 0)
		return 1;
	if (access(index, F_OK) == 0)
		return lint_folder(folder, proof);
	if (access(folder, F_OK) == 0)
		return lint_all(folder, proof);
	if (lesson_find(what, &found, &err) < 0) {
		command_fail("lint", &err);
		return 1;
	}
	return lint_folder(found, proof);
}

static int lint_main(int argc, char **argv)
{
	static const struct option known[] = {
	        {"static", no_argument, NULL, 's'}, {NULL, 0, NULL, 0}};
	auto_free char *directory = NULL;
	struct error err = {0};
	size_t findings = 0;
	bool proof = true;
	int c;

	opterr = 0; /* our own words instead */
	while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (c != 's')
			return command_usage_error("lint", "unknown option '%s'", argv[optind - 1]);
		proof = false;
	}
	if (optind == argc) {
		if (lesson_directory(&directory, &err) < 0)
			return command_fail("lint", &err);
		findings = lint_all(directory, proof);
	}
	for (int i = optind; i < argc; i++)
		findings += lint_one(argv[i], proof);
	return findings > 0;
}

const struct command command_lint = {
        .name = "lint",
        .summary = "check lessons strictly, and prove that their checks do",
        .usage = usage,
        .main = lint_main,
};
