/* cutaway-oci delete: what create has made, taken away. */
#include "kernel/base/cleanup.h"
#include "kernel/oci/life.h"
#include "shell/oci/command.h"

static const struct option options[] = {
        {"force", no_argument, NULL, 'f'},
        {"regex", required_argument, NULL, 'r'},
        {NULL, 0, NULL, 0},
};

static int delete_one(const struct oci *oci, const char *id, bool force)
{
	auto_buf warnings = BUF_INIT;
	struct error err = {0};
	int r = life_delete(oci->root, id, force, NULL, &warnings, &err);

	oci_warn(oci, &warnings);
	return r < 0 ? oci_fail(oci, &err) : 0;
}

/* All that match; the last failure is the exit status. */
static int delete_matching(const struct oci *oci, const char *regex, bool force)
{
	int status = 0;
	json_t *ids = oci_matching(oci, "delete", regex, &status), *id;
	size_t i;

	json_array_foreach (ids, i, id) {
		int r = delete_one(oci, json_string_value(id), force);
		status = r ? r : status;
	}
	json_decref(ids);
	return status;
}

static int delete_main(const struct oci *oci, int argc, char **argv)
{
	const char *regex = NULL, *id;
	bool force = false;
	int option;

	optind = 0;
	while ((option = oci_option(argc, argv, ":fr:", options)) != -1) {
		if (option == '?')
			return OCI_EXIT_USAGE;
		if (option == 'r')
			regex = optarg;
		else
			force = true;
	}
	if (regex &&
	        optind < argc) /* "-r X" and "X -r" are the same to crun, but two are too many */
		return oci_usage("delete", "'%s': with --regex there are no ids", argv[optind]);
	if (regex)
		return delete_matching(oci, regex, force);
	id = oci_id("delete", argc, argv);
	if (!id)
		return OCI_EXIT_USAGE;
	return delete_one(oci, id, force);
}

const struct oci_command oci_delete = {
        .name = "delete",
        .summary = "remove a stopped container",
        .usage = "Usage: cutaway-oci delete [--force] ID\n"
                 "       cutaway-oci delete [--force] --regex REGEX\n"
                 "Remove a stopped container: its control group and its state.\n"
                 "\n"
                 "  -f, --force   end it first; one that is not there is no error\n"
                 "  -r, --regex   every container whose id matches\n"
                 "\n"
                 "Exit status: 0, 1 on failure, 2 for wrong usage.\n",
        .main = delete_main,
};
