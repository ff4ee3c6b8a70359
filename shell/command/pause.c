/* cutaway pause, unpause: all processes of a container stop where they stand, and run on. */
#include "kernel/do/container_state.h"
#include "shell/command.h"

#include <getopt.h>

static int each(const char *command, int argc, char **argv, bool frozen)
{
	static const struct option none[] = {{NULL, 0, NULL, 0}};
	int status = 0;

	optind = 0;
	if (command_option(command, argc, argv, ":", none) != -1)
		return EXIT_USAGE;
	if (optind >= argc)
		return command_usage_error(command, "which container?");
	for (int i = optind; i < argc; i++) {
		struct error err = {0};
		json_t *state = NULL;
		int r = container_load(argv[i], &state, &err);
		if (r == 0)
			r = container_freeze(state, frozen, &err);
		json_decref(state);
		if (r < 0)
			status |= command_fail(command, &err);
		else
			puts(argv[i]);
	}
	return status;
}

static int pause_main(int argc, char **argv)
{
	return each("pause", argc, argv, true);
}

static int unpause_main(int argc, char **argv)
{
	return each("unpause", argc, argv, false);
}

const struct command command_pause = {
        .name = "pause",
        .usage =
                "Usage: cutaway pause NAME...\n"
                "Freeze all processes of a container where they stand, through its control group\n"
                "(cgroup.freeze, or freezer.state on version 1). They get no processor time until\n"
                "'cutaway unpause', and cannot tell that time has passed but by the clock.\n"
                "\n"
                "Exit status: 0, 1 on failure, 2 for wrong usage.\n",
        .main = pause_main,
};

const struct command command_unpause = {
        .name = "unpause",
        .usage = "Usage: cutaway unpause NAME...\n"
                 "Let the processes of a container run on that 'cutaway pause' has frozen.\n"
                 "\n"
                 "Exit status: 0, 1 on failure, 2 for wrong usage.\n",
        .main = unpause_main,
};
