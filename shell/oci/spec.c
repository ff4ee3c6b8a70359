/* cutaway-oci spec: a config.json to begin with. */
#include "kernel/oci/default_config.h"
#include "shell/oci/command.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct option options[] = {
        {"bundle", required_argument, NULL, 'b'},
        {"rootless", no_argument, NULL, 'r'},
        {NULL, 0, NULL, 0},
};

static int spec_main(const struct oci *oci, int argc, char **argv)
{
	const char *bundle = ".";
	bool rootless = false;
	struct error err = {0};
	char path[4096];
	json_t *json;
	FILE *file;
	int option, fd;

	optind = 0;
	while ((option = oci_option(argc, argv, "+:b:", options)) != -1) {
		if (option == '?')
			return OCI_EXIT_USAGE;
		if (option == 'b')
			bundle = optarg;
		rootless |= option == 'r';
	}
	if (optind < argc)
		return oci_usage("spec", "'%s': it takes no arguments", argv[optind]);
	snprintf(path, sizeof path, "%s/config.json", bundle);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	file = fd < 0 ? NULL : fdopen(fd, "w");
	if (!file) {
		error_set(&err, errno, "write", path, NULL);
		if (errno == EEXIST)
			error_advise(&err, "remove it first, or choose another --bundle");
		return oci_fail(oci, &err);
	}
	json = default_config(rootless);
	if (!json || json_dumpf(json, file, JSON_INDENT(2)) < 0 || fputc('\n', file) == EOF)
		error_set(&err, EIO, "write", path, NULL);
	json_decref(json);
	if (fclose(file) != 0)
		error_set(&err, errno, "write", path, NULL);
	return err.code ? oci_fail(oci, &err) : 0;
}

const struct oci_command oci_spec = {
        .name = "spec",
        .summary = "write a config.json to begin with",
        .usage = "Usage: cutaway-oci spec [OPTION]...\n"
                 "Write config.json with the defaults of a container that runs sh in rootfs.\n"
                 "\n"
                 "  -b, --bundle DIR  where; the current directory\n"
                 "      --rootless    for an ordinary user: with a user namespace\n"
                 "\n"
                 "Exit status: 0, 1 on failure, 2 for wrong usage.\n",
        .main = spec_main,
};
