/* cutaway exec: one more program in a container that runs. */
#include "kernel/base/cleanup.h"
#include "kernel/do/container_state.h"
#include "kernel/do/join.h"
#include "kernel/do/monitor.h"
#include "kernel/do/users.h"
#include "shell/command.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>
#include <unistd.h>

static const struct option long_options[] = {
        {"interactive", no_argument, NULL, 'i'},
        {"tty", no_argument, NULL, 't'},
        {"env", required_argument, NULL, 'e'},
        {"workdir", required_argument, NULL, 'w'},
        {"user", required_argument, NULL, 'u'},
        {NULL, 0, NULL, 0},
};

static int parse(int argc, char **argv, struct join_options *o, const char **ret_name)
{
	int option;

	optind = 0;
	while ((option = command_option("exec", argc, argv, "+:ite:w:u:", long_options)) != -1) {
		if (option == '?')
			return EXIT_USAGE;
		if (option == 't')
			o->terminal = true;
		else if (option == 'w')
			o->workdir = optarg;
		else if (option == 'u' && !users_form(optarg))
			return command_usage_error("exec",
			        "--user '%s': it should be USER[:GROUP], names or numbers", optarg);
		else if (option == 'u')
			o->user = optarg;
		else if (option == 'e' && (optarg[0] == '=' || !strchr(optarg, '=')))
			return command_usage_error(
			        "exec", "--env '%s': it should be NAME=VALUE", optarg);
		else if (option == 'e')
			o->env[o->n_env++] = optarg;
	}
	if (argc - optind < 2)
		return command_usage_error("exec", "in which container, and which program?");
	if (o->terminal && !isatty(0))
		return command_usage_error("exec", "--tty needs a terminal as standard input");
	*ret_name = argv[optind];
	o->command = argv + optind + 1;
	o->n_command = (size_t)(argc - optind - 1);
	return 0;
}

static int exec_main(int argc, char **argv)
{
	auto_free const char **env = calloc((size_t)argc + 1, sizeof *env);
	struct join_options o = {.env = env};
	struct error err = {0};
	json_t *state = NULL;
	const char *name = NULL;
	int status = 125;
	int r = env ? parse(argc, argv, &o, &name) : 125;

	if (r)
		return r;
	r = container_load(name, &state, &err);
	if (r == 0 && !strcmp(container_status_text(state), "exited")) {
		r = error_set(&err, ESRCH, "enter container", name, "it has ended");
		error_advise(&err,
		        "'cutaway rm %s' removes what is left of it, 'cutaway run' makes another",
		        name);
	} else if (r == 0 && strcmp(container_status_text(state), "running") != 0) {
		r = error_set(&err, ESRCH, "enter container", name, "it is %s",
		        container_status_text(state));
		error_advise(&err, "perform its steps first: cutaway step --all %s", name);
	}
	if (r == 0)
		r = join_run(state, &o, &status, &err);
	json_decref(state);
	if (r < 0) {
		command_fail("exec", &err);
		return monitor_failure_status(&err);
	}
	return status;
}

static const char usage[] =
        "Usage: cutaway exec [OPTION]... NAME COMMAND [ARG]...\n"
        "Run one more program in a container that runs: in the same namespaces and control\n"
        "group, with the same capabilities and the same system call filter.\n"
        "\n"
        "  -i, --interactive     accepted: standard input is always passed\n"
        "  -t, --tty             give it a terminal of its own, from the container's /dev/pts\n"
        "  -e, --env NAME=VALUE  an environment variable; may be repeated\n"
        "  -w, --workdir DIR     the directory it starts in\n"
        "  -u, --user USER[:GROUP]  the user it runs as: names of the container's, or numbers\n"
        "\n"
        "Exit status: the program's own; 128 and the number of the signal that ended it; 127\n"
        "when it was not found, 126 when it could not be run, 125 when the container could not\n"
        "be entered; 2 for wrong usage.\n"
        "\n"
        "Example:\n"
        "  cutaway exec -it hand sh\n";

const struct command command_exec = {
        .name = "exec",
        .usage = usage,
        .main = exec_main,
};
