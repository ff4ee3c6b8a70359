/* cutaway rmi: names away, and what no name leads to any more. */
#include "kernel/base/cleanup.h"
#include "kernel/build/place.h"
#include "kernel/store/collect.h"
#include "kernel/store/store.h"
#include "shell/command.h"

#include <getopt.h>
#include <inttypes.h>

static void tell(const char *what, const struct collected *c)
{
	printf("%s: %zu blobs (%" PRIu64 " bytes) and %zu unpacked layers removed\n", what,
	        c->blobs, c->bytes, c->layers);
	if (c->in_use)
		printf("  %zu unpacked layers stay: containers use them; 'cutaway rmi --prune' "
		       "when "
		       "those are gone\n",
		        c->in_use);
}

static int prune(void)
{
	struct collected c = {0};
	struct error err = {0};
	uint64_t steps = 0;

	if (build_place_empty(&steps, &err) < 0 || store_prune(&c, &err) < 0)
		return command_fail("rmi", &err);
	tell("no image's", &c);
	if (steps)
		printf("steps of builds: %" PRIu64 " bytes removed\n", steps);
	return 0;
}

static int rmi_main(int argc, char **argv)
{
	static const struct option long_options[] = {{"prune", no_argument, NULL, 'p'}, {0}};
	bool pruning = false;
	int option, status = 0;

	optind = 0;
	while ((option = command_option("rmi", argc, argv, "", long_options)) != -1) {
		if (option == '?')
			return EXIT_USAGE;
		pruning = true;
	}
	if (optind >= argc && !pruning)
		return command_usage_error("rmi", "which image?");
	for (int i = optind; i < argc; i++) {
		struct collected c = {0};
		struct error err = {0};
		if (store_remove(argv[i], &c, &err) < 0)
			status = command_fail("rmi", &err);
		else
			tell(argv[i], &c);
	}
	return pruning ? prune() | status : status;
}

const struct command command_rmi = {
        .name = "rmi",
        .usage =
                "Usage: cutaway rmi [--prune] IMAGE...\n"
                "Take a name away from its image; for a digest, or the first 6 digits and more of\n"
                "one, all its names. Content that no image needs any more is removed: a blob that\n"
                "two images share stays until both are gone, and a layer that a container uses\n"
                "until it ends.\n\n"
                "      --prune  look again for what no image needs, with or without an IMAGE, and\n"
                "               forget the steps that builds have done, unless one is going on\n\n"
                "Exit status: 0, 1 on failure, 2 for wrong usage.\n",
        .main = rmi_main,
};
