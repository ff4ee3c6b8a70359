/* cutaway kill: a signal for the first process. */
#include "kernel/base/signal_name.h"
#include "kernel/do/container_state.h"
#include "shell/command.h"

#include <getopt.h>
#include <signal.h>

static int kill_one(const char *name, int signal)
{
	struct error err = {0};
	json_t *state = NULL;
	int r = container_load(name, &state, &err);

	/* What ends is waited for, so that who asks next finds it ended. */
	if (r == 0)
		r = signal == SIGKILL ? container_stop(state, SIGKILL, 5, &err)
		                      : container_kill(state, signal, &err);
	json_decref(state);
	if (r < 0)
		return command_fail("kill", &err);
	puts(name);
	return 0;
}

static int kill_main(int argc, char **argv)
{
	static const struct option long_options[] = {
	        {"signal", required_argument, NULL, 's'},
	        {NULL, 0, NULL, 0},
	};
	int option, status = 0, signal = SIGKILL;

	optind = 0;
	while ((option = command_option("kill", argc, argv, "+:s:", long_options)) != -1) {
		if (option == '?')
			return EXIT_USAGE;
		signal = signal_by_name(optarg);
		if (signal < 0)
			return command_usage_error(
			        "kill", "--signal '%s': there is none such, see kill -l", optarg);
	}
	if (optind >= argc)
		return command_usage_error("kill", "which container?");
	for (int i = optind; i < argc; i++)
		status |= kill_one(argv[i], signal);
	return status;
}

const struct command command_kill = {
        .name = "kill",
        .usage = "Usage: cutaway kill [OPTION] NAME...\n"
                 "Send SIGKILL, or another signal, to the first process of a container. When that\n"
                 "ends, the kernel ends all others of its pid namespace.\n"
                 "\n"
                 "  -s, --signal SIGNAL   this signal: TERM, SIGTERM or 15\n"
                 "\n"
                 "Exit status: 0, 1 on failure, 2 for wrong usage.\n",
        .main = kill_main,
};
