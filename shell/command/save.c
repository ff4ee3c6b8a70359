/* cutaway save: images as one file. */
#include "kernel/base/cleanup.h"
#include "kernel/store/image_file.h"
#include "shell/command.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <string.h>
#include <sys/stat.h>

/* Half a file under the wanted name would pass for a whole one. */
static int save_to(
        const char *path, enum image_format format, char **words, size_t n, struct error *err)
{
	auto_free char *temporary = NULL;
	auto_close fd = -1;
	int r;

	if (asprintf(&temporary, "%s.XXXXXX", path) < 0)
		return error_set(err, ENOMEM, "write archive", path, NULL);
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return error_set(err, errno, "write archive", path, NULL);
	r = image_save(fd, format, words, n, err);
	if (r == 0 && (fchmod(fd, 0644) < 0 || rename(temporary, path) < 0))
		r = error_set(err, errno, "write archive", path, NULL);
	if (r < 0)
		unlink(temporary);
	return r;
}

static bool is_regular(const char *path)
{
	struct stat st;

	return stat(path, &st) < 0 || S_ISREG(st.st_mode);
}

static int save(const char *output, enum image_format format, char **words, size_t n)
{
	struct error err = {0};
	auto_close fd = -1;
	int r;

	if (!output || !strcmp(output, "-")) {
		if (isatty(1))
			return command_usage_error(
			        "save", "an archive is no text for a terminal: use --output FILE");
		r = image_save(1, format, words, n, &err);
	} else if (is_regular(output)) {
		r = save_to(output, format, words, n, &err);
	} else {
		fd = open(output, O_WRONLY | O_CLOEXEC);
		r = fd < 0 ? error_set(&err, errno, "write archive", output, NULL)
		           : image_save(fd, format, words, n, &err);
	}
	return r < 0 ? command_fail("save", &err) : 0;
}

static int save_main(int argc, char **argv)
{
	static const struct option long_options[] = {
	        {"output", required_argument, NULL, 'o'},
	        {"format", required_argument, NULL, 'f'},
	        {0},
	};
	enum image_format format = IMAGE_OCI_ARCHIVE;
	const char *output = NULL;
	int option;

	optind = 0;
	while ((option = command_option("save", argc, argv, ":o:", long_options)) != -1) {
		if (option == '?')
			return EXIT_USAGE;
		if (option == 'o')
			output = optarg;
		else if (!strcmp(optarg, "docker-archive"))
			format = IMAGE_DOCKER_ARCHIVE;
		else if (strcmp(optarg, "oci-archive") != 0)
			return command_usage_error(
			        "save", "no format '%s': oci-archive or docker-archive", optarg);
	}
	if (optind >= argc)
		return command_usage_error("save", "which image?");
	return save(output, format, argv + optind, (size_t)(argc - optind));
}

const struct command command_save = {
        .name = "save",
        .usage =
                "Usage: cutaway save [OPTION]... IMAGE...\n"
                "Write images, with all their layers, into one tar, which 'cutaway load', podman,\n"
                "skopeo and docker read. The same images give the same bytes.\n\n"
                "  -o, --output FILE    into this file, whole or not at all; '-' or no FILE:\n"
                "                       standard output\n"
                "      --format FORMAT  oci-archive (an OCI image layout, every digest stays) or\n"
                "                       docker-archive (what 'docker save' writes)\n\n"
                "Example:\n"
                "  cutaway save -o base.tar base && podman load -i base.tar\n\n"
                "Exit status: 0, 1 on failure, 2 for wrong usage.\n",
        .main = save_main,
};
