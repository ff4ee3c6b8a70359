/* cutaway-oci features: what this runtime does, in the words of the specification. */
#include "kernel/oci/features.h"
#include "shell/oci/command.h"

#include <jansson.h>
#include <stdio.h>

static const struct option no_options[] = {{NULL, 0, NULL, 0}};

static int features_main(const struct oci *oci, int argc, char **argv)
{
	json_t *json;

	(void)oci;
	optind = 0;
	if (oci_option(argc, argv, "+:", no_options) != -1)
		return OCI_EXIT_USAGE;
	if (optind < argc)
		return oci_usage("features", "'%s': it takes no arguments", argv[optind]);
	json = features();
	json_dumpf(json, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(json);
	return 0;
}

const struct oci_command oci_features = {
        .name = "features",
        .summary = "print what this runtime does, JSON",
        .usage = "Usage: cutaway-oci features\n"
                 "Print the features document of the OCI runtime specification.\n"
                 "\n"
                 "Exit status: 0, 1 on failure, 2 for wrong usage.\n",
        .main = features_main,
};
