/* cutaway step: build a container one step at a time. */
#include "kernel/base/cleanup.h"
#include "kernel/do/container_state.h"
#include "kernel/do/session.h"
#include "shell/command.h"
#include "shell/step_text.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>

struct step_command {
	const char *verb, *to, *name;
	bool json;
};

static int parse(int argc, char **argv, struct step_command *s)
{
	static const struct option long_options[] = {
	        {"back", no_argument, NULL, 'b'},
	        {"all", no_argument, NULL, 'a'},
	        {"list", no_argument, NULL, 'l'},
	        {"to", required_argument, NULL, 't'},
	        {"json", no_argument, NULL, 'j'},
	        {NULL, 0, NULL, 0},
	};
	int option, verbs = 0;

	optind = 0;
	while ((option = command_option("step", argc, argv, ":", long_options)) != -1) {
		if (option == '?')
			return EXIT_USAGE;
		if (option == 'j') {
			s->json = true;
			continue;
		}
		verbs++;
		s->verb = option == 'b'   ? "back"
		          : option == 'a' ? "all"
		          : option == 'l' ? "list"
		                          : "to";
		if (option == 't')
			s->to = optarg;
	}
	if (verbs > 1)
		return command_usage_error(
		        "step", "--back, --all, --list and --to exclude each other");
	if (argc - optind > 1)
		return command_usage_error("step", "one container at a time");
	s->name = argv[optind];
	return 0;
}

/* Without a name: the one that is being made, in this lab if we are in one. The newest of several;
 * one that has all its steps only when there is no other. */
static int find_container(struct step_command *s, json_t *all, struct error *err)
{
	const char *lab = getenv("CUTAWAY_LAB");
	json_int_t best = -1;
	const json_t *state;
	size_t i;

	json_array_foreach (all, i, state) {
		const char *its = json_string_value(json_object_get(state, "lab"));
		const char *status = container_status_text(state);
		json_int_t start = json_integer_value(json_object_get(state, "monitor_start"));
		bool open = !strcmp(status, "planned") || !strcmp(status, "building");
		if (strcmp(its ? its : "", lab ? lab : "") != 0 || !strcmp(status, "exited"))
			continue;
		if (!open && !json_is_true(json_object_get(state, "stepping")))
			continue;
		/* Clock ticks since boot stay far below this. */
		start += open ? (json_int_t)1 << 60 : 0;
		if (start <= best)
			continue;
		best = start;
		s->name = json_string_value(json_object_get(state, "name"));
	}
	if (s->name)
		return 0;
	error_set(err, ENOENT, "perform a step", "", "no container is being made");
	error_advise(err, "plan one with: cutaway run -d --step --name NAME base sleep 3600");
	return -ENOENT;
}

static int print(const struct step_command *s, const json_t *answer)
{
	bool failed = json_object_get(answer, "error");

	if (s->json) {
		json_dumpf(answer, stdout, JSON_INDENT(2));
		putchar('\n');
	} else if (!strcmp(s->verb, "list")) {
		step_text_list(answer, stdout);
	} else {
		step_text_answer(answer, !strcmp(s->verb, "back"), stdout);
	}
	return failed;
}

static int step_main(int argc, char **argv)
{
	struct step_command s = {.verb = "next"};
	json_t *all = NULL, *request = NULL, *answer = NULL;
	struct error err = {0};
	int r = parse(argc, argv, &s), status;

	if (r)
		return r;
	if (!s.name) {
		r = container_load_all(&all, &err);
		if (r == 0)
			r = find_container(&s, all, &err);
	}
	if (r == 0) {
		request = json_pack("{s:s, s:s*}", "do", s.verb, "step", s.to);
		r = request ? session_ask(s.name, request, &answer, &err)
		            : error_set(&err, ENOMEM, "perform a step", s.name, NULL);
	}
	status = r < 0 ? command_fail("step", &err) : print(&s, answer);
	json_decref(all);
	json_decref(request);
	json_decref(answer);
	return status;
}

const struct command command_step = {
        .name = "step",
        .usage = "Usage: cutaway step [OPTION] [NAME]\n"
                 "Perform the next step of a container that was started with 'run -d --step', and\n"
                 "show the system call, the shell command that does the same, why it is done, and\n"
                 "what the machine says about it afterwards. Without NAME: the one being made.\n"
                 "\n"
                 "      --back     take the last step back; what the kernel cannot take back is\n"
                 "                 built again up to the step before\n"
                 "      --to ID    go on up to and with this step\n"
                 "      --all      perform all that are left\n"
                 "      --list     show all steps and which are done\n"
                 "      --json     the same as JSON\n"
                 "\n"
                 "Exit status: 0, 1 when a step has failed, 2 for wrong usage.\n"
                 "\n"
                 "Example:\n"
                 "  cutaway run -d --step --name hand base sleep 3600; cutaway step --to rootfs\n",
        .main = step_main,
};
