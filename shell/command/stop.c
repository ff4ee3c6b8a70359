/* cutaway stop: ask the first process to end, and end it if it does not. */
#include "kernel/base/signal_name.h"
#include "kernel/do/container_state.h"
#include "kernel/do/options.h"
#include "shell/command.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { PATIENCE = 10 };

/* The image may have its own way to be asked. */
static int stop_signal(const char *name)
{
	json_t *config = NULL;
	const char *text;
	int signal = -1;

	if (container_load_config(name, &config, NULL) < 0)
		return SIGTERM;
	text = json_string_value(
	        json_object_get(json_object_get(config, "annotations"), OPTIONS_STOP_SIGNAL));
	if (text)
		signal = signal_by_name(text);
	json_decref(config);
	return signal > 0 ? signal : SIGTERM;
}

static int stop_one(const char *name, int seconds)
{
	struct error err = {0};
	json_t *state = NULL;
	int r = container_load(name, &state, &err);

	/* Stopping what has ended is no failure: it is what was asked for. */
	if (r == 0 && strcmp(container_status_text(state), "exited") != 0)
		r = container_stop(state, stop_signal(name), seconds, &err);
	json_decref(state);
	if (r < 0)
		return command_fail("stop", &err);
	puts(name);
	return 0;
}

static int stop_main(int argc, char **argv)
{
	static const struct option long_options[] = {
	        {"time", required_argument, NULL, 't'},
	        {NULL, 0, NULL, 0},
	};
	long seconds = PATIENCE;
	int option, status = 0;

	optind = 0;
	while ((option = command_option("stop", argc, argv, "+:t:", long_options)) != -1) {
		char *end = NULL;
		if (option == '?')
			return EXIT_USAGE;
		seconds = strtol(optarg, &end, 10);
		if (end == optarg || *end || seconds < 0 || seconds > INT_MAX / 1000)
			return command_usage_error(
			        "stop", "--time '%s': it should be seconds, 0 or more", optarg);
	}
	if (optind >= argc)
		return command_usage_error("stop", "which container?");
	for (int i = optind; i < argc; i++)
		status |= stop_one(argv[i], (int)seconds);
	return status;
}

const struct command command_stop = {
        .name = "stop",
        .usage =
                "Usage: cutaway stop [OPTION] NAME...\n"
                "Ask the first process of a container to end (SIGTERM, or the StopSignal of its\n"
                "image), and end it (SIGKILL) if it has not within ten seconds. A program without\n"
                "a handler for the signal never hears it as pid 1 of its namespace,\n"
                "pid_namespaces(7).\n"
                "\n"
                "  -t, --time SECONDS   wait so long instead; 0: do not wait\n"
                "\n"
                "Exit status: 0, 1 on failure, 2 for wrong usage.\n",
        .main = stop_main,
};
