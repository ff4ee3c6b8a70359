/* The word `quiz`: questions at the prompt, and the page that asks for them. */
#include "shell/repl_state.h"

#include "kernel/base/cleanup.h"
#include "shell/lesson/boxes.h"
#include "shell/lesson/quiz.h"
#include "shell/lesson/quiz_round.h"

#include <signal.h>
#include <string.h>

static const char prompt[] = "Your answer (Enter: I do not know; 'stop' ends): ";

/* Where the questions are: beside the lesson, if it has some there, else ours (NULL). The caller's.
 */
static char *folder_of(const struct repl *r)
{
	char *folder = r->lesson ? scenario_folder_above(r->lesson) : NULL;
	auto_free char *file = NULL;

	if (folder && asprintf(&file, "%s/questions.json", folder) > 0 && access(file, F_OK) == 0)
		return folder;
	free(folder);
	return NULL;
}

/* The topic, and whether 'again' follows it. Without one: what the page asks for, else the lesson,
 * if there are questions on it, else all. */
static void read_topic(const struct repl *r, const char *argument, const char *folder, char *topic,
        size_t size, bool *again)
{
	const struct scenario_page *page = r->lesson ? repl_page(r) : NULL;
	size_t n = strcspn(argument, " ");
	const char *rest = argument + n + strspn(argument + n, " ");
	struct quiz quiz = {0};

	*again = !strcmp(rest, "again") || !strcmp(argument, "again");
	if (n && strcmp(argument, "again") != 0) {
		snprintf(topic, size, "%.*s", (int)n, argument);
		return;
	}
	snprintf(topic, size, "all");
	if (page && page->quiz) {
		snprintf(topic, size, "%s", page->quiz);
		return;
	}
	if (!r->lesson || (folder ? quiz_read(folder, &quiz, NULL) : quiz_read_ours(&quiz, NULL)))
		return;
	if (quiz_count(&quiz, r->lesson->name))
		snprintf(topic, size, "%s", r->lesson->name);
	quiz_release(&quiz);
}

/* One answer; false when the learner has enough of it, or left. */
static bool read_answer(struct repl *r, struct buf *answer)
{
	auto_buf typed = BUF_INIT;
	uint64_t serial = r->step_serial;

	for (;;) {
		enum line_result result;

		repl_speak(r);
		result = line_read(r->line, prompt, typed.len ? buf_text(&typed) : NULL, answer);
		buf_reset(&typed);
		if (result == LINE_STOPPED && !r->quitting && r->step_serial == serial) {
			buf_add(&typed, buf_text(answer));
			continue;
		}
		if (result == LINE_SIGNAL) {
			r->ended_by = SIGTERM;
			r->quitting = true;
		}
		return result == LINE_TEXT && strcmp(buf_text(answer), "stop") != 0;
	}
}

void repl_quiz(struct repl *r, const char *argument)
{
	char topic[128];
	auto_free char *folder = folder_of(r);
	struct quiz_round_options options = {
	        .folder = folder, .topic = topic, .now = boxes_now(), .width = repl_width()};
	auto_buf answer = BUF_INIT;
	struct quiz_round *round;
	struct error err = {0};

	if (r->running) {
		repl_say(r, "'quiz' has to wait until the program has ended.\n");
		return;
	}
	read_topic(r, argument, folder, topic, sizeof topic, &options.again);
	if (quiz_round_begin(&options, &round, &err) < 0) {
		repl_say_error(r, &err);
		return;
	}
	while (quiz_round_question(round)) {
		quiz_round_ask(round, &r->said);
		if (!read_answer(r, &answer))
			break;
		quiz_round_answer(round, buf_text(&answer), &r->said);
		buf_addc(&r->said, '\n');
	}
	if (quiz_round_end(round, &r->said, &err) < 0)
		repl_say_error(r, &err);
	if (r->lesson && !r->quitting && repl_page_check(r))
		repl_say(r, "✓ %s: next\n", repl_page(r)->title);
}

bool repl_quiz_passed(struct repl *r, struct buf *missing)
{
	const struct scenario_page *page = repl_page(r);
	struct error err = {0};
	auto_free char *folder = folder_of(r);
	int known;

	if (!page->quiz)
		return true;
	known = quiz_known(folder, page->quiz, &err);
	if (known >= page->quiz_pass)
		return true;
	if (known < 0)
		error_format(&err, missing);
	else
		buf_addf(missing, "%d of %d questions answered right: 'quiz %s' asks.", known,
		        page->quiz_pass, page->quiz);
	return false;
}
