#include "shell/lesson/quiz_round.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/utc.h"
#include "shell/lesson/boxes.h"
#include "shell/lesson/quiz.h"
#include "shell/lesson/words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct quiz_round {
	struct quiz_round_options options;
	char *topic;
	bool exam;
	struct quiz quiz;
	struct glossary glossary;
	struct boxes *boxes;
	const struct quiz_question **asked; /* in order */
	bool *right;                        /* for each that was answered */
	size_t n, at;
};

/* ---- which are asked --------------------------------------------------------------------------
 */

struct candidate {
	const struct quiz_question *question;
	time_t due; /* 0 = new */
	int box;
	size_t place;
};

/* Due before new, longest due first. */
static int by_due(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (!x->due != !y->due)
		return !x->due - !y->due;
	if (x->due != y->due)
		return x->due < y->due ? -1 : 1;
	return x->place < y->place ? -1 : 1;
}

static int by_box(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	return x->box != y->box ? x->box - y->box : x->place < y->place ? -1 : 1;
}

static size_t candidates(
        const struct quiz_round *r, const char *topic, bool all, struct candidate *found)
{
	size_t n = 0;

	for (size_t i = 0; i < r->quiz.n; i++) {
		const struct quiz_question *q = &r->quiz.questions[i];
		time_t due = boxes_due(r->boxes, q->id);

		if (quiz_is_of(q, topic) && (all || due <= r->options.now))
			found[n++] = (struct candidate){q, due, boxes_box(r->boxes, q->id), i};
	}
	return n;
}

static int choose(struct quiz_round *r)
{
	auto_free struct candidate *found = calloc(r->quiz.n + 1, sizeof *found);

	r->asked = calloc(r->quiz.n + 1, sizeof *r->asked);
	r->right = calloc(r->quiz.n + 1, sizeof *r->right);
	if (!found || !r->asked || !r->right)
		return -ENOMEM;
	for (size_t goal = 0; r->exam && goal < r->quiz.n_goals; goal++) {
		size_t n = candidates(r, r->quiz.goals[goal].name, true, found);

		qsort(found, n, sizeof *found, by_box);
		for (size_t i = 0; i < n && i < QUIZ_EXAM; i++)
			r->asked[r->n++] = found[i].question;
	}
	if (!r->exam) {
		size_t n = candidates(r, r->topic, r->options.again, found);

		qsort(found, n, sizeof *found, by_due);
		for (size_t i = 0; i < n && i < QUIZ_ROUND; i++)
			r->asked[r->n++] = found[i].question;
	}
	return 0;
}

/* ---- the round --------------------------------------------------------------------------------
 */

static void round_free(struct quiz_round *r)
{
	if (!r)
		return;
	quiz_release(&r->quiz);
	glossary_release(&r->glossary);
	boxes_free(r->boxes);
	free(r->asked);
	free(r->right);
	free(r->topic);
	free(r);
}

static int no_topic(const struct quiz_round *r, struct error *err)
{
	auto_buf names = BUF_INIT;

	for (size_t i = 0; i < r->quiz.n_goals; i++)
		buf_addf(&names, "%s, ", r->quiz.goals[i].name);
	error_set(err, ENOENT, "ask", r->topic, "there are no questions on this");
	error_advise(err, "There are: %sall, exam, and those of each lesson by its name.",
	        buf_text(&names));
	return -ENOENT;
}

int quiz_round_begin(
        const struct quiz_round_options *options, struct quiz_round **ret, struct error *err)
{
	struct quiz_round *r = calloc(1, sizeof *r);
	struct error none = {0};
	int result = r && (r->topic = strdup(options->topic)) ? 0 : -ENOMEM;

	if (result < 0) {
		error_set(err, ENOMEM, "ask", options->topic, NULL);
	} else {
		r->options = *options;
		r->exam = !strcmp(r->topic, "exam");
		result = options->folder ? quiz_read(options->folder, &r->quiz, err)
		                         : quiz_read_ours(&r->quiz, err);
	}
	if (result == 0 && !r->exam && !quiz_count(&r->quiz, r->topic))
		result = no_topic(r, err);
	if (result == 0)
		result = boxes_load(&r->boxes, NULL, err);
	if (result == 0 && (result = choose(r)) < 0)
		error_set(err, -result, "ask", r->topic, NULL);
	if (result < 0) {
		round_free(r);
		return result;
	}
	if (options->folder)
		glossary_read(options->folder, &r->glossary, &none);
	else
		glossary_read_ours(
		        &r->glossary, &none); /* without one no term explains a wrong answer */
	*ret = r;
	return 0;
}

const struct quiz_question *quiz_round_question(const struct quiz_round *r)
{
	return r->at < r->n ? r->asked[r->at] : NULL;
}

void quiz_round_ask(const struct quiz_round *r, struct buf *out)
{
	const struct quiz_question *q = quiz_round_question(r);
	auto_buf text = BUF_INIT;

	if (!q)
		return;
	buf_addf(&text, "%zu of %zu (%s): %s", r->at + 1, r->n, q->goal, q->question);
	words_fold(buf_text(&text), r->options.width, 0, out);
	for (size_t i = 0; q->choices && i < q->n; i++) {
		buf_reset(&text);
		buf_addf(&text, "%zu) %s", i + 1, q->choices[i]);
		words_fold(buf_text(&text), r->options.width, 2, out);
	}
}

/* A wrong answer: what was typed instead, if it is something, then what it is. */
static void explain(const struct quiz_round *r, const struct quiz_question *q, const char *typed,
        bool said, struct buf *out)
{
	const struct glossary_term *term =
	        said && q->answers ? glossary_find(&r->glossary, typed) : NULL;
	auto_buf text = BUF_INIT;

	if (term)
		buf_addf(&text, "✗ '%s' is something else: %s", term->term, term->means);
	else if (said)
		buf_add(&text, "✗ Not this.");
	words_fold(buf_text(&text), r->options.width, 2, out);
	buf_reset(&text);
	buf_addf(&text, "It is: %s. %s", quiz_answer(q), q->because);
	words_fold(buf_text(&text), r->options.width, 2, out);
}

void quiz_round_answer(struct quiz_round *r, const char *typed, struct buf *out)
{
	const struct quiz_question *q = quiz_round_question(r);
	enum quiz_verdict verdict;
	auto_buf text = BUF_INIT;

	if (!q)
		return;
	typed += strspn(typed, " \t");
	verdict = quiz_judge(q, &r->glossary, typed);
	if (verdict == QUIZ_NO_CHOICE) {
		buf_addf(out, "A number from 1 to %zu, please, or Enter alone.\n", q->n);
		return;
	}
	r->right[r->at] = verdict == QUIZ_RIGHT || verdict == QUIZ_SLIP;
	boxes_answer(r->boxes, q->id, r->right[r->at], r->options.now);
	if (verdict == QUIZ_RIGHT)
		buf_addf(&text, "✓ Right. %s", q->because);
	else if (verdict == QUIZ_SLIP)
		buf_addf(&text, "✓ Right; it is written '%s'. %s", quiz_answer(q), q->because);
	else
		explain(r, q, typed, verdict == QUIZ_WRONG, out);
	words_fold(buf_text(&text), r->options.width, 2, out);
	r->at++;
}

/* ---- the result -------------------------------------------------------------------------------
 */

static json_t *goals_of_exam(const struct quiz_round *r, struct buf *out)
{
	json_t *all = json_object();

	for (size_t i = 0; i < r->quiz.n_goals; i++) {
		const struct quiz_goal *goal = &r->quiz.goals[i];
		size_t right = 0, of = 0;

		for (size_t k = 0; k < r->n; k++)
			if (!strcmp(r->asked[k]->goal, goal->name)) {
				of++;
				right += r->right[k];
			}
		json_object_set_new(
		        all, goal->name, json_pack("[I, I]", (json_int_t)right, (json_int_t)of));
		buf_addf(out, "  %zu of %zu  %s\n", right, of, goal->title);
	}
	return all;
}

/* When the first of the topic is due again. */
static void say_next(const struct quiz_round *r, struct buf *out)
{
	char day[UTC_SIZE];
	time_t next = 0;
	size_t now = 0;

	for (size_t i = 0; i < r->quiz.n; i++) {
		const struct quiz_question *q = &r->quiz.questions[i];
		time_t due = boxes_due(r->boxes, q->id);

		if (!quiz_is_of(q, r->topic))
			continue;
		if (due <= r->options.now)
			now++;
		else if (!next || due < next)
			next = due;
	}
	if (now)
		buf_addf(out, "%zu more to ask: 'quiz %s'.\n", now, r->topic);
	else if (next)
		buf_addf(out, "The next comes again on %.10s; 'quiz %s again' asks all the same.\n",
		        utc_text((struct timespec){.tv_sec = next}, day), r->topic);
}

static void say_result(struct quiz_round *r, struct buf *out)
{
	size_t right = 0;

	for (size_t i = 0; i < r->at; i++)
		right += r->right[i];
	if (r->exam && r->at < r->n) {
		buf_addf(out,
		        "The exam ended after %zu of %zu questions, %zu right. It does not count "
		        "as one.\n",
		        r->at, r->n, right);
	} else if (r->exam) {
		buf_addf(out, "The exam: %zu of %zu right.\n", right, r->n);
		boxes_exam(r->boxes, r->options.now, right, r->n, goals_of_exam(r, out));
		buf_add(out, "A goal is reached with 4 of 5. 'quiz GOAL' asks what was wrong.\n");
	} else {
		if (!r->n)
			buf_add(out, "Nothing is due: you know them all.\n");
		else if (r->at)
			buf_addf(out, "%zu of %zu right.\n", right, r->at);
		say_next(r, out);
	}
}

int quiz_round_end(struct quiz_round *r, struct buf *out, struct error *err)
{
	int result;

	say_result(r, out);
	result = boxes_save(r->boxes, err);
	round_free(r);
	return result;
}

int quiz_round_by_itself(const char *folder, const char *topic, struct error *err)
{
	const struct quiz_round_options options = {
	        .folder = folder, .topic = topic, .now = boxes_now(), .width = 80};
	struct quiz_round *round;
	auto_buf text = BUF_INIT;
	int r = quiz_round_begin(&options, &round, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < round->n; i++) /* whatever becomes of one, the next is another */
		quiz_round_answer(round, quiz_answer(round->asked[i]), &text);
	return quiz_round_end(round, &text, err);
}

int quiz_known(const char *folder, const char *topic, struct error *err)
{
	struct quiz quiz = {0};
	struct boxes *boxes = NULL;
	size_t known = 0;
	int r = folder ? quiz_read(folder, &quiz, err) : quiz_read_ours(&quiz, err);

	if (r == 0)
		r = boxes_load(&boxes, NULL, err);
	for (size_t i = 0; r == 0 && i < quiz.n; i++)
		known += quiz_is_of(&quiz.questions[i], topic) &&
		         boxes_knows(boxes, quiz.questions[i].id);
	if (r == 0 && !strcmp(topic, "exam"))
		known = boxes_best_exam(boxes);
	boxes_free(boxes);
	quiz_release(&quiz);
	return r < 0 ? r : (int)known;
}
