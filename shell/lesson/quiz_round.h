/* One round of questions: which are asked, in which order, and what is said to each answer. The
 * same at the prompt of the lab, for `cutaway quiz`, and when a lesson is proved.
 *
 * Asked are those that are due, longest due first, then new ones in the order of the file; an exam
 * takes QUIZ_EXAM of each goal, those known least first. */
#pragma once

#include "kernel/base/buf.h"
#include "kernel/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

enum { QUIZ_ROUND = 10, QUIZ_EXAM = 5 };

struct quiz_round;
struct quiz_question;

struct quiz_round_options {
	const char *folder; /* of the lessons, with the questions; NULL = ours */
	const char *topic;  /* of quiz.h, or "exam" */
	bool again;         /* also those that are not due */
	time_t now;
	int width; /* of what is said, in cells */
};

/* -ENOENT when no question is of this topic. */
int quiz_round_begin(
        const struct quiz_round_options *options, struct quiz_round **ret, struct error *err);
/* The question that is to be answered; NULL = the round is at its end. */
const struct quiz_question *quiz_round_question(const struct quiz_round *r);
/* Appends the question, its number and its choices. */
void quiz_round_ask(const struct quiz_round *r, struct buf *out);
/* Judges the answer, keeps that, appends what is to be said, and goes on to the next question,
 * unless the same is to be answered again. */
void quiz_round_answer(struct quiz_round *r, const char *typed, struct buf *out);
/* Appends the result, keeps it, and ends the round. */
int quiz_round_end(struct quiz_round *r, struct buf *out, struct error *err);

/* A round in which every question gets the answer that is told for it; kept as if it were
 * somebody's. */
int quiz_round_by_itself(const char *folder, const char *topic, struct error *err);

/* How many questions of a topic are known, or for "exam" the best score; -errno.
 * `folder` as above. */
int quiz_known(const char *folder, const char *topic, struct error *err);
