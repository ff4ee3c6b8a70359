/* cutaway-oci run: create, start, wait, delete. */
#include "kernel/base/cleanup.h"
#include "kernel/do/watch_child.h"
#include "kernel/oci/life.h"
#include "shell/oci/create.h"

/* In the foreground the terminal is relayed to ours, and the exit status is the program's. */
static int run_main(const struct oci *oci, int argc, char **argv)
{
	auto_buf warnings = BUF_INIT;
	struct create_arguments a;
	struct creation *c = NULL;
	struct error err = {0};
	int status = create_arguments_read(oci, argc, argv, true, &a);

	if (status)
		return status;
	a.options.warnings = &warnings;
	a.options.keep_console = !a.detach && !a.options.console_socket;
	a.options.start = true;
	if (create(&a.options, &c, &err) < 0) {
		oci_warn(oci, &warnings);
		return oci_fail(oci, &err);
	}
	if (!a.detach)
		status = watch_child(&c->build);
	if (!a.detach && !a.keep)
		life_delete(oci->root, a.options.id, true, c->bundle.config, &warnings, &err);
	oci_warn(oci, &warnings);
	creation_free(c);
	return err.code ? oci_fail(oci, &err) : status;
}

const struct oci_command oci_run = {
        .name = "run",
        .summary = "create, start, wait for the end, delete",
        .usage = "Usage: cutaway-oci run [OPTION]... ID\n"
                 "Make a container of a bundle, start it, and delete it when it has ended.\n"
                 "\n"
                 "  -b, --bundle DIR           where config.json is; the current directory\n"
                 "  -d, --detach               do not wait\n"
                 "      --keep                 do not delete it when it has ended\n"
                 "      --pid-file FILE        write the process id there\n"
                 "      --console-socket PATH  send the terminal to this socket\n"
                 "      --preserve-fds N       hand on descriptors 3 to 2+N\n"
                 "      --no-new-keyring       keep the caller's session keyring\n"
                 "      --no-pivot             move the new root over the old one, which stays\n"
                 "      --config FILE          read this instead of the bundle's config.json\n"
                 "      --no-subreaper         accepted\n"
                 "\n"
                 "Exit status: the program's own, 128 and the number of the signal that ended it;\n"
                 "1 on failure, 2 for wrong usage.\n",
        .enters = true,
        .main = run_main,
};
