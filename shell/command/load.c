/* cutaway load: images out of a file or a directory. */
#include "kernel/base/cleanup.h"
#include "kernel/base/shown.h"
#include "kernel/store/image_file.h"
#include "shell/command.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <string.h>
#include <sys/stat.h>

static bool is_directory(int fd)
{
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 && S_ISDIR(st.st_mode);
}

static int load(const char *input)
{
	bool standard = !input || !strcmp(input, "-");
	auto_close file = standard ? -1 : open(input, O_RDONLY | O_CLOEXEC);
	struct image_loaded loaded = {0};
	struct error err = {0};

	if (standard && isatty(0))
		return command_usage_error(
		        "load", "an archive is not typed: use --input FILE, or a pipe");
	if (!standard && file < 0) {
		error_set(&err, errno, "load archive", input, NULL);
		return command_fail("load", &err);
	}
	if (is_directory(file) ? image_load_directory(input, &loaded, &err)
	                       : image_load(standard ? 0 : file, &loaded, &err)) {
		error_advise(&err, "nothing was added");
		return command_fail("load", &err);
	}
	/* Names come from the file: a terminal must not act upon what stands in them. */
	for (size_t i = 0; i < loaded.n; i++) {
		auto_buf shown = BUF_INIT;
		buf_add_shown(&shown, loaded.names[i]);
		puts(buf_text(&shown));
	}
	image_loaded_release(&loaded);
	return 0;
}

static int load_main(int argc, char **argv)
{
	static const struct option long_options[] = {{"input", required_argument, NULL, 'i'}, {0}};
	const char *input = NULL;
	int option;

	optind = 0;
	while ((option = command_option("load", argc, argv, ":i:", long_options)) != -1) {
		if (option == '?')
			return EXIT_USAGE;
		input = optarg;
	}
	if (optind < argc && !input)
		input = argv[optind++];
	if (optind < argc)
		return command_usage_error("load", "'%s' is one too many", argv[optind]);
	return load(input);
}

const struct command command_load = {
        .name = "load",
        .usage = "Usage: cutaway load [[-i] FILE | DIR]\n"
                 "Read the images of an archive into the store: what 'cutaway save', podman, "
                 "skopeo\n"
                 "or docker wrote, also compressed; or of a directory that is an OCI image\n"
                 "layout, as skopeo and umoci make them. Every size, digest and diff id is "
                 "verified\n"
                 "first; if one is wrong it is named, and nothing is added. Prints the name of\n"
                 "each image, or its digest when it has none.\n\n"
                 "  -i, --input FILE   from this file; '-' or no FILE: standard input\n\n"
                 "Example:\n"
                 "  podman save base | cutaway load\n\n"
                 "Exit status: 0, 1 on failure, 2 for wrong usage.\n",
        .main = load_main,
};
