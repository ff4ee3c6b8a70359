/* cutaway-oci create: all but the program. */
#include "shell/oci/create.h"

#include "kernel/base/cleanup.h"

#include <stdlib.h>
#include <string.h>

static const struct option options[] = {
        {"bundle", required_argument, NULL, 'b'},
        {"pid-file", required_argument, NULL, 'p'},
        {"console-socket", required_argument, NULL, 's'},
        {"preserve-fds", required_argument, NULL, 'f'},
        {"no-new-keyring", no_argument, NULL, 'k'},
        {"no-pivot", no_argument, NULL, 'n'},
        {"config", required_argument, NULL, 'c'},
        /* of run only */
        {"detach", no_argument, NULL, 'd'},
        {"keep", no_argument, NULL, 'K'},
        {"no-subreaper", no_argument, NULL, 'i'},
        {NULL, 0, NULL, 0},
};

static int take(struct create_arguments *a, const char *command, bool run, int option)
{
	struct create_options *o = &a->options;
	char *end;

	if (option == 'b')
		o->bundle = optarg;
	else if (option == 'p')
		o->pid_file = optarg;
	else if (option == 's')
		o->console_socket = optarg;
	else if (option == 'c')
		o->config = optarg;
	else if (option == 'k')
		o->no_new_keyring = true;
	else if (option == 'n')
		o->no_pivot = true;
	else if ((option == 'd' || option == 'K' || option == 'i') && !run)
		return oci_usage(command, "--detach, --keep and --no-subreaper are for run");
	else if (option == 'd')
		a->detach = true;
	else if (option == 'K')
		a->keep = true;
	else if (option == 'f') {
		long n = strtol(optarg, &end, 10);
		if (end == optarg || *end || n < 0 || n > 1024)
			return oci_usage(command,
			        "--preserve-fds '%s': it should be a number "
			        "from 0 to 1024",
			        optarg);
		o->preserve_fds = (int)n;
	}
	return 0;
}

int create_arguments_read(
        const struct oci *oci, int argc, char **argv, bool run, struct create_arguments *ret)
{
	int option;

	*ret = (struct create_arguments){
	        .options = {.root = oci->root, .bundle = ".", .no_cgroup = oci->no_cgroup}};
	optind = 0;
	while ((option = oci_option(argc, argv, "+:b:df:", options)) != -1) {
		int status = option == '?' ? OCI_EXIT_USAGE : take(ret, argv[0], run, option);
		if (status)
			return status;
	}
	ret->options.id = oci_id(argv[0], argc, argv);
	return ret->options.id ? 0 : OCI_EXIT_USAGE;
}

static int create_main(const struct oci *oci, int argc, char **argv)
{
	auto_buf warnings = BUF_INIT;
	struct create_arguments a;
	struct creation *c = NULL;
	struct error err = {0};
	int r = create_arguments_read(oci, argc, argv, false, &a);

	if (r)
		return r;
	a.options.warnings = &warnings;
	r = create(&a.options, &c, &err);
	oci_warn(oci, &warnings);
	if (r < 0)
		return oci_fail(oci, &err);
	creation_free(c);
	return 0;
}

const struct oci_command oci_create = {
        .name = "create",
        .summary = "make a container that waits to be started",
        .usage = "Usage: cutaway-oci create [OPTION]... ID\n"
                 "Make a container of a bundle; its program waits for `start`.\n"
                 "\n"
                 "  -b, --bundle DIR           where config.json is; the current directory\n"
                 "      --pid-file FILE        write the process id there\n"
                 "      --console-socket PATH  send the terminal to this socket\n"
                 "      --preserve-fds N       hand on descriptors 3 to 2+N\n"
                 "      --no-new-keyring       keep the caller's session keyring\n"
                 "      --no-pivot             move the new root over the old one, which stays\n"
                 "      --config FILE          read this instead of the bundle's config.json\n"
                 "\n"
                 "Exit status: 0, 1 on failure, 2 for wrong usage.\n",
        .enters = true,
        .main = create_main,
};
