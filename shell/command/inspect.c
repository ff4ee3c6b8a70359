/* cutaway inspect: all that is known of a container. */
#include "kernel/base/cleanup.h"
#include "kernel/do/container_state.h"
#include "shell/command.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>

/* A member by its dotted path: "pid", "config.process.cwd". */
static const json_t *member(const json_t *value, const char *path)
{
	char key[128];

	while (value && *path) {
		size_t n = strcspn(path, ".");
		if (n >= sizeof key)
			return NULL;
		memcpy(key, path, n);
		key[n] = '\0';
		value = json_object_get(value, key);
		path += n + (path[n] == '.');
	}
	return value;
}

static int print_member(const json_t *state, const char *path, struct error *err)
{
	const json_t *value = member(state, path);

	if (!value) {
		error_set(err, ENOENT, "inspect", path, "a container has no such member");
		error_advise(err, "without --format all of them are shown");
		return -ENOENT;
	}
	if (json_is_string(value))
		puts(json_string_value(value));
	else {
		json_dumpf(value, stdout, JSON_ENCODE_ANY | JSON_INDENT(2));
		putchar('\n');
	}
	return 0;
}

static int inspect(const char *name, const char *format, struct error *err)
{
	json_t *state = NULL, *config = NULL;
	int r = container_load(name, &state, err);

	if (r < 0)
		return r;
	if (container_load_config(name, &config, NULL) == 0)
		json_object_set_new(state, "config", config);
	if (format)
		r = print_member(state, format, err);
	else {
		json_dumpf(state, stdout, JSON_INDENT(2));
		putchar('\n');
	}
	json_decref(state);
	return r;
}

static int inspect_main(int argc, char **argv)
{
	static const struct option long_options[] = {
	        {"format", required_argument, NULL, 'f'},
	        {NULL, 0, NULL, 0},
	};
	const char *format = NULL;
	struct error err = {0};
	int option;

	opterr = 0;
	optind = 0;
	while ((option = getopt_long(argc, argv, ":f:", long_options, NULL)) != -1) {
		if (option == '?')
			return command_usage_error(
			        "inspect", "unknown option '%s'", argv[optind - 1]);
		if (option == ':')
			return command_usage_error(
			        "inspect", "option '%s' needs a value", argv[optind - 1]);
		format = optarg;
	}
	if (argc - optind != 1)
		return command_usage_error("inspect", "which container?");
	return inspect(argv[optind], format, &err) < 0 ? command_fail("inspect", &err) : 0;
}

const struct command command_inspect = {
        .name = "inspect",
        .summary = "show all that is known of a container",
        .usage = "Usage: cutaway inspect [OPTION] NAME\n"
                 "Show the state and the OCI configuration of a container as JSON.\n"
                 "\n"
                 "  -f, --format MEMBER  only this one, plain: pid, status, config.process.cwd,\n"
                 "                       or cgroup_dirs.CONTROLLER (memory pids cpu freezer): "
                 "where\n"
                 "                       the files of that controller are, on either version;\n"
                 "                       network.address, network.ports: on the bridge\n"
                 "\n"
                 "Exit status: 0, 1 on failure, 2 for wrong usage.\n"
                 "\n"
                 "Example:\n"
                 "  lsns -p $(cutaway inspect --format pid hand)\n",
        .main = inspect_main,
};
