/* Questions on what the lessons teach: questions.json in the folder of the lessons.
 *
 *   {"goals": [{"name": "url", "title": "Read the full URL of an image"}],
 *    "questions": [{"id": "url-port", "goal": "url", "lesson": "names-and-registries",
 *      "question": "…", "because": "why the answer is right, one or two sentences",
 *      "answers": ["registry server", "registry"]       typed: the first is the one that is told
 *      or "choices": ["…", "…"], "answer": 1}]}         from 0
 *
 * A topic is the name of a goal, the name of a lesson, or "all". */
#pragma once

#include "kernel/base/arena.h"
#include "kernel/base/buf.h"
#include "kernel/base/error.h"
#include "shell/lesson/glossary.h"

#include <stdbool.h>
#include <stddef.h>

struct quiz_goal {
	const char *name, *title;
};

struct quiz_question {
	const char *id, *goal, *lesson; /* lesson "" = of none */
	const char *question, *because;
	const char **answers; /* typed ones; NULL = there are choices */
	const char **choices; /* in the order in which they are shown: choice_order.h */
	size_t n;             /* of answers or choices */
	int answer;           /* which of them, as they stand here; -1 = none */
};

struct quiz {
	struct quiz_goal *goals;
	size_t n_goals;
	struct quiz_question *questions; /* in the order of the file */
	size_t n;
	struct arena arena;
};

/* Reads the questions of a folder of lessons. -ENOENT: it has none. On failure `ret` is empty. */
int quiz_read(const char *folder, struct quiz *ret, struct error *err);
/* Those of our lessons (lesson_find.h). */
int quiz_read_ours(struct quiz *ret, struct error *err);
void quiz_release(struct quiz *q);

bool quiz_is_of(const struct quiz_question *question, const char *topic);
/* How many questions a topic has; 0 = there is no such topic. */
size_t quiz_count(const struct quiz *q, const char *topic);

enum quiz_verdict {
	QUIZ_RIGHT,
	QUIZ_SLIP, /* right, with a slip of the finger */
	QUIZ_WRONG,
	QUIZ_UNKNOWN,   /* nothing was said */
	QUIZ_NO_CHOICE, /* there are choices, and this is none of them: ask again */
};

/* What an answer is worth. A choice is its number or how it begins. What is another term of the
 * glossary is never taken for a slip. */
enum quiz_verdict quiz_judge(
        const struct quiz_question *question, const struct glossary *glossary, const char *typed);
/* The answer that is told. */
const char *quiz_answer(const struct quiz_question *question);
