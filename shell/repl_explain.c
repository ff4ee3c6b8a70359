/* The word `explain`: a step of a container, told from the record that made it. `cutaway step`
 * knows the steps; what it answers is put into sentences here. */
#include "shell/repl_state.h"

#include "kernel/base/cleanup.h"
#include "shell/lesson/verify.h"

#include <jansson.h>
#include <string.h>

static const char *text_of(const json_t *step, const char *key)
{
	const char *text = json_string_value(json_object_get(step, key));

	return text ? text : "";
}

/* The step with this id; without one the last that was done, else the first. */
static const json_t *choose(const json_t *steps, const char *id)
{
	const json_t *chosen = NULL;

	for (size_t i = 0; i < json_array_size(steps); i++) {
		const json_t *step = json_array_get(steps, i);
		bool done = !strcmp(text_of(step, "state"), "done");

		if (*id ? !strcmp(text_of(step, "id"), id) : done || !chosen)
			chosen = step;
	}
	return chosen;
}

static void say_lines(struct repl *r, const char *lead, const json_t *lines)
{
	for (size_t i = 0; i < json_array_size(lines); i++)
		repl_say(r, "  %-6s %s\n", i ? "" : lead,
		        json_string_value(json_array_get(lines, i)));
}

static void say_step(struct repl *r, const char *container, size_t total, const json_t *step)
{
	bool done = !strcmp(text_of(step, "state"), "done");
	long long number = json_integer_value(json_object_get(step, "number"));

	repl_say(r, "%s, step %lld of %zu, %s: %s%s\n", container, number, total,
	        text_of(step, "id"), text_of(step, "title"), done ? "" : " (not done yet)");
	repl_say(r, "  %s\n", text_of(step, "why"));
	say_lines(r, "call", json_object_get(step, "call"));
	say_lines(r, "shell", json_object_get(step, "shell"));
	repl_say(r, "  %-6s %s\n", "man", text_of(step, "man"));
}

static void say_answer(struct repl *r, const json_t *answer, const char *id)
{
	const json_t *steps = json_object_get(answer, "steps");
	const json_t *step = choose(steps, id);

	if (step) {
		say_step(r, text_of(answer, "name"), json_array_size(steps), step);
		return;
	}
	repl_say(r, "No step is called '%s'. There are:", id);
	for (size_t i = 0; i < json_array_size(steps); i++)
		repl_say(r, " %s", text_of(json_array_get(steps, i), "id"));
	repl_say(r, "\n");
}

void repl_explain(struct repl *r, const char *id)
{
	auto_buf command = BUF_INIT;
	const struct verify_options options = {.directory = bash_session_directory(r->bash)};
	struct verify_result result = {0};
	struct error err = {0};
	json_t *answer;

	buf_addf(&command, "cutaway step --list --json %s", buf_text(&r->subject));
	struct scenario_script script = {.path = "explain", .text = buf_text(&command)};

	if (verify_run(&script, &options, &result, &err) < 0) {
		repl_say_error(r, &err);
		return;
	}
	answer = json_loadb(buf_text(&result.output), result.output.len, 0, NULL);
	if (result.status || !json_is_object(answer))
		repl_say(r, "There is no container to explain now.\n%s", buf_text(&result.output));
	else
		say_answer(r, answer, id);
	json_decref(answer);
	verify_result_release(&result);
}
