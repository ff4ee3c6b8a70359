/* cutaway-oci ps: the processes in a container's control group, as counted outside. */
#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/oci/record.h"
#include "shell/oci/command.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

enum { PROCESSES_MAX = 65536 };

static const struct option options[] = {
        {"format", required_argument, NULL, 'f'},
        {NULL, 0, NULL, 0},
};

static void print_command(pid_t pid)
{
	auto_buf text = BUF_INIT;
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/cmdline", (int)pid);
	file_read_at(AT_FDCWD, path, 4096, &text);
	printf("%8d  ", (int)pid);
	for (size_t i = 0; i + 1 < text.len; i++)
		putchar((unsigned char)text.data[i] < ' ' ? ' ' : text.data[i]);
	putchar('\n');
}

static void print_all(const struct record *r, bool json)
{
	auto_free pid_t *pids = calloc(PROCESSES_MAX, sizeof *pids);
	size_t n = pids ? group_processes(
	                          (const char *const *)r->groups, r->n_groups, pids, PROCESSES_MAX)
	                : 0;

	if (!json)
		printf("%8s  %s\n", "PID", "COMMAND");
	else
		putchar('[');
	for (size_t i = 0; i < n && i < PROCESSES_MAX; i++)
		if (json)
			printf("%s%d", i ? "," : "", (int)pids[i]);
		else
			print_command(pids[i]);
	if (json)
		puts("]");
}

static int ps_main(const struct oci *oci, int argc, char **argv)
{
	struct error err = {0};
	struct record *r = NULL;
	bool json = false;
	const char *id;
	int option;

	optind = 0;
	while ((option = oci_option(argc, argv, ":f:", options)) != -1) {
		if (option == '?')
			return OCI_EXIT_USAGE;
		if (strcmp(optarg, "json") != 0 && strcmp(optarg, "table") != 0)
			return oci_usage("ps", "--format '%s': table or json", optarg);
		json = !strcmp(optarg, "json");
	}
	id = oci_id("ps", argc, argv);
	if (!id)
		return OCI_EXIT_USAGE;
	if (record_load(oci->root, id, false, &r, &err) < 0)
		return oci_fail(oci, &err);
	if (!r->n_groups) {
		error_set(&err, ENOTSUP, "list processes of", id, "it has no control group");
		record_free(r);
		return oci_fail(oci, &err);
	}
	print_all(r, json);
	record_free(r);
	return 0;
}

const struct oci_command oci_ps = {
        .name = "ps",
        .summary = "list the processes of a container",
        .usage = "Usage: cutaway-oci ps [OPTION] ID\n"
                 "List the processes in a container's control group, as they are counted outside.\n"
                 "\n"
                 "  -f, --format table|json\n"
                 "\n"
                 "Exit status: 0, 1 on failure, 2 for wrong usage.\n",
        .main = ps_main,
};
