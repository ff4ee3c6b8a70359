/* The program `cutaway-oci`: the same kernel code as a runtime for podman, docker and containerd,
 * as the OCI runtime specification (runtime.md) and the command line of runc want it. */
#include "kernel/base/cleanup.h"
#include "kernel/base/own_program.h"
#include "kernel/base/version.h"
#include "kernel/oci/bundle.h"
#include "kernel/oci/record.h"
#include "shell/near.h"
#include "shell/oci/command.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

extern const struct oci_command oci_create, oci_start, oci_state, oci_kill, oci_delete, oci_run,
        oci_exec, oci_list, oci_ps, oci_pause, oci_resume, oci_update, oci_spec, oci_features;

const struct oci_command *const oci_commands[] = {
        &oci_create,
        &oci_start,
        &oci_state,
        &oci_kill,
        &oci_delete,
        &oci_run,
        &oci_exec,
        &oci_list,
        &oci_ps,
        &oci_pause,
        &oci_resume,
        &oci_update,
        &oci_spec,
        &oci_features,
        NULL,
};

static void print_help(void)
{
	puts("Usage: cutaway-oci [OPTION]... COMMAND [ARG]...\n"
	     "Run containers as the OCI runtime specification says, for engines.\n"
	     "\n"
	     "  --root DIR                 where states are kept: $XDG_RUNTIME_DIR/cutaway-oci,\n"
	     "                             else /run/cutaway-oci\n"
	     "  --log FILE|file:FILE       append errors to this file too\n"
	     "  --log-format text|json     how\n"
	     "  --cgroup-manager cgroupfs|disabled\n"
	     "  --debug, --log-level LEVEL, --rootless WORD   accepted\n"
	     "  --version, --help\n");
	for (size_t i = 0; oci_commands[i]; i++)
		printf("  %-10s %s\n", oci_commands[i]->name, oci_commands[i]->summary);
	puts("\nEach command has --help. Exit status: 0, 1 on failure, 2 for wrong usage.");
}

/* "FILE", as runc has it, or "KIND:WHERE", as crun: a file it is in the end. */
static int set_log(struct oci *oci, const char *text)
{
	const char *colon = strchr(text, ':');

	if (!strncmp(text, "file:", 5))
		text += 5;
	else if (colon && !memchr(text, '/', (size_t)(colon - text)))
		return oci_usage(NULL,
		        "--log '%s': errors are logged to a file (file:PATH) and to "
		        "nothing else",
		        text);
	if (!*text)
		return oci_usage(NULL, "--log: which file?");
	oci->log = text;
	return 0;
}

static int set_option(struct oci *oci, int option, const char **root)
{
	if (option == 'r')
		*root = optarg;
	else if (option == 'l')
		return set_log(oci, optarg);
	else if (option == 'f' && (!strcmp(optarg, "json") || !strcmp(optarg, "text")))
		oci->log_json = !strcmp(optarg, "json");
	else if (option == 'f')
		return oci_usage(NULL, "--log-format '%s': it should be text or json", optarg);
	else if (option == 'c' && !strcmp(optarg, "disabled"))
		oci->no_cgroup = true;
	else if (option == 's' || (option == 'c' && !strcmp(optarg, "systemd")))
		return oci_usage(NULL, "control groups by way of systemd are not supported: use "
		                       "the cgroupfs driver of the engine "
		                       "(native.cgroupdriver=cgroupfs, --cgroup-manager cgroupfs)");
	else if (option == 'c' && strcmp(optarg, "cgroupfs") != 0)
		return oci_usage(NULL, "--cgroup-manager '%s': there is none such", optarg);
	else if (option == 'v' || option == 'V')
		puts("cutaway-oci version " CUTAWAY_VERSION "\nspec: " BUNDLE_OCI_VERSION);
	else if (option == 'h')
		print_help();
	return 0;
}

static int unknown_command(const char *name)
{
	for (size_t i = 0; oci_commands[i]; i++)
		if (near_is(name, oci_commands[i]->name))
			return oci_usage(NULL, "unknown command '%s'; did you mean '%s'?", name,
			        oci_commands[i]->name);
	return oci_usage(NULL, "unknown command '%s'", name);
}

/* `help`, `help COMMAND`, as runc has it. */
static int help(int argc, char **argv)
{
	if (argc == 1) {
		print_help();
		return 0;
	}
	for (size_t i = 0; oci_commands[i]; i++)
		if (!strcmp(oci_commands[i]->name, argv[1])) {
			fputs(oci_commands[i]->usage, stdout);
			return 0;
		}
	return unknown_command(argv[1]);
}

/* `all` are the arguments from the program's name on. */
static int run_command(struct oci *oci, char **all, int argc, char **argv)
{
	struct error err = {0};

	if (argc < 1)
		return oci_usage(NULL, "which command?");
	if (!strcmp(argv[0], "help"))
		return help(argc, argv);
	for (size_t i = 0; oci_commands[i]; i++) {
		if (strcmp(oci_commands[i]->name, argv[0]) != 0)
			continue;
		if (argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))) {
			fputs(oci_commands[i]->usage, stdout);
			return 0;
		}
		if (oci_commands[i]->enters && own_program_protect(all, &err) < 0)
			return oci_fail(oci, &err);
		return oci_commands[i]->main(oci, argc, argv);
	}
	return unknown_command(argv[0]);
}

/* What we have written of our own: a disk that is full is no success. */
static int end_output(struct oci *oci, int status)
{
	struct error err = {0};

	errno = 0;
	if (status || (fflush(stdout) == 0 && !ferror(stdout)))
		return status;
	error_set(&err, errno ? errno : EIO, "write", "standard output",
	        errno ? NULL : "not all of it could be written");
	return oci_fail(oci, &err);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
	        {"root", required_argument, NULL, 'r'},
	        {"log", required_argument, NULL, 'l'},
	        {"log-format", required_argument, NULL, 'f'},
	        {"cgroup-manager", required_argument, NULL, 'c'},
	        {"systemd-cgroup", no_argument, NULL, 's'},
	        {"rootless", required_argument, NULL, 'd'},
	        {"log-level", required_argument, NULL, 'd'},
	        {"debug", no_argument, NULL, 'd'},
	        {"version", no_argument, NULL, 'v'},
	        {"help", no_argument, NULL, 'h'},
	        {NULL, 0, NULL, 0},
	};
	struct oci oci = {0};
	struct error err = {0};
	const char *root = NULL;
	int option, status;

	opterr = 0;
	while ((option = oci_option(argc, argv, "+:vVh", options)) != -1) {
		status = option == '?' ? OCI_EXIT_USAGE : set_option(&oci, option, &root);
		if (status || option == 'v' || option == 'V' || option == 'h')
			return end_output(&oci, status);
	}
	if (record_root(root, &oci.root, &err) < 0)
		return oci_fail(&oci, &err);
	status = end_output(&oci, run_command(&oci, argv, argc - optind, argv + optind));
	free(oci.root);
	return status;
}
