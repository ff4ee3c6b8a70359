/* cutaway lessons: what there is to learn, and how far one is. */
#include "kernel/base/cleanup.h"
#include "render/glyph.h"
#include "shell/command.h"
#include "shell/lesson/lesson_find.h"
#include "shell/lesson/lesson_show.h"
#include "shell/lesson/progress.h"

#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <langinfo.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { BAR = 10 };

static const char usage[] =
        "Usage: cutaway lessons [--json] [DIRECTORY]\n"
        "       cutaway lessons --show [--json] [LESSON | DIRECTORY]...\n"
        "List the lessons with their length, difficulty and your progress, or print all that\n"
        "lessons say: every page, its text and its commands. Nothing is run.\n\n"
        "      --json   as a JSON array of objects with number, name, title, folder, time,\n"
        "               difficulty, pages, passed, page, and problem when one cannot be read;\n"
        "               with --show, of objects with pages (kind, title, file, text, commands),\n"
        "               assets and problems\n"
        "      --show   the pages of a lesson, by number, name or folder; of a folder of\n"
        "               lessons, all of them\n"
        "      --help   this text\n\n"
        "Lessons are looked for in DIRECTORY, else in $CUTAWAY_LESSONS, else beside the\n"
        "program, else in /usr/share/cutaway/lessons. Scenarios of Killercoda and Katacoda are\n"
        "lessons.\n\n"
        "Exit status: 0, 1 when there are no lessons or one is broken, 2 usage.\n\n"
        "Examples:\n"
        "  cutaway lessons\n"
        "  cutaway 1\n"
        "  cutaway lessons --show 1\n"
        "  cutaway lessons --show --json ~/scenarios/docker-101\n";

/* Pages that count: an introduction and an end have no check. */
static size_t steps_of(const struct lesson_entry *e)
{
	return e->pages > 2 ? e->pages - 2 : 0;
}

static int print_json(const struct lesson_list *l, const struct progress *p)
{
	json_t *all = json_array();

	for (size_t i = 0; i < l->n; i++) {
		const struct lesson_entry *e = &l->entries[i];
		json_t *object = json_pack("{s:I, s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:I}",
		        "number", (json_int_t)e->number, "name", e->name, "title", e->title,
		        "folder", e->folder, "time", e->time, "difficulty", e->difficulty, "pages",
		        (json_int_t)e->pages, "passed", (json_int_t)progress_count(p, e->name),
		        "page", (json_int_t)progress_page(p, e->name));
		if (e->problem)
			json_object_set_new(object, "problem", json_string(e->problem));
		json_array_append_new(all, object);
	}
	json_dumpf(all, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(all);
	return 0;
}

static void print_padded(const char *text, int width)
{
	printf("%s%*s  ", text, width - text_width(text), "");
}

static void print_bar(size_t passed, size_t steps)
{
	bool utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	size_t filled = steps ? (passed < steps ? passed : steps) * BAR / steps : 0;

	for (size_t i = 0; i < BAR; i++)
		fputs(i < filled ? (utf8 ? "█" : "#") : (utf8 ? "░" : "."), stdout);
	printf(" %zu/%zu\n", passed, steps);
}

static int print_table(const struct lesson_list *l, const struct progress *p)
{
	int title = 5, time = 4, difficulty = 10, status = 0;

	for (size_t i = 0; i < l->n; i++) {
		const struct lesson_entry *e = &l->entries[i];
		title = text_width(e->title) > title ? text_width(e->title) : title;
		time = text_width(e->time) > time ? text_width(e->time) : time;
		difficulty = text_width(e->difficulty) > difficulty ? text_width(e->difficulty)
		                                                    : difficulty;
	}
	fputs(" No  ", stdout);
	print_padded("LESSON", title);
	print_padded("TIME", time);
	print_padded("DIFFICULTY", difficulty);
	puts("PROGRESS");
	for (size_t i = 0; i < l->n; i++) {
		const struct lesson_entry *e = &l->entries[i];

		printf("%3zu  ", e->number);
		print_padded(e->title, title);
		if (e->problem) {
			puts("cannot be read");
			fprintf(stderr, "cutaway lessons: %s\n", e->problem);
			status = 1;
			continue;
		}
		print_padded(e->time, time);
		print_padded(e->difficulty, difficulty);
		print_bar(progress_count(p, e->name), steps_of(e));
	}
	if (isatty(STDOUT_FILENO)) /* who reads it by a program knows */
		puts("\n'cutaway NUMBER' opens one, at the page where you left it; 'cutaway "
		     "progress'\ntells more, and which goals are reached.");
	return status;
}

/* ---- --show ---------------------------------------------------------------------------------- */

static int terminal_width(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col < 20)
		return 80;
	return size.ws_col < 100 ? size.ws_col : 100;
}

/* One lesson: printed, or added to the array. */
static int show_folder(const char *folder, json_t *all)
{
	struct scenario *lesson;
	struct error err = {0};
	auto_buf text = BUF_INIT;
	bool ascii = strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
	int r = scenario_load(folder, &lesson, &err);

	if (r < 0)
		return command_fail("lessons", &err);
	if (all)
		r = json_array_append_new(all, lesson_show_json(lesson)) < 0 ? -ENOMEM : 0;
	else
		r = lesson_show_text(lesson, terminal_width(), ascii, &text);
	scenario_free(lesson);
	if (r < 0) {
		error_set(&err, ENOMEM, "show lesson", folder, NULL);
		return command_fail("lessons", &err);
	}
	fputs(buf_text(&text), stdout);
	return 0;
}

/* A lesson, or all of a folder that is none. */
static int show(const char *what, json_t *all)
{
	auto_free char *folder = NULL, *index = NULL;
	struct lesson_list list = {0};
	struct error err = {0};
	int status = 0;

	if (lesson_find(what, &folder, &err) < 0 || asprintf(&index, "%s/index.json", folder) < 0) {
		struct error none = {0};

		if (lesson_list_read_from(what, &list, &none) < 0)
			return command_fail("lessons", &err);
	} else if (access(index, F_OK) == 0) {
		return show_folder(folder, all);
	} else if (lesson_list_read_from(folder, &list, &err) < 0) {
		return command_fail("lessons", &err);
	}
	if (!list.n)
		fprintf(stderr, "cutaway lessons: there is no lesson in %s\n", what);
	status = !list.n;
	for (size_t i = 0; i < list.n; i++) {
		if (!all && i)
			putchar('\n');
		status |= show_folder(list.entries[i].folder, all);
	}
	lesson_list_release(&list);
	return status;
}

static int show_all(char **what, int n, bool json)
{
	json_t *all = json ? json_array() : NULL;
	auto_free char *directory = NULL;
	struct error err = {0};
	int status = 0;

	if (n == 0 && lesson_directory(&directory, &err) < 0)
		return command_fail("lessons", &err);
	if (n == 0)
		status = show(directory, all);
	for (int i = 0; i < n; i++)
		status |= show(what[i], all);
	if (json) {
		json_dumpf(all, stdout, JSON_INDENT(2));
		putchar('\n');
		json_decref(all);
	}
	return status;
}

static int list(const char *directory, bool json)
{
	struct lesson_list list = {0};
	struct progress *progress = NULL;
	struct error err = {0};
	auto_buf message = BUF_INIT;
	int status = directory ? lesson_list_read_from(directory, &list, &err)
	                       : lesson_list_read(&list, &err);

	if (status < 0)
		return command_fail("lessons", &err);
	if (progress_load(&progress, &message, &err) < 0) {
		lesson_list_release(&list);
		return command_fail("lessons", &err);
	}
	if (message.len)
		fprintf(stderr, "cutaway lessons: %s\n", buf_text(&message));
	status = json ? print_json(&list, progress) : print_table(&list, progress);
	progress_free(progress);
	lesson_list_release(&list);
	return status;
}

static int lessons_main(int argc, char **argv)
{
	static const struct option known[] = {{"json", no_argument, NULL, 'j'},
	        {"show", no_argument, NULL, 's'}, {NULL, 0, NULL, 0}};
	bool json = false, shown = false;
	int c;

	while ((c = command_option("lessons", argc, argv, "", known)) != -1) {
		if (c == '?')
			return EXIT_USAGE;
		json |= c == 'j';
		shown |= c == 's';
	}
	if (shown)
		return show_all(argv + optind, argc - optind, json);
	if (optind + 1 < argc)
		return command_usage_error("lessons", "unexpected argument '%s'", argv[optind + 1]);
	return list(argv[optind], json);
}

const struct command command_lessons = {
        .name = "lessons",
        .usage = usage,
        .main = lessons_main,
};
