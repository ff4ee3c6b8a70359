/* cutaway tag: one more name for an image. */
#include "kernel/base/cleanup.h"
#include "kernel/store/store.h"
#include "shell/command.h"

#include <getopt.h>

static int tag_main(int argc, char **argv)
{
	static const struct option long_options[] = {{0}};
	auto_free char *kept = NULL;
	struct error err = {0};

	optind = 0;
	if (command_option("tag", argc, argv, "", long_options) != -1)
		return EXIT_USAGE;
	if (argc - optind != 2)
		return command_usage_error("tag", "an image and its new name are needed");
	if (store_tag(argv[optind], argv[optind + 1], &kept, &err) < 0)
		return command_fail("tag", &err);
	puts(kept);
	return 0;
}

const struct command command_tag = {
        .name = "tag",
        .usage =
                "Usage: cutaway tag IMAGE NAME\n"
                "Give an image one more name. An image that had the name loses it: that is how a\n"
                "tag moves. Without a tag the name gets ':latest'. Prints the name as it is kept.\n"
                "IMAGE is a name, or the beginning of a digest.\n\n"
                "Example:\n"
                "  cutaway tag base registry.example:5000/team/base:1\n\n"
                "Exit status: 0, 1 on failure, 2 for wrong usage.\n",
        .main = tag_main,
};
