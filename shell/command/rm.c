/* cutaway rm: remove containers that have ended. */
#include "kernel/base/cleanup.h"
#include "kernel/do/container_state.h"
#include "shell/command.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>

static int remove_one(const char *name, bool force)
{
	struct error err = {0};
	int r = container_remove(name, force, &err);

	if (r == -ENOENT && force) /* nothing to remove is what rm -f asks for */
		return 0;
	if (r < 0)
		return command_fail("rm", &err);
	puts(name);
	return 0;
}

static int remove_all(bool force)
{
	struct error err = {0};
	json_t *list = NULL, *state;
	int status = 0;
	size_t i;

	if (container_load_all(&list, &err) < 0)
		return command_fail("rm", &err);
	json_array_foreach (list, i, state)
		if (force || !strcmp(container_status_text(state), "exited"))
			status |= remove_one(
			        json_string_value(json_object_get(state, "name")), force);
	json_decref(list);
	return status;
}

static int rm_main(int argc, char **argv)
{
	static const struct option long_options[] = {
	        {"force", no_argument, NULL, 'f'},
	        {"all", no_argument, NULL, 'a'},
	        {NULL, 0, NULL, 0},
	};
	bool force = false, all = false;
	int option, status = 0;

	optind = 0;
	while ((option = command_option("rm", argc, argv, "+fa", long_options)) != -1) {
		if (option == '?')
			return EXIT_USAGE;
		force |= option == 'f';
		all |= option == 'a';
	}
	if (all && optind < argc)
		return command_usage_error("rm", "--all takes no names");
	if (all)
		return remove_all(force);
	if (optind >= argc)
		return command_usage_error("rm", "which container?");
	for (int i = optind; i < argc; i++)
		status |= remove_one(argv[i], force);
	return status;
}

const struct command command_rm = {
        .name = "rm",
        .usage = "Usage: cutaway rm [OPTION]... NAME...\n"
                 "Remove containers that have ended: their state, their log and what they wrote.\n"
                 "\n"
                 "  -f, --force  end those that live first; a name that is not there is no error\n"
                 "  -a, --all    all that have ended, with --force all\n"
                 "\n"
                 "Exit status: 0, 1 on failure, 2 for wrong usage.\n",
        .main = rm_main,
};
