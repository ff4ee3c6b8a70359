#include "shell/lesson/quiz.h"

#include "kernel/base/cleanup.h"
#include "shell/lesson/choice_order.h"
#include "shell/lesson/clean.h"
#include "shell/lesson/lesson_find.h"
#include "shell/lesson/scenario_json.h"
#include "shell/lesson/words.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <string.h>
#include <strings.h>

enum { FILE_LIMIT = 4 << 20 };

struct reading {
	struct quiz *quiz;
	bool failed;
};

/* A text of the file, clean; "" when it is none. */
static const char *keep(struct reading *r, const json_t *object, const char *key)
{
	const json_t *value = key ? json_object_get(object, key) : object;
	auto_buf text = BUF_INIT;
	const char *copy;

	if (!json_is_string(value))
		return "";
	clean_text(json_string_value(value), json_string_length(value), true, &text);
	copy = arena_strdup(&r->quiz->arena, buf_text(&text));
	r->failed |= !copy;
	return copy ? copy : "";
}

static const char **keep_list(struct reading *r, const json_t *list, size_t *ret_n)
{
	size_t n = json_array_size(list);
	const char **texts = n ? arena_alloc(&r->quiz->arena, n * sizeof *texts) : NULL;

	r->failed |= n && !texts;
	for (size_t i = 0; texts && i < n; i++)
		texts[i] = keep(r, json_array_get(list, i), NULL);
	*ret_n = texts ? n : 0;
	return texts;
}

static void read_question(struct reading *r, const json_t *item, struct quiz_question *q)
{
	const json_t *answer = json_object_get(item, "answer");

	q->id = keep(r, item, "id");
	q->goal = keep(r, item, "goal");
	q->lesson = keep(r, item, "lesson");
	q->question = keep(r, item, "question");
	q->because = keep(r, item, "because");
	q->answers = keep_list(r, json_object_get(item, "answers"), &q->n);
	if (!q->answers)
		q->choices = keep_list(r, json_object_get(item, "choices"), &q->n);
	q->answer = json_is_integer(answer) ? (int)json_integer_value(answer) : -1;
	if (q->choices)
		q->answer = choice_order_texts(q->question, q->choices, q->n, q->answer);
}

static void read_all(struct reading *r, const json_t *root)
{
	const json_t *goals = json_object_get(root, "goals");
	const json_t *questions = json_object_get(root, "questions");
	struct quiz *q = r->quiz;

	q->n_goals = json_array_size(goals);
	q->n = json_array_size(questions);
	q->goals = arena_alloc(&q->arena, (q->n_goals + 1) * sizeof *q->goals);
	q->questions = arena_alloc(&q->arena, (q->n + 1) * sizeof *q->questions);
	if (!q->goals || !q->questions) {
		r->failed = true;
		return;
	}
	for (size_t i = 0; i < q->n_goals; i++) {
		q->goals[i].name = keep(r, json_array_get(goals, i), "name");
		q->goals[i].title = keep(r, json_array_get(goals, i), "title");
	}
	for (size_t i = 0; i < q->n; i++)
		read_question(r, json_array_get(questions, i), &q->questions[i]);
}

int quiz_read(const char *folder, struct quiz *ret, struct error *err)
{
	auto_close fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct quiz q = {0};
	struct reading r = {.quiz = &q};
	json_t *root = NULL;
	int result;

	if (fd < 0)
		return error_set(err, errno, "read questions", folder, NULL);
	result = scenario_json_read(fd, folder, "questions.json", FILE_LIMIT, &root, err);
	if (result < 0)
		return result;
	read_all(&r, root);
	json_decref(root);
	if (r.failed) {
		quiz_release(&q);
		return error_set(err, ENOMEM, "read questions", folder, NULL);
	}
	*ret = q;
	return 0;
}

int quiz_read_ours(struct quiz *ret, struct error *err)
{
	auto_free char *folder = NULL;
	int r = lesson_directory(&folder, err);

	return r < 0 ? r : quiz_read(folder, ret, err);
}

void quiz_release(struct quiz *q)
{
	arena_release(&q->arena);
	*q = (struct quiz){0};
}

bool quiz_is_of(const struct quiz_question *question, const char *topic)
{
	return !strcmp(topic, "all") || !strcasecmp(question->goal, topic) ||
	       (*topic && !strcasecmp(question->lesson, topic));
}

size_t quiz_count(const struct quiz *q, const char *topic)
{
	size_t n = 0;

	for (size_t i = 0; i < q->n; i++)
		n += quiz_is_of(&q->questions[i], topic);
	return n;
}

/* A choice by its number, as people count, or by how it begins, if no other begins so. -1 = none.
 */
static int choice_of(const struct quiz_question *q, const char *typed)
{
	size_t n = strlen(typed);
	int found = -1;
	char *end;
	long number = strtol(typed, &end, 10);

	if (!end[strspn(end, ")")] && number >= 1 && (size_t)number <= q->n)
		return (int)number - 1;
	for (size_t i = 0; i < q->n; i++) {
		if (strncasecmp(q->choices[i], typed, n))
			continue;
		if (found >= 0)
			return -1;
		found = (int)i;
	}
	return found;
}

enum quiz_verdict quiz_judge(
        const struct quiz_question *q, const struct glossary *glossary, const char *typed)
{
	auto_buf words = BUF_INIT;
	int choice;

	words_normalise(typed, &words);
	if (!words.len)
		return QUIZ_UNKNOWN;
	if (q->choices) {
		choice = choice_of(q, typed);
		return choice < 0 ? QUIZ_NO_CHOICE : choice == q->answer ? QUIZ_RIGHT : QUIZ_WRONG;
	}
	for (size_t i = 0; i < q->n; i++)
		if (words_same(q->answers[i], typed))
			return QUIZ_RIGHT;
	if (glossary_find(glossary, typed))
		return QUIZ_WRONG;
	for (size_t i = 0; i < q->n; i++)
		if (words_near(q->answers[i], typed))
			return QUIZ_SLIP;
	return QUIZ_WRONG;
}

const char *quiz_answer(const struct quiz_question *q)
{
	if (q->answers)
		return q->answers[0];
	return q->answer >= 0 && (size_t)q->answer < q->n ? q->choices[q->answer] : "";
}
