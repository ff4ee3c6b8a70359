/* cutaway-oci delete: what create has made, taken away. */
#include "kernel/base/cleanup.h"
#include "kernel/oci/life.h"
#include "shell/oci/command.h"

static const struct option options[] = {
        {"force", no_argument, NULL, 'f'},
        {NULL, 0, NULL, 0},
};

static int delete_main(const struct oci *oci, int argc, char **argv)
{
	auto_buf warnings = BUF_INIT;
	struct error err = {0};
	bool force = false;
	const char *id;
	int option, r;

	optind = 0;
	while ((option = oci_option(argc, argv, ":f", options)) != -1) {
		if (option == '?')
			return OCI_EXIT_USAGE;
		force = true;
	}
	id = oci_id("delete", argc, argv);
	if (!id)
		return OCI_EXIT_USAGE;
	r = life_delete(oci->root, id, force, &warnings, &err);
	oci_warn(oci, &warnings);
	return r < 0 ? oci_fail(oci, &err) : 0;
}

const struct oci_command oci_delete = {
        .name = "delete",
        .summary = "remove a stopped container",
        .usage = "Usage: cutaway-oci delete [--force] ID\n"
                 "Remove a stopped container: its control group and its state.\n"
                 "\n"
                 "  -f, --force   end it first; one that is not there is no error\n"
                 "\n"
                 "Exit status: 0, 1 on failure, 2 for wrong usage.\n",
        .main = delete_main,
};
