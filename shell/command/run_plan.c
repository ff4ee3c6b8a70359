#include "shell/command/run_plan.h"

#include "kernel/do/session.h"
#include "kernel/do/step_json.h"
#include "shell/step_text.h"

#include <errno.h>
#include <stdio.h>

void run_plan_note(const struct container *c)
{
	if (c->build.cgroup_reason)
		fprintf(stderr, "Without the steps of a control group: %s.\n",
		        c->build.cgroup_reason);
}

static int print_json(const struct container *c)
{
	json_t *steps = plan_json(c->plan, &c->build);

	if (!steps)
		return -ENOMEM;
	json_dumpf(steps, stdout, JSON_INDENT(2)); /* main() looks whether all could be written */
	json_decref(steps);
	putchar('\n');
	run_plan_note(c);
	return 0;
}

int run_plan_print(struct container *c, bool as_json)
{
	json_t *request, *answer = NULL;
	int r;

	if (as_json)
		return print_json(c);
	request = json_pack("{s:s}", "do", "list");
	r = request ? session_answer(c, request, &answer) : -ENOMEM;
	json_decref(request);
	if (r < 0)
		return r;
	step_text_plan(answer, stdout);
	json_decref(answer);
	return 0;
}
