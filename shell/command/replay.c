/* cutaway replay: lessons done unattended. */
#include "shell/lesson/replay.h"
#include "kernel/base/cleanup.h"
#include "shell/command.h"
#include "shell/lesson/lesson_find.h"
#include "shell/lesson/scenario.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
        "Usage: cutaway replay [OPTION]... [LESSON]...\n"
        "Do lessons unattended: on every page the check must fail, the commands of the page are\n"
        "typed, and then the check must pass. At the end nothing may be left on the machine.\n"
        "LESSON is a folder, a number, a name or the beginning of a title; none means all.\n\n"
        "      --tap         speak the Test Anything Protocol\n"
        "      --upto N      stop after page N (the introduction is page 0)\n"
        "      --solutions   where a page has a solution script, run that; where it has\n"
        "                    no commands that is done anyway\n"
        "      --limit SECONDS  time for one command (60)\n"
        "      --after-step COMMAND  run this by bash after the commands of each page, outside of\n"
        "                    the lab's terminals while all they made is there; it must end with 0\n"
        "      --help        this text\n\n"
        "A command is typed when the terminal is read: by the shell, or by a program that the "
        "page\n"
        "has started, as a shell in a container, which switches the terminal to raw mode or reads\n"
        "from it. {{exec interrupt}} waits until the program sleeps, and types Ctrl-C first.\n"
        "Each lesson has directories and a lab of its own. Pages whose needs are missing here are\n"
        "skipped, and the missing feature is named.\n\n"
        "Exit status: 0 all held, 1 something did not, 2 usage.\n\n"
        "Examples:\n"
        "  cutaway replay containers-are-linux\n"
        "  cutaway replay --tap lessons/*/\n";

struct output {
	bool tap;
	size_t points, failures, skips;
};

static void print_indented(const char *prefix, const char *text)
{
	while (*text) {
		size_t n = strcspn(text, "\n");
		printf("%s%.*s\n", prefix, (int)n, text);
		text += n + (text[n] == '\n');
	}
}

static void print_point(void *data, const struct replay_point *p)
{
	struct output *out = data;
	const struct scenario *lesson = p->lesson;
	const char *mark = p->skipped ? "-" : p->holds ? "✓" : "✗";
	char page[256] = "";

	out->points++;
	out->failures += !p->holds;
	out->skips += p->skipped != NULL;
	if (p->page < lesson->n_pages)
		snprintf(page, sizeof page, "%zu %s: ", p->page, lesson->pages[p->page].title);
	if (out->tap)
		printf("%sok %zu - %s: %s%s%s%s\n", p->holds ? "" : "not ", out->points,
		        lesson->name, page, p->what, p->skipped ? " # SKIP no " : "",
		        p->skipped ? p->skipped : "");
	else
		printf("  %s %s%s%s%s\n", mark, page, p->what,
		        p->skipped ? " skipped, missing here: " : "", p->skipped ? p->skipped : "");
	print_indented(out->tap ? "# " : "      ", p->diagnostics);
	fflush(stdout);
}

static int replay_folder(const char *folder, struct replay_options *options, struct output *out)
{
	struct scenario *lesson;
	struct error err = {0};
	int r = scenario_load(folder, &lesson, &err);

	if (r == 0) {
		if (!out->tap)
			printf("%s (%s)\n", lesson->title, lesson->name);
		r = replay_lesson(lesson, options, &err);
		scenario_free(lesson);
	}
	if (r < 0) {
		out->points++;
		out->failures++;
	}
	if (r < 0 && out->tap) {
		auto_buf text = BUF_INIT;

		error_format(&err, &text);
		printf("not ok %zu - %s can be replayed\n", out->points, folder);
		print_indented("# ", buf_text(&text));
	} else if (r < 0) {
		command_fail("replay", &err);
	}
	return r;
}

static int replay_all(struct replay_options *options, struct output *out)
{
	struct lesson_list list;
	struct error err = {0};

	if (lesson_list_read(&list, &err) < 0)
		return command_fail("replay", &err);
	for (size_t i = 0; i < list.n; i++)
		replay_folder(list.entries[i].folder, options, out);
	lesson_list_release(&list);
	return 0;
}

static bool read_number(const char *text, long least, long *ret)
{
	char *end;

	errno = 0;
	*ret = strtol(text, &end, 10);
	return *text && !*end && errno == 0 && *ret >= least && *ret < 100000;
}

static int replay_main(int argc, char **argv)
{
	static const struct option known[] = {
	        {"tap", no_argument, NULL, 't'},
	        {"upto", required_argument, NULL, 'u'},
	        {"solutions", no_argument, NULL, 's'},
	        {"limit", required_argument, NULL, 'l'},
	        {"after-step", required_argument, NULL, 'a'},
	        {NULL, 0, NULL, 0},
	};
	struct output out = {0};
	struct replay_options options = {.point = print_point, .data = &out};
	long number;
	int c;

	while ((c = command_option("replay", argc, argv, "", known)) != -1) {
		if (c == 't')
			out.tap = true;
		else if (c == 's')
			options.solutions = true;
		else if (c == 'a')
			options.after_step = optarg;
		else if (c == 'u' && read_number(optarg, 1, &number))
			options.upto = (size_t)number;
		else if (c == 'l' && read_number(optarg, 1, &number))
			options.limit_ms = (int)number * 1000;
		else if (c == 'u' || c == 'l')
			return command_usage_error("replay", "'%s' is not a number from 1", optarg);
		else
			return EXIT_USAGE;
	}
	if (optind == argc && replay_all(&options, &out))
		return 1;
	for (int i = optind; i < argc; i++) {
		auto_free char *folder = NULL;
		struct error err = {0};

		if (lesson_find(argv[i], &folder, &err) < 0) {
			command_fail("replay", &err);
			return 1;
		}
		replay_folder(folder, &options, &out);
	}
	if (out.tap)
		printf("1..%zu\n", out.points);
	else
		printf("%zu held, %zu failed, %zu skipped\n", out.points - out.failures - out.skips,
		        out.failures, out.skips);
	return out.failures > 0;
}

const struct command command_replay = {
        .name = "replay",
        .usage = usage,
        .main = replay_main,
};
