/* cutaway-oci state: the JSON of runtime.md. */
#include "kernel/base/cleanup.h"
#include "kernel/oci/record.h"
#include "shell/oci/command.h"

#include <stdio.h>

static const struct option no_options[] = {{NULL, 0, NULL, 0}};

static int state_main(const struct oci *oci, int argc, char **argv)
{
	struct error err = {0};
	struct record *r = NULL;
	const char *id;
	json_t *json;

	optind = 0;
	if (oci_option(argc, argv, "+:", no_options) != -1)
		return OCI_EXIT_USAGE;
	id = oci_id("state", argc, argv);
	if (!id)
		return OCI_EXIT_USAGE;
	if (record_load(oci->root, id, false, &r, &err) < 0)
		return oci_fail(oci, &err);
	json = record_state(r, record_status_name(record_status(r)));
	json_dumpf(json, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(json);
	record_free(r);
	return 0;
}

const struct oci_command oci_state = {
        .name = "state",
        .summary = "print the state of a container, JSON",
        .usage = "Usage: cutaway-oci state ID\n"
                 "Print the state of a container as the specification's JSON: creating, created,\n"
                 "running, paused or stopped.\n"
                 "\n"
                 "Exit status: 0, 1 on failure, 2 for wrong usage.\n",
        .main = state_main,
};
