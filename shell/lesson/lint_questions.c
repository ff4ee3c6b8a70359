#include "shell/lesson/lint_questions.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "shell/lesson/lint_words.h"
#include "shell/lesson/quiz.h"
#include "shell/lesson/quiz_round.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { FILE_LIMIT = 4 << 20, CHOICES = 2 };

struct questions {
	struct lint *lint;
	struct quiz quiz;
	struct glossary glossary;
	struct buf source;
};

/* A finding about a question, at the line of its id. */
static void tell(struct questions *x, const struct quiz_question *q, const char *problem)
{
	auto_buf id = BUF_INIT;
	const char *text = buf_text(&x->source), *at;
	int line = 1;

	buf_addf(&id, "\"id\": \"%s\"", q->id);
	at = strstr(text, buf_text(&id));
	for (const char *p = text; at && p < at; p++)
		line += *p == '\n';
	lint_tell(
	        x->lint, "questions.json", line, "%s: %s", *q->id ? q->id : "a question", problem);
}

static bool has_goal(const struct quiz *quiz, const char *name)
{
	for (size_t i = 0; i < quiz->n_goals; i++)
		if (!strcmp(quiz->goals[i].name, name))
			return true;
	return false;
}

static bool has_lesson(const struct lint *l, const char *name)
{
	auto_free char *path = NULL;

	return asprintf(&path, "%s/%s/index.json", l->folder, name) > 0 && access(path, F_OK) == 0;
}

/* The words that people read, and may take over. */
static void add_text(const struct quiz_question *q, struct buf *out)
{
	buf_addf(out, "%s\n%s\n", q->question, q->because);
	for (size_t i = 0; q->choices && i < q->n; i++)
		buf_addf(out, "%s\n", q->choices[i]);
}

static void look_at_question(struct questions *x, size_t i)
{
	const struct quiz_question *q = &x->quiz.questions[i];

	for (size_t k = 0; k < i; k++)
		if (!strcmp(x->quiz.questions[k].id, q->id))
			tell(x, q, "the id is that of another question, too");
	if (!*q->id || !*q->question || !*q->because)
		tell(x, q, "lacks its id, its question or its because");
	if (!has_goal(&x->quiz, q->goal))
		tell(x, q, "its goal is none of the goals");
	if (*q->lesson && !has_lesson(x->lint, q->lesson))
		tell(x, q, "its lesson is none of the lessons here");
	if (q->choices && q->n < CHOICES)
		tell(x, q, "needs at least two choices");
	if (quiz_judge(q, &x->glossary, quiz_answer(q)) != QUIZ_RIGHT)
		tell(x, q, "its own answer is not judged right");
}

void lint_questions(struct lint *l)
{
	struct questions x = {.lint = l};
	struct error err = {0};
	auto_buf text = BUF_INIT;
	auto_free char *path = NULL;

	if (asprintf(&path, "%s/questions.json", l->folder) < 0 ||
	        file_read_at(AT_FDCWD, path, FILE_LIMIT, &x.source) == -ENOENT)
		return;
	glossary_read(l->folder, &x.glossary, &(struct error){0}); /* told by lint_glossary() */
	if (quiz_read(l->folder, &x.quiz, &err) < 0)
		lint_tell(l, "questions.json", 1, "%s", err.cause);
	for (size_t i = 0; i < x.quiz.n; i++) {
		look_at_question(&x, i);
		add_text(&x.quiz.questions[i], &text);
	}
	lint_spelling(l, "questions.json", &text);
	for (size_t i = 0; i < x.quiz.n_goals; i++) {
		size_t n = quiz_count(&x.quiz, x.quiz.goals[i].name);

		if (n < QUIZ_EXAM)
			lint_tell(l, "questions.json", 1,
			        "the goal %s has %zu questions; an exam asks %d",
			        x.quiz.goals[i].name, n, QUIZ_EXAM);
	}
	quiz_release(&x.quiz);
	glossary_release(&x.glossary);
	buf_release(&x.source);
}
