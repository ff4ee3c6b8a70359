/* cutaway-oci update: other limits for a container that is there. */
#include "kernel/oci/update.h"

#include "kernel/base/cleanup.h"
#include "kernel/do/size.h"
#include "kernel/oci/bundle.h"
#include "shell/oci/command.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum kind { BYTES, NUMBER, TEXT };

/* Options and the members of linux.resources that they set. */
static const struct limit {
	const char *option, *group, *key;
	enum kind kind;
} limits[] = {
        {"memory", "memory", "limit", BYTES},
        {"memory-reservation", "memory", "reservation", BYTES},
        {"memory-swap", "memory", "swap", BYTES},
        {"kernel-memory", "memory", "kernel", BYTES},
        {"kernel-memory-tcp", "memory", "kernelTCP", BYTES},
        {"pids-limit", "pids", "limit", NUMBER},
        {"cpu-quota", "cpu", "quota", NUMBER},
        {"cpu-period", "cpu", "period", NUMBER},
        {"cpu-share", "cpu", "shares", NUMBER},
        {"cpu-shares", "cpu", "shares", NUMBER},
        {"cpu-burst", "cpu", "burst", NUMBER},
        {"cpu-idle", "cpu", "idle", NUMBER},
        {"cpu-rt-period", "cpu", "realtimePeriod", NUMBER},
        {"cpu-rt-runtime", "cpu", "realtimeRuntime", NUMBER},
        {"cpuset-cpus", "cpu", "cpus", TEXT},
        {"cpuset-mems", "cpu", "mems", TEXT},
        {"blkio-weight", "blockIO", "weight", NUMBER},
};
enum { N_LIMITS = sizeof limits / sizeof *limits, RESOURCES = N_LIMITS, CACHE };

static json_t *value_of(enum kind kind, const char *text)
{
	uint64_t bytes;
	long long number;
	char *end;

	if (kind == TEXT)
		return json_string(text);
	errno = 0;
	number = strtoll(text, &end, 10);
	if (end != text && !*end && !errno)
		return number < -1 ? NULL : json_integer(number);
	return kind == BYTES && size_parse(text, &bytes) == 0 && bytes <= INT64_MAX
	               ? json_integer((json_int_t)bytes)
	               : NULL;
}

static int take(json_t *changes, int option)
{
	const struct limit *l = &limits[option];
	json_t *value = value_of(l->kind, optarg);

	if (!value)
		return oci_usage("update", "--%s '%s': it should be %s", l->option, optarg,
		        l->kind == BYTES ? "a size like 64M, or -1 for no limit"
		                         : "a number, or -1 for no limit");
	if (!json_object_get(changes, l->group))
		json_object_set_new(changes, l->group, json_object());
	json_object_set_new(json_object_get(changes, l->group), l->key, value);
	return 0;
}

static int read_arguments(int argc, char **argv, json_t *changes, const char **ret_file)
{
	struct option options[N_LIMITS + 4] = {{0}};
	int option, status;

	for (int i = 0; i < N_LIMITS; i++)
		options[i] = (struct option){limits[i].option, required_argument, NULL, 256 + i};
	options[N_LIMITS] = (struct option){"resources", required_argument, NULL, 'r'};
	options[N_LIMITS + 1] = (struct option){"l3-cache-schema", required_argument, NULL, 'l'};
	options[N_LIMITS + 2] = (struct option){"mem-bw-schema", required_argument, NULL, 'l'};
	optind = 0;
	while ((option = oci_option(argc, argv, "+:r:", options)) != -1) {
		if (option == '?')
			return OCI_EXIT_USAGE;
		if (option == 'l')
			return oci_usage("update", "linux.intelRdt is not supported");
		if (option == 'r') {
			*ret_file = optarg;
			continue;
		}
		status = take(changes, option - 256);
		if (status)
			return status;
	}
	return 0;
}

static int update_main(const struct oci *oci, int argc, char **argv)
{
	json_t *changes = json_object();
	const char *file = NULL, *id = NULL;
	struct error err = {0};
	int status = read_arguments(argc, argv, changes, &file), r = 0;

	if (status == 0)
		id = oci_id("update", argc, argv);
	if (status == 0 && !id)
		status = OCI_EXIT_USAGE;
	/* A file says all, as in other runtimes. */
	if (status == 0 && file) {
		json_decref(changes);
		changes = NULL;
		r = bundle_read_json(strcmp(file, "-") ? file : "/proc/self/fd/0", &changes, &err);
	} else if (status == 0 && !json_object_size(changes)) {
		status = oci_usage("update", "which limits?");
	}
	if (status == 0 && r == 0)
		r = update(oci->root, id, changes, &err);
	json_decref(changes);
	return status ? status : r < 0 ? oci_fail(oci, &err) : 0;
}

const struct oci_command oci_update = {
        .name = "update",
        .summary = "other limits for a container",
        .usage = "Usage: cutaway-oci update [OPTION]... ID\n"
                 "Change the limits of a container that is there. What is not said, or is 0, "
                 "stays.\n"
                 "\n"
                 "  -r, --resources FILE       an object like linux.resources of config.json says\n"
                 "                             all; - is standard input\n"
                 "      --memory SIZE          64M; -1 is no limit, here and below\n"
                 "      --memory-reservation SIZE\n"
                 "      --memory-swap SIZE     memory and swap together\n"
                 "      --pids-limit N         processes\n"
                 "      --cpu-quota USEC       of processor time in each period\n"
                 "      --cpu-period USEC\n"
                 "      --cpu-burst USEC       that may be saved up\n"
                 "      --cpu-shares N         against other containers, 2 to 262144\n"
                 "      --cpu-idle 0|1         only what nobody else wants\n"
                 "      --cpu-rt-period USEC, --cpu-rt-runtime USEC\n"
                 "      --cpuset-cpus LIST     0-3,7\n"
                 "      --cpuset-mems LIST     memory nodes\n"
                 "      --blkio-weight N       against other containers, 10 to 1000\n"
                 "\n"
                 "Exit status: 0, 1 on failure, 2 for wrong usage.\n",
        .main = update_main,
};
