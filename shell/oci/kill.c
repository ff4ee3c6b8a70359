/* cutaway-oci kill: a signal for the first process. */
#include "kernel/oci/life.h"
#include "shell/oci/command.h"

#include <signal.h>

static const struct option options[] = {
        {"all", no_argument, NULL, 'a'},
        {NULL, 0, NULL, 0},
};

static int kill_main(const struct oci *oci, int argc, char **argv)
{
	struct error err = {0};
	int option, signal = SIGTERM;
	bool all = false;
	const char *id;

	/* Options may stand after the id, as engines write them. */
	optind = 0;
	while ((option = oci_option(argc, argv, ":a", options)) != -1) {
		if (option == '?')
			return OCI_EXIT_USAGE;
		all = true;
	}
	if (argc - optind < 1 || argc - optind > 2)
		return oci_usage("kill", "which container, and which signal?");
	id = argv[optind];
	if (argc - optind == 2)
		signal = oci_signal(argv[optind + 1]);
	if (signal < 0)
		return oci_usage("kill", "'%s': there is no such signal", argv[optind + 1]);
	return life_kill(oci->root, id, signal, all, &err) < 0 ? oci_fail(oci, &err) : 0;
}

const struct oci_command oci_kill = {
        .name = "kill",
        .summary = "send a signal to a container",
        .usage = "Usage: cutaway-oci kill [--all] ID [SIGNAL]\n"
                 "Send a signal (TERM, SIGTERM, 15) to the first process of a container.\n"
                 "\n"
                 "  -a, --all   to every process in its control group\n"
                 "\n"
                 "Exit status: 0, 1 on failure, 2 for wrong usage.\n",
        .main = kill_main,
};
