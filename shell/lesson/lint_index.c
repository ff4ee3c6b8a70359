#include "shell/lesson/lint_index.h"

#include "kernel/base/cleanup.h"
#include "kernel/observe/check.h"
#include "render/view.h"
#include "shell/diagram/rules.h"
#include "shell/lesson/clean.h"
#include "shell/lesson/environment.h"
#include "shell/lesson/quiz.h"
#include "shell/lesson/quiz_round.h"
#include "shell/lesson/scenario_json.h"

#include <stdarg.h>
#include <string.h>

struct index {
	struct lint *lint;
	const char *text;
};

/* A finding about the value at `path`. */
static void tell(struct index *x, const char *path, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

static void tell(struct index *x, const char *path, const char *format, ...)
{
	auto_buf message = BUF_INIT;
	va_list args;

	va_start(args, format);
	buf_addv(&message, format, args);
	va_end(args);
	lint_tell(x->lint, "index.json", scenario_json_line(x->text, path), "%s: %s", path,
	        buf_text(&message));
}

/* "details.steps[2]" + "title". */
static char *join(const char *path, const char *key)
{
	char *all;

	if (asprintf(&all, "%s%s%s", path, *path ? "." : "", key) < 0)
		return NULL;
	return all;
}

static void want_text(struct index *x, const json_t *object, const char *path, const char *key)
{
	const json_t *value = json_object_get(object, key);
	auto_free char *at = join(path, key);

	if (!value)
		tell(x, at, "is missing");
	else if (!json_is_string(value) || !*json_string_value(value))
		tell(x, at, "should be a text that is not empty");
	else if (clean_find(json_string_value(value), json_string_length(value)))
		tell(x, at, "has control characters or escape sequences for the terminal in it");
}

static void want_known_keys(
        struct index *x, const json_t *object, const char *path, const char *const *keys)
{
	const char *key;
	json_t *value;

	json_object_foreach ((json_t *)object, key, value) {
		auto_free char *at = join(path, key);
		size_t i = 0;

		while (keys[i] && strcmp(keys[i], key))
			i++;
		if (!keys[i])
			tell(x, at, "is no key that cutaway knows");
	}
}

static void look_at_view(struct index *x, const json_t *ours, const char *path)
{
	const json_t *view = json_object_get(ours, "view");
	auto_free char *at = join(path, "view"), *name = NULL;

	if (!view)
		return;
	if (json_is_string(view))
		name = strndup(json_string_value(view), strcspn(json_string_value(view), " "));
	if (!name || !view_find(name))
		tell(x, at, "there is no view '%s'", name ? name : "");
}

static void look_at_needs(struct index *x, const json_t *ours, const char *path)
{
	const json_t *needs = json_object_get(ours, "needs");
	auto_free char *at = join(path, "needs");

	if (needs && !json_is_array(needs))
		tell(x, at, "should be a list of names that 'cutaway doctor' has");
	for (size_t i = 0; i < json_array_size(needs); i++) {
		const char *name = json_string_value(json_array_get(needs, i));
		if (!name || !environment_is_name(name))
			tell(x, at, "'cutaway doctor' has no '%s'", name ? name : "");
	}
}

static void look_at_predict(struct index *x, const json_t *ours, const char *path)
{
	static const char *const keys[] = {"question", "choices", "answer", "because", NULL};
	const json_t *predict = json_object_get(ours, "predict"), *answer;
	auto_free char *at = join(path, "predict"), *where = NULL;
	size_t n = json_array_size(json_object_get(predict, "choices"));

	if (!predict)
		return;
	if (!json_is_object(predict)) {
		tell(x, at, "should be an object");
		return;
	}
	want_known_keys(x, predict, at, keys);
	want_text(x, predict, at, "question");
	want_text(x, predict, at, "because");
	if (n < 2) {
		tell(x, at, "needs at least two choices");
		return;
	}
	for (size_t i = 0; i < n; i++)
		if (!json_is_string(json_array_get(json_object_get(predict, "choices"), i)))
			tell(x, at, "choice %zu is not a text", i);
	answer = json_object_get(predict, "answer");
	where = join(at, "answer");
	if (!json_is_integer(answer) || json_integer_value(answer) < 0 ||
	        json_integer_value(answer) >= (json_int_t)n)
		tell(x, where, "should be a number from 0 to %zu, the place of the right choice",
		        n - 1);
}

static void look_at_hints(struct index *x, const json_t *ours, const char *path)
{
	static const char *const keys[] = {"when", "text", "try", "undo", NULL};
	const json_t *hints = json_object_get(ours, "hints");
	struct model *nothing = model_new();

	if (hints && !json_is_array(hints)) {
		auto_free char *at = join(path, "hints");
		tell(x, at, "should be a list");
	}
	for (size_t i = 0; i < json_array_size(hints); i++) {
		const json_t *hint = json_array_get(hints, i);
		const char *when = json_string_value(json_object_get(hint, "when"));
		struct check_result result;
		struct error err = {0};
		auto_free char *at = NULL;

		if (asprintf(&at, "%s.hints[%zu]", path, i) < 0)
			break;
		if (!json_is_object(hint)) {
			tell(x, at, "should be an object with a text");
			continue;
		}
		want_known_keys(x, hint, at, keys);
		want_text(x, hint, at, "text");
		if (when && nothing && check_eval(nothing, when, &result, &err) < 0)
			tell(x, at, "the condition '%s' cannot be read: %s", when, err.cause);
		else if (json_object_get(hint, "when") && !when)
			tell(x, at, "\"when\" should be a text");
	}
	model_free(nothing);
}

static void look_at_quiz(struct index *x, const json_t *ours, const char *path)
{
	const json_t *topic = json_object_get(ours, "quiz"), *pass = json_object_get(ours, "pass");
	auto_free char *at = join(path, "quiz"), *at_pass = join(path, "pass"), *above = NULL;
	struct quiz quiz = {0};
	struct error err = {0};
	size_t n = 0;

	if (!topic && !pass)
		return;
	want_text(x, ours, path, "quiz");
	if (!json_is_string(topic) || asprintf(&above, "%s/..", x->lint->folder) < 0)
		return;
	if (quiz_read(above, &quiz, &err) < 0) {
		tell(x, at, "the questions cannot be read: %s", err.cause);
		return;
	}
	n = strcmp(json_string_value(topic), "exam") ? quiz_count(&quiz, json_string_value(topic))
	                                             : quiz.n_goals * QUIZ_EXAM;
	quiz_release(&quiz);
	if (!n)
		tell(x, at, "there are no questions on '%s'", json_string_value(topic));
	else if (!json_is_integer(pass) || json_integer_value(pass) < 1 ||
	         json_integer_value(pass) > (json_int_t)n)
		tell(x, at_pass, "should be a number from 1 to %zu, as many as there are questions",
		        n);
}

static void look_at_diagram(struct index *x, const json_t *ours, const char *path)
{
	const json_t *task = json_object_get(ours, "diagram");
	auto_free char *at = join(path, "diagram");
	const char *name = json_string_value(task);
	struct diagram_rules *rules = NULL;
	struct error err = {0};

	if (!task)
		return;
	if (diagram_rules_read(NULL, &rules, &err) < 0)
		tell(x, at, "the tasks cannot be read: %s: %s", err.object, err.cause);
	else if (!name || !*name || !diagram_task_find(rules, name))
		tell(x, at, "'cutaway diagram task' has no '%s'", name ? name : "");
	diagram_rules_free(rules);
}

static void look_at_ours(struct index *x, const json_t *object, const char *path, bool page)
{
	static const char *const of_page[] = {"view", "subject", "needs", "predict", "hints",
	        "solution", "quiz", "pass", "diagram", NULL};
	static const char *const of_lesson[] = {"view", "subject", "needs", NULL};
	const json_t *ours = json_object_get(object, "cutaway");
	auto_free char *at = join(path, "cutaway");

	if (!ours)
		return;
	if (!json_is_object(ours)) {
		tell(x, at, "should be an object");
		return;
	}
	want_known_keys(x, ours, at, page ? of_page : of_lesson);
	look_at_view(x, ours, at);
	look_at_needs(x, ours, at);
	if (!page)
		return;
	look_at_predict(x, ours, at);
	look_at_hints(x, ours, at);
	look_at_quiz(x, ours, at);
	look_at_diagram(x, ours, at);
	if (json_object_get(ours, "solution"))
		want_text(x, ours, at, "solution");
}

static void look_at_page(struct index *x, const json_t *page, const char *path, bool step)
{
	if (!json_is_object(page)) {
		tell(x, path, page ? "should be an object" : "is missing");
		return;
	}
	want_text(x, page, path, "text");
	if (step)
		want_text(x, page, path, "title");
	look_at_ours(x, page, path, true);
}

void lint_index(struct lint *l, const char *text, const json_t *root)
{
	static const char *const difficulties[] = {"beginner", "intermediate", "advanced", NULL};
	struct index x = {l, text};
	const json_t *details = json_object_get(root, "details"), *steps;
	const char *difficulty = json_string_value(json_object_get(root, "difficulty"));
	size_t i = 0;

	want_text(&x, root, "", "title");
	want_text(&x, root, "", "description");
	want_text(&x, root, "", "time");
	want_text(&x, root, "", "difficulty");
	while (difficulty && difficulties[i] && strcmp(difficulties[i], difficulty))
		i++;
	if (difficulty && !difficulties[i])
		tell(&x, "difficulty", "should be beginner, intermediate or advanced");
	look_at_ours(&x, root, "", false);
	look_at_page(&x, json_object_get(details, "intro"), "details.intro", false);
	look_at_page(&x, json_object_get(details, "finish"), "details.finish", false);
	steps = json_object_get(details, "steps");
	if (!json_array_size(steps))
		tell(&x, "details.steps", "should be a list of steps");
	for (i = 0; i < json_array_size(steps); i++) {
		char path[64];
		snprintf(path, sizeof path, "details.steps[%zu]", i);
		look_at_page(&x, json_array_get(steps, i), path, true);
	}
}
