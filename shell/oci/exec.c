/* cutaway-oci exec: one more program in a container. */
#include "kernel/base/cleanup.h"
#include "kernel/do/capability.h"
#include "kernel/do/watch_child.h"
#include "kernel/oci/enter.h"
#include "shell/oci/command.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct option options[] = {
        {"process", required_argument, NULL, 'p'},
        {"tty", no_argument, NULL, 't'},
        {"user", required_argument, NULL, 'u'},
        {"env", required_argument, NULL, 'e'},
        {"cwd", required_argument, NULL, 'w'},
        {"cap", required_argument, NULL, 'c'},
        {"no-new-privs", no_argument, NULL, 'n'},
        {"no-new-keyring", no_argument, NULL, 'k'},
        {"detach", no_argument, NULL, 'd'},
        {"pid-file", required_argument, NULL, 'P'},
        {"console-socket", required_argument, NULL, 's'},
        {"preserve-fds", required_argument, NULL, 'f'},
        {NULL, 0, NULL, 0},
};

static int take(struct enter_options *o, bool *detach, int option)
{
	char *end;
	int number;

	switch (option) {
	case 'p':
		o->process = optarg;
		return 0;
	case 't':
		o->terminal = true;
		return 0;
	case 'u':
		o->user = optarg;
		return 0;
	case 'e':
		if (optarg[0] == '=' || !strchr(optarg, '='))
			return oci_usage("exec", "--env '%s': it should be NAME=VALUE", optarg);
		o->env[o->n_env++] = optarg;
		return 0;
	case 'w':
		o->cwd = optarg;
		return 0;
	case 'c':
		number = capability_number(optarg);
		/* As in config.json: what the kernel does not know cannot be had, and is said. */
		if (number < 0)
			fprintf(stderr, "cutaway-oci: warning: --cap %s: there is none such\n",
			        optarg);
		else
			o->cap_add |= UINT64_C(1) << number;
		return 0;
	case 'n':
		o->no_new_privs = true;
		return 0;
	case 'k':
		o->no_new_keyring = true;
		return 0;
	case 'd':
		*detach = true;
		return 0;
	case 'P':
		o->pid_file = optarg;
		return 0;
	case 's':
		o->console_socket = optarg;
		return 0;
	case 'f':
		o->preserve_fds = (int)strtol(optarg, &end, 10);
		if (end == optarg || *end || o->preserve_fds < 0 || o->preserve_fds > 1024)
			return oci_usage("exec", "--preserve-fds '%s': it is no number", optarg);
		return 0;
	default:
		return OCI_EXIT_USAGE;
	}
}

static int exec_main(const struct oci *oci, int argc, char **argv)
{
	auto_free const char **env = calloc((size_t)argc + 1, sizeof *env);
	struct enter_options o = {.root = oci->root, .env = env};
	struct entry *e = NULL;
	auto_buf warnings = BUF_INIT;
	struct error err = {0};
	bool detach = false;
	int option, status = 0, r;

	if (!env)
		return 1;
	optind = 0;
	while ((option = oci_option(argc, argv, "+:p:tu:e:c:d", options)) != -1) {
		status = take(&o, &detach, option);
		if (status)
			return status;
	}
	if (argc - optind < (o.process ? 1 : 2))
		return oci_usage("exec", "in which container, and which program?");
	o.id = argv[optind];
	o.command = argv + optind + 1;
	o.n_command = (size_t)(argc - optind - 1);
	o.keep_console = !detach && !o.console_socket;
	o.warnings = &warnings;
	r = enter(&o, &e, &err);
	oci_warn(oci, &warnings);
	if (r < 0) {
		oci_fail(oci, &err);
		/* As other runtimes: 255 is no status of the program's. */
		return 255;
	}
	if (!detach)
		status = watch_child(&e->build);
	entry_free(e);
	return status;
}

const struct oci_command oci_exec = {
        .name = "exec",
        .summary = "run one more program in a container",
        .usage = "Usage: cutaway-oci exec [OPTION]... ID COMMAND [ARG]...\n"
                 "Run one more program in a container: in the same namespaces and control group,\n"
                 "with the same capabilities and the same system call filter.\n"
                 "\n"
                 "  -p, --process FILE         a `process` object of config.json says what to run\n"
                 "  -t, --tty                  give it a terminal\n"
                 "  -u, --user UID[:GID]       the user it runs as, in numbers\n"
                 "  -e, --env NAME=VALUE       an environment variable; may be repeated\n"
                 "      --cwd DIR              the directory it starts in\n"
                 "  -c, --cap CAP              one capability more; may be repeated\n"
                 "      --no-new-privs         it cannot win powers\n"
                 "  -d, --detach               do not wait\n"
                 "      --pid-file FILE        write the process id there\n"
                 "      --console-socket PATH  send the terminal to this socket\n"
                 "      --preserve-fds N       hand on descriptors 3 to 2+N\n"
                 "      --no-new-keyring       keep the caller's session keyring\n"
                 "\n"
                 "Exit status: the program's own, 128 and the number of the signal that ended it;\n"
                 "255 when it could not be started, 2 for wrong usage.\n",
        .enters = true,
        .main = exec_main,
};
