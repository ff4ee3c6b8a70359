/* cutaway-oci start: the program, at last. */
#include "kernel/base/cleanup.h"
#include "kernel/oci/life.h"
#include "shell/oci/command.h"

static const struct option no_options[] = {{NULL, 0, NULL, 0}};

static int start_main(const struct oci *oci, int argc, char **argv)
{
	auto_buf warnings = BUF_INIT;
	struct error err = {0};
	const char *id;
	int r;

	optind = 0;
	if (oci_option(argc, argv, "+:", no_options) != -1)
		return OCI_EXIT_USAGE;
	id = oci_id("start", argc, argv);
	if (!id)
		return OCI_EXIT_USAGE;
	r = life_start(oci->root, id, &warnings, &err);
	oci_warn(oci, &warnings);
	return r < 0 ? oci_fail(oci, &err) : 0;
}

const struct oci_command oci_start = {
        .name = "start",
        .summary = "let the program of a created container run",
        .usage = "Usage: cutaway-oci start ID\n"
                 "Let the program of a created container run.\n"
                 "\n"
                 "Exit status: 0, 1 on failure, 2 for wrong usage.\n",
        .main = start_main,
};
