#include "shell/lesson/goals.h"

#include "shell/lesson/boxes.h"
#include "shell/lesson/quiz.h"

#include <errno.h>

/* Whether an exam has reached it: [right, of]. */
static bool exam_reached(const json_t *exams, const char *goal)
{
	for (size_t i = 0; i < json_array_size(exams); i++) {
		const json_t *score =
		        json_object_get(json_object_get(json_array_get(exams, i), "goals"), goal);
		json_int_t right = json_integer_value(json_array_get(score, 0));
		json_int_t of = json_integer_value(json_array_get(score, 1));

		if (of > 0 && right * 5 >= of * 4)
			return true;
	}
	return false;
}

int goals_count(const struct quiz *quiz, const struct boxes *boxes, struct goals *ret)
{
	const json_t *exams = json_object_get(boxes_json(boxes), "exams");
	struct goals g = {.n = quiz->n_goals};

	g.goals = arena_alloc(&g.arena, (g.n + 1) * sizeof *g.goals);
	if (!g.goals)
		return -ENOMEM;
	for (size_t i = 0; i < g.n; i++) {
		struct goal *goal = &g.goals[i];

		goal->name = arena_strdup(&g.arena, quiz->goals[i].name);
		goal->title = arena_strdup(&g.arena, quiz->goals[i].title);
		if (!goal->name || !goal->title) {
			goals_release(&g);
			return -ENOMEM;
		}
		goal->questions = quiz_count(quiz, goal->name);
		for (size_t k = 0; k < quiz->n; k++)
			goal->known += quiz_is_of(&quiz->questions[k], goal->name) &&
			               boxes_knows(boxes, quiz->questions[k].id);
		goal->reached = exam_reached(exams, goal->name) ||
		                (goal->questions && goal->known == goal->questions);
	}
	*ret = g;
	return 0;
}

size_t goals_reached(const struct goals *g)
{
	size_t n = 0;

	for (size_t i = 0; i < g->n; i++)
		n += g->goals[i].reached;
	return n;
}

void goals_release(struct goals *g)
{
	arena_release(&g->arena);
	*g = (struct goals){0};
}
