#include "kernel/do/session.h"

#include "kernel/base/cleanup.h"
#include "kernel/do/network/network.h"

#include "kernel/do/step_json.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static json_t *lines(const char *text)
{
	json_t *list = json_array();

	while (*text) {
		size_t n = strcspn(text, "\n");
		json_array_append_new(list, json_stringn(text, n));
		text += n + (text[n] == '\n');
	}
	return list;
}

static json_t *error_json(const struct error *err)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:i}", "operation", err->operation, "object",
	        err->object, "cause", err->cause, "advice", err->advice, "code", err->code);
}

/* The whole text of a problem on one line. */
static json_t *problem_json(const struct error *err)
{
	auto_buf text = BUF_INIT;

	if (!err->code)
		return json_string("");
	error_format(err, &text);
	return json_string(buf_text(&text));
}

json_t *session_step(struct container *c, size_t index)
{
	const struct step *s = &c->plan->steps[index];
	struct error problem = {0};
	auto_buf seen = BUF_INIT;
	json_t *json = step_json(s, &c->build, index);

	if (s->state == STEP_STATE_DONE && s->ops->verify)
		s->ops->verify(s, &c->build, &seen, &problem);
	json_object_set_new(json, "seen", lines(buf_text(&seen)));
	json_object_set_new(json, "problem", problem_json(&problem));
	return json;
}

/* After each step the file says so: who looks at the machine sees the same as we. */
static int note(struct container *c, struct error *err)
{
	struct executor *ex = &c->executor;

	c->phase = ex->program ? PHASE_RUNNING : ex->done ? PHASE_BUILDING : PHASE_PLANNED;
	return container_write_state(c, err);
}

static void forward(struct container *c, size_t last, json_t *performed, struct error *err)
{
	struct executor *ex = &c->executor;

	if (ex->done >= c->plan->n) {
		error_set(err, EALREADY, "perform the next step", c->name, "all are done");
		return;
	}
	if (last < ex->done) {
		error_set(err, EALREADY, "go to step", c->plan->steps[last].ops->id,
		        "it is done already");
		error_advise(err, "'cutaway step --back' takes the last one back");
		return;
	}
	while (ex->done <= last) {
		size_t i = ex->done;
		int r = executor_run(ex, i, err);
		note(c, r < 0 ? NULL : err);
		if (r < 0 || err->code)
			return;
		json_array_append_new(performed, session_step(c, i));
	}
}

static void back(struct container *c, json_t *performed, bool *rebuilt, struct error *err)
{
	size_t done = c->executor.done;

	if (executor_back(&c->executor, rebuilt, err) == 0)
		json_array_append_new(performed, session_step(c, done - 1));
	note(c, err->code ? NULL : err);
}

static json_t *all_steps(struct container *c)
{
	json_t *list = json_array();

	for (size_t i = 0; i < c->plan->n; i++)
		json_array_append_new(list, session_step(c, i));
	return list;
}

static void do_request(struct container *c, const json_t *request, json_t *answer, bool *rebuilt,
        struct error *err)
{
	const char *verb = json_string_value(json_object_get(request, "do"));
	json_t *performed = json_object_get(answer, "performed");

	if (!verb)
		error_set(err, EINVAL, "read request", "", "it says nothing to do");
	else if (!strcmp(verb, "next"))
		forward(c, c->executor.done, performed, err);
	else if (!strcmp(verb, "all"))
		forward(c, c->plan->n - 1, performed, err);
	else if (!strcmp(verb, "back"))
		back(c, performed, rebuilt, err);
	else if (!strcmp(verb, "list"))
		json_object_set_new(answer, "steps", all_steps(c));
	else if (!strcmp(verb, "to")) {
		const char *id = json_string_value(json_object_get(request, "step"));
		int at = id ? plan_find(c->plan, id) : -1;
		if (at >= 0)
			forward(c, (size_t)at, performed, err);
		else {
			error_set(err, ENOENT, "go to step", id, "the plan has no such step");
			error_advise(err, "'cutaway step --list %s' shows them", c->name);
		}
	} else if (strcmp(verb, "quit") != 0) {
		error_set(err, EINVAL, "read request", verb, "that is nothing we do");
	}
}

int session_answer(struct container *c, const json_t *request, json_t **ret)
{
	static const char *const phases[] = {"planned", "building", "running", "exited"};
	const char *verb = json_string_value(json_object_get(request, "do"));
	json_t *answer = json_pack("{s:[]}", "performed");
	struct error err = {0};
	bool rebuilt = false;

	if (!answer)
		return -ENOMEM;
	do_request(c, request, answer, &rebuilt, &err);
	json_object_set_new(answer, "name", json_string(c->name));
	json_object_set_new(answer, "status", json_string(phases[c->phase]));
	json_object_set_new(answer, "done", json_integer((json_int_t)c->executor.done));
	json_object_set_new(answer, "total", json_integer((json_int_t)c->plan->n));
	json_object_set_new(answer, "rebuilt", json_boolean(rebuilt));
	json_object_set_new(answer, "no_way_out",
	        json_string(c->build.network && c->build.network->no_rules
	                            ? c->build.network->no_rules
	                            : ""));
	json_object_set_new(answer, "no_cgroup",
	        json_string(c->build.cgroup_reason ? c->build.cgroup_reason : ""));
	if (err.code)
		json_object_set_new(answer, "error", error_json(&err));
	*ret = answer;
	return verb && !strcmp(verb, "quit");
}
