/* cutaway-oci list: the containers of this root. */
#include "kernel/base/cleanup.h"
#include "kernel/oci/record.h"
#include "shell/oci/command.h"

#include <stdio.h>
#include <string.h>

static const struct option options[] = {
        {"format", required_argument, NULL, 'f'},
        {"quiet", no_argument, NULL, 'q'},
        {NULL, 0, NULL, 0},
};

/* One that goes away while we look is left out. */
static json_t *all_states(const struct oci *oci, const json_t *ids)
{
	json_t *list = json_array(), *id;
	size_t i;

	json_array_foreach (ids, i, id) {
		struct record *r = NULL;
		if (record_load(oci->root, json_string_value(id), false, &r, NULL) < 0)
			continue;
		json_array_append_new(list, record_state(r, record_status_name(record_status(r))));
		record_free(r);
	}
	return list;
}

static const char *text_of(const json_t *state, const char *key)
{
	const char *text = json_string_value(json_object_get(state, key));

	return text ? text : "";
}

static void print_table(const json_t *list)
{
	const json_t *state;
	size_t i;

	printf("%-20s %8s %-10s %-32s %s\n", "ID", "PID", "STATUS", "CREATED", "BUNDLE");
	json_array_foreach (list, i, state)
		printf("%-20s %8d %-10s %-32s %s\n", text_of(state, "id"),
		        (int)json_integer_value(json_object_get(state, "pid")),
		        text_of(state, "status"), text_of(state, "created"),
		        text_of(state, "bundle"));
}

static int list_main(const struct oci *oci, int argc, char **argv)
{
	bool json = false, quiet = false;
	struct error err = {0};
	json_t *ids = NULL, *list;
	int option;

	optind = 0;
	while ((option = oci_option(argc, argv, "+:f:q", options)) != -1) {
		if (option == '?')
			return OCI_EXIT_USAGE;
		quiet |= option == 'q';
		if (option == 'f' && strcmp(optarg, "json") != 0 && strcmp(optarg, "table") != 0)
			return oci_usage("list", "--format '%s': table or json", optarg);
		json |= option == 'f' && !strcmp(optarg, "json");
	}
	if (optind < argc)
		return oci_usage("list", "'%s': it takes no ids", argv[optind]);
	if (record_list(oci->root, &ids, &err) < 0) {
		json_decref(ids);
		return oci_fail(oci, &err);
	}
	list = all_states(oci, ids);
	if (quiet)
		for (size_t i = 0; i < json_array_size(list); i++)
			puts(text_of(json_array_get(list, i), "id"));
	else if (json)
		json_dumpf(list, stdout, JSON_COMPACT);
	else
		print_table(list);
	json_decref(ids);
	json_decref(list);
	return 0;
}

const struct oci_command oci_list = {
        .name = "list",
        .summary = "list the containers",
        .usage = "Usage: cutaway-oci list [OPTION]...\n"
                 "List the containers of this --root.\n"
                 "\n"
                 "  -f, --format table|json\n"
                 "  -q, --quiet   ids only\n"
                 "\n"
                 "Exit status: 0, 1 on failure, 2 for wrong usage.\n",
        .main = list_main,
};
