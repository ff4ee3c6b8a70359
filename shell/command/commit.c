/* cutaway commit: an image of what a container has become. */
#include "kernel/build/commit.h"
#include "kernel/base/cleanup.h"
#include "kernel/store/store.h"
#include "shell/command.h"
#include "shell/command/build_values.h"

#include <errno.h>
#include <getopt.h>

static int commit(const struct image_commit *asked, const char *name)
{
	struct image_commit o = *asked;
	char kept[REFERENCE_TEXT] = "", digest[DIGEST_TEXT];
	struct error err = {0};
	bool unfrozen = false;

	if (name && store_name_to_keep(name, kept, &err) < 0)
		return command_fail("commit", &err);
	o.name = kept;
	if (image_commit(&o, digest, &unfrozen, &err) < 0)
		return command_fail("commit", &err);
	if (unfrozen)
		fputs("cutaway commit: it has no freezer, and ran on while its files were read\n",
		        stderr);
	puts(digest);
	return 0;
}

static int commit_main(int argc, char **argv)
{
	static const struct option long_options[] = {
	        {"author", required_argument, NULL, 'a'},
	        {"change", required_argument, NULL, 'c'},
	        {"message", required_argument, NULL, 'm'},
	        {NULL, 0, NULL, 0},
	};
	auto_free const char **changes = calloc((size_t)argc, sizeof *changes);
	struct image_commit o = {.changes = changes};
	int option;

	if (!changes || build_epoch("commit", &o.epoch))
		return changes ? EXIT_USAGE : 1;
	optind = 0;
	while ((option = command_option("commit", argc, argv, ":a:c:m:", long_options)) != -1) {
		if (option == '?')
			return EXIT_USAGE;
		if (option == 'a')
			o.author = optarg;
		else if (option == 'm')
			o.message = optarg;
		else
			changes[o.n_changes++] = optarg;
	}
	if (optind >= argc)
		return command_usage_error("commit", "which container?");
	if (optind + 2 < argc)
		return command_usage_error("commit", "'%s' is one too many", argv[optind + 2]);
	o.container = argv[optind];
	return commit(&o, argv[optind + 1]);
}

const struct command command_commit = {
        .name = "commit",
        .usage =
                "Usage: cutaway commit [OPTION]... CONTAINER [IMAGE]\n"
                "Make an image of a container: the layers of its own image, and on top of them\n"
                "what it has written. One that runs is paused meanwhile. Prints the digest. A\n"
                "Containerfile ('cutaway build') says how an image came about, this does not.\n"
                "\n"
                "  -c, --change INSTRUCTION  change the configuration: 'CMD [\"sh\"]', 'ENV A=b',\n"
                "                            USER, EXPOSE, LABEL, ENTRYPOINT …; may be repeated\n"
                "  -m, --message TEXT        a comment in the history\n"
                "  -a, --author TEXT         who made it\n"
                "\n"
                "Examples:\n"
                "  cutaway run --name try base touch /new\n"
                "  cutaway commit -c 'CMD [\"ls\", \"/new\"]' try tried && cutaway run tried\n"
                "\n"
                "Exit status: 0, 1 on failure, 2 for wrong usage.\n",
        .main = commit_main,
};
