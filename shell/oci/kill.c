/* cutaway-oci kill: a signal for the first process. */
#include "kernel/base/signal_name.h"
#include "kernel/oci/life.h"
#include "shell/oci/command.h"

#include <signal.h>

static const struct option options[] = {
        {"all", no_argument, NULL, 'a'},
        {"regex", required_argument, NULL, 'r'},
        {NULL, 0, NULL, 0},
};

static int kill_matching(const struct oci *oci, const char *regex, int signal, bool all)
{
	int status = 0;
	json_t *ids = oci_matching(oci, "kill", regex, &status), *id;
	size_t i;

	json_array_foreach (ids, i, id) {
		struct error err = {0};
		if (life_kill(oci->root, json_string_value(id), signal, all, &err) < 0)
			status = oci_fail(oci, &err);
	}
	json_decref(ids);
	return status;
}

static int kill_main(const struct oci *oci, int argc, char **argv)
{
	struct error err = {0};
	int option, signal = SIGTERM;
	const char *regex = NULL, *id, *word;
	bool all = false;

	/* Options may stand after the id, as engines write them. */
	optind = 0;
	while ((option = oci_option(argc, argv, ":ar:", options)) != -1) {
		if (option == '?')
			return OCI_EXIT_USAGE;
		if (option == 'r')
			regex = optarg;
		else
			all = true;
	}
	if (argc - optind < !regex || argc - optind > 1 + !regex)
		return oci_usage("kill", "which container, and which signal?");
	id = regex ? NULL : argv[optind++];
	word = argv[optind];
	if (word)
		signal = signal_by_name(word);
	if (signal < 0)
		return oci_usage("kill", "'%s': there is no such signal", word);
	if (regex)
		return kill_matching(oci, regex, signal, all);
	return life_kill(oci->root, id, signal, all, &err) < 0 ? oci_fail(oci, &err) : 0;
}

const struct oci_command oci_kill = {
        .name = "kill",
        .summary = "send a signal to a container",
        .usage = "Usage: cutaway-oci kill [--all] ID [SIGNAL]\n"
                 "       cutaway-oci kill [--all] --regex REGEX [SIGNAL]\n"
                 "Send a signal (TERM, SIGTERM, 15) to the first process of a container.\n"
                 "\n"
                 "  -a, --all          to every process in its control group\n"
                 "  -r, --regex REGEX  to every container whose id matches\n"
                 "\n"
                 "Exit status: 0, 1 on failure, 2 for wrong usage.\n",
        .main = kill_main,
};
