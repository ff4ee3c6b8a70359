/* cutaway inspect: all that is known of a container, or of an image. */
#include "kernel/base/cleanup.h"
#include "kernel/do/container_state.h"
#include "shell/command.h"
#include "shell/contents/inspect_image.h"
#include "shell/contents/json_member.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>

static int inspect(json_t *state, const char *name, const char *format, struct error *err)
{
	json_t *config = NULL;
	int r = 0;

	if (container_load_config(name, &config, NULL) == 0)
		json_object_set_new(state, "config", config);
	if (format)
		r = json_member_print(state, format, err);
	else {
		json_dumpf(state, stdout, JSON_INDENT(2));
		putchar('\n');
	}
	json_decref(state);
	return r;
}

/* Whether the name may be that of a container; else it can only be an image's. */
static bool may_be_container(const char *type)
{
	return !type || !strcmp(type, "container");
}

static int inspect_any(const char *name, const char *type, const char *format, bool json)
{
	json_t *state = NULL;
	struct error err = {0};
	int r = may_be_container(type) ? container_load(name, &state, &err) : -ENOENT;

	/* What cannot be the name of a container can be that of an image: "shop:1". */
	if (!type && (r == -ENOENT || r == -EINVAL))
		return inspect_image(name, format, json);
	if (type && !may_be_container(type))
		return inspect_image(name, format, json);
	if (r == 0)
		r = inspect(state, name, format, &err);
	return r < 0 ? command_fail("inspect", &err) : 0;
}

static int inspect_main(int argc, char **argv)
{
	static const struct option long_options[] = {
	        {"format", required_argument, NULL, 'f'},
	        {"type", required_argument, NULL, 't'},
	        {"json", no_argument, NULL, 'j'},
	        {NULL, 0, NULL, 0},
	};
	const char *format = NULL, *type = NULL;
	bool json = false;
	int option;

	optind = 0;
	while ((option = command_option("inspect", argc, argv, ":f:", long_options)) != -1) {
		if (option == '?')
			return EXIT_USAGE;
		if (option == 'f')
			format = optarg;
		if (option == 't')
			type = optarg;
		json |= option == 'j';
	}
	if (type && strcmp(type, "container") != 0 && strcmp(type, "image") != 0)
		return command_usage_error("inspect", "--type is container or image");
	if (argc - optind != 1)
		return command_usage_error("inspect", "which container or image?");
	return inspect_any(argv[optind], type, format, json);
}

const struct command command_inspect = {
        .name = "inspect",
        .usage = "Usage: cutaway inspect [OPTION]... NAME\n"
                 "Show the state and the OCI configuration of a container as JSON, or what an "
                 "image\n"
                 "is made of: its manifest, its configuration, its layers with their digests, "
                 "each\n"
                 "computed anew, and how much of what it carries can be seen (see 'cutaway "
                 "tree\n"
                 "--help'). A container of that name goes first.\n"
                 "\n"
                 "  -f, --format MEMBER  only this one, plain: pid, status, config.process.cwd,\n"
                 "                       or cgroup_dirs.CONTROLLER (memory pids cpu freezer): "
                 "where\n"
                 "                       the files of that controller are, on either version;\n"
                 "                       network.address, network.ports: on the bridge.\n"
                 "                       Of an image: digest, config.config.Cmd, "
                 "layers.0.diff_id,\n"
                 "                       efficiency\n"
                 "      --type TYPE      container or image\n"
                 "      --json           an image as JSON as well\n"
                 "\n"
                 "Exit status: 0, 1 on failure (also for an image that is damaged), 2 for wrong "
                 "usage.\n"
                 "\n"
                 "Examples:\n"
                 "  lsns -p $(cutaway inspect --format pid hand)\n"
                 "  cutaway inspect base\n",
        .main = inspect_main,
};
