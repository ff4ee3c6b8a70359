/* cutaway progress: what somebody has done, knows and has reached; for an instructor as JSON. */
#include "shell/lesson/progress.h"
#include "kernel/base/cleanup.h"
#include "kernel/base/utc.h"
#include "render/glyph.h"
#include "shell/command.h"
#include "shell/lesson/boxes.h"
#include "shell/lesson/goals.h"
#include "shell/lesson/lesson_find.h"
#include "shell/lesson/quiz.h"
#include "shell/lesson/scenario.h"

#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <langinfo.h>
#include <stdio.h>
#include <string.h>

enum { BAR = 10 };

static const char usage[] =
        "Usage: cutaway progress [--json]\n"
        "What you have done of each lesson, what you know of the questions, which goals of the\n"
        "course are reached: with 4 of 5 right in an exam, or when all questions on it are "
        "known.\n\n"
        "      --json   all of it as a JSON object, to hand in:\n"
        "               lessons    number, name, title, time, and steps: page, title, passed,\n"
        "                          time (when it was passed, or null), attempts (checks that\n"
        "                          failed), hints, solutions, guess (true, false, or null when\n"
        "                          none was made)\n"
        "               goals      goal, title, questions, known, reached\n"
        "               exams      time, right, of, and goals: name: [right, of]\n"
        "               questions  id: box (1 to 5), due, right, wrong\n"
        "      --help   this text\n\n"
        "Times are RFC 3339, in UTC. All is kept in $XDG_STATE_HOME/cutaway, in progress.json and\n"
        "quiz.json, and leaves the machine only if you send it.\n\n"
        "Exit status: 0, 1 when it cannot be read, 2 usage.\n\n"
        "Examples:\n"
        "  cutaway progress\n"
        "  cutaway progress --json > hanna.json\n";

/* All that is told from. */
struct told {
	struct lesson_list lessons;
	struct progress *progress;
	struct quiz quiz; /* empty when there are no questions */
	struct boxes *boxes;
	struct goals goals;
};

static int read_all(struct told *t, struct error *err)
{
	struct error none = {0};
	auto_buf message = BUF_INIT;
	int r = lesson_list_read(&t->lessons, err);

	if (r == 0)
		r = progress_load(&t->progress, &message, err);
	if (r == 0)
		r = boxes_load(&t->boxes, &message, err);
	if (r == 0 && message.len)
		fprintf(stderr, "cutaway progress: %s\n", buf_text(&message));
	if (r == 0 && quiz_read_ours(&t->quiz, &none) == 0 &&
	        goals_count(&t->quiz, t->boxes, &t->goals) < 0)
		r = error_set(err, ENOMEM, "read", "the goals", NULL);
	return r;
}

static void release(struct told *t)
{
	lesson_list_release(&t->lessons);
	progress_free(t->progress);
	boxes_free(t->boxes);
	goals_release(&t->goals);
	quiz_release(&t->quiz);
}

/* ---- JSON -------------------------------------------------------------------------------------
 */

static json_t *time_json(long long seconds)
{
	char text[UTC_SIZE];

	if (seconds <= 0)
		return json_null();
	utc_text((struct timespec){.tv_sec = (time_t)seconds}, text);
	if (strlen(text) > 20) /* whole seconds are enough */
		strcpy(text + 19, "Z");
	return json_string(text);
}

static json_t *step_json(const struct progress *p, const struct scenario *s, size_t page)
{
	int guess = progress_guessed(p, s->name, page);

	return json_pack("{s:I, s:s, s:b, s:o, s:i, s:i, s:i, s:o}", "page", (json_int_t)page,
	        "title", s->pages[page].title, "passed", progress_passed(p, s->name, page), "time",
	        time_json(progress_time(p, s->name, page)), "attempts",
	        progress_attempts(p, s->name, page), "hints",
	        progress_uses(p, s->name, page, PROGRESS_HINT), "solutions",
	        progress_uses(p, s->name, page, PROGRESS_SOLUTION), "guess",
	        guess < 0 ? json_null() : json_boolean(guess));
}

static json_t *lesson_json(const struct told *t, const struct lesson_entry *e)
{
	struct scenario *s;
	json_t *steps = json_array();

	if (!e->problem && scenario_load(e->folder, &s, NULL) == 0) {
		for (size_t i = 1; i + 1 < s->n_pages; i++)
			json_array_append_new(steps, step_json(t->progress, s, i));
		scenario_free(s);
	}
	return json_pack("{s:I, s:s, s:s, s:s, s:o}", "number", (json_int_t)e->number, "name",
	        e->name, "title", e->title, "time", e->time, "steps", steps);
}

/* The exams and the boxes as they are kept, with times for people. */
static json_t *with_times(const json_t *kept, const char *key)
{
	json_t *copy = json_deep_copy(kept);
	const char *name;
	json_t *item;

	for (size_t i = 0; i < json_array_size(copy); i++) {
		item = json_array_get(copy, i);
		json_object_set_new(
		        item, key, time_json(json_integer_value(json_object_get(item, key))));
	}
	if (json_is_object(copy))
		json_object_foreach (copy, name, item) {
			json_object_set_new(item, key,
			        time_json(json_integer_value(json_object_get(item, key))));
		}
	return copy;
}

static void print_json(const struct told *t)
{
	json_t *lessons = json_array(), *goals = json_array(), *all;
	const json_t *kept = boxes_json(t->boxes);

	for (size_t i = 0; i < t->lessons.n; i++)
		json_array_append_new(lessons, lesson_json(t, &t->lessons.entries[i]));
	for (size_t i = 0; i < t->goals.n; i++) {
		const struct goal *g = &t->goals.goals[i];

		json_array_append_new(
		        goals, json_pack("{s:s, s:s, s:I, s:I, s:b}", "goal", g->name, "title",
		                       g->title, "questions", (json_int_t)g->questions, "known",
		                       (json_int_t)g->known, "reached", g->reached));
	}
	all = json_pack("{s:o, s:o, s:o, s:o}", "lessons", lessons, "goals", goals, "exams",
	        with_times(json_object_get(kept, "exams"), "time"), "questions",
	        with_times(json_object_get(kept, "questions"), "due"));
	json_dumpf(all, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(all);
}

/* ---- for people -------------------------------------------------------------------------------
 */

static void print_bar(size_t done, size_t of)
{
	bool utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	size_t filled = of ? (done < of ? done : of) * BAR / of : 0;

	for (size_t i = 0; i < BAR; i++)
		fputs(i < filled ? (utf8 ? "█" : "#") : (utf8 ? "░" : "."), stdout);
	printf(" %2zu/%-2zu", done, of);
}

/* "2 hints, 1 solution, 3 of 4 guesses right": what there is to say. */
static void add_uses(const struct told *t, const struct lesson_entry *e, struct buf *out)
{
	int hints = 0, solutions = 0, guesses = 0, right = 0;

	for (size_t page = 0; page < e->pages; page++) {
		int guess = progress_guessed(t->progress, e->name, page);

		hints += progress_uses(t->progress, e->name, page, PROGRESS_HINT);
		solutions += progress_uses(t->progress, e->name, page, PROGRESS_SOLUTION);
		guesses += guess >= 0;
		right += guess > 0;
	}
	if (hints)
		buf_addf(out, ", %d hint%s", hints, hints == 1 ? "" : "s");
	if (solutions)
		buf_addf(out, ", %d solution%s", solutions, solutions == 1 ? "" : "s");
	if (guesses)
		buf_addf(out, ", %d of %d guesses right", right, guesses);
}

static void print_lessons(const struct told *t)
{
	for (size_t i = 0; i < t->lessons.n; i++) {
		const struct lesson_entry *e = &t->lessons.entries[i];
		size_t steps = e->pages > 2 ? e->pages - 2 : 0;
		auto_buf uses = BUF_INIT;

		printf("%2zu  ", e->number);
		print_bar(progress_count(t->progress, e->name), steps);
		add_uses(t, e, &uses);
		printf("  %s%s\n", e->title, buf_text(&uses));
	}
}

static void print_goals(const struct told *t)
{
	if (!t->goals.n)
		return;
	printf("\nGoals: %zu of %zu reached\n", goals_reached(&t->goals), t->goals.n);
	for (size_t i = 0; i < t->goals.n; i++) {
		const struct goal *g = &t->goals.goals[i];

		printf("%s   ", g->reached ? "✓" : " ");
		print_bar(g->known, g->questions);
		printf("  %s (%s)\n", g->title, g->name);
	}
	if (boxes_best_exam(t->boxes))
		printf("Best exam: %zu right.\n", boxes_best_exam(t->boxes));
}

static int progress_main(int argc, char **argv)
{
	static const struct option known[] = {{"json", no_argument, NULL, 'j'}, {NULL, 0, NULL, 0}};
	struct told told = {0};
	struct error err = {0};
	bool json = false;
	int c, r;

	while ((c = command_option("progress", argc, argv, "", known)) != -1) {
		if (c == '?')
			return EXIT_USAGE;
		json = true;
	}
	if (optind < argc)
		return command_usage_error("progress", "unexpected argument '%s'", argv[optind]);
	r = read_all(&told, &err);
	if (r == 0 && json) {
		print_json(&told);
	} else if (r == 0) {
		print_lessons(&told);
		print_goals(&told);
	}
	release(&told);
	return r < 0 ? command_fail("progress", &err) : 0;
}

const struct command command_progress = {
        .name = "progress",
        .usage = usage,
        .main = progress_main,
};
