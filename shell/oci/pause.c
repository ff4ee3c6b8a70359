/* cutaway-oci pause, resume: the freezer of the control group. */
#include "kernel/oci/life.h"
#include "shell/oci/command.h"

static const struct option no_options[] = {{NULL, 0, NULL, 0}};

static int set(const struct oci *oci, int argc, char **argv, bool pause)
{
	struct error err = {0};
	const char *id;

	optind = 0;
	if (oci_option(argc, argv, "+:", no_options) != -1)
		return OCI_EXIT_USAGE;
	id = oci_id(argv[0], argc, argv);
	if (!id)
		return OCI_EXIT_USAGE;
	return life_pause(oci->root, id, pause, &err) < 0 ? oci_fail(oci, &err) : 0;
}

static int pause_main(const struct oci *oci, int argc, char **argv)
{
	return set(oci, argc, argv, true);
}

static int resume_main(const struct oci *oci, int argc, char **argv)
{
	return set(oci, argc, argv, false);
}

const struct oci_command oci_pause = {
        .name = "pause",
        .summary = "freeze all processes of a container",
        .usage = "Usage: cutaway-oci pause ID\n"
                 "Freeze all processes of a container.\n"
                 "\n"
                 "Exit status: 0, 1 on failure, 2 for wrong usage.\n",
        .main = pause_main,
};
const struct oci_command oci_resume = {
        .name = "resume",
        .summary = "thaw a paused container",
        .usage = "Usage: cutaway-oci resume ID\n"
                 "Let the processes of a paused container go on.\n"
                 "\n"
                 "Exit status: 0, 1 on failure, 2 for wrong usage.\n",
        .main = resume_main,
};
