/* `cutaway images`: what images are here. */
#include "kernel/base/cleanup.h"
#include "kernel/base/shown.h"
#include "kernel/store/debian_image.h"
#include "kernel/store/store.h"
#include "kernel/store/store_read.h"
#include "shell/command.h"
#include "shell/size_text.h"

#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <string.h>

static int print_json(const struct store_entry *entries, size_t n)
{
	json_t *list = json_array();
	int r;

	for (size_t i = 0; i < n; i++)
		json_array_append_new(
		        list, json_pack("{s:s,s:s,s:s,s:I,s:I}", "name", entries[i].name, "digest",
		                      entries[i].manifest_digest, "created", entries[i].created,
		                      "layers", (json_int_t)entries[i].n_layers, "size",
		                      (json_int_t)entries[i].size));
	r = json_dumpf(list, stdout, JSON_INDENT(2));
	json_decref(list);
	putchar('\n');
	return r < 0 ? -EIO : 0;
}

/* A name comes from a file: a terminal must not act upon what stands in it. */
static void print_name(const char *name, int width, char end)
{
	auto_buf shown = BUF_INIT;

	buf_add_shown(&shown, name);
	printf("%-*s%c", width, buf_text(&shown), end);
}

static void print_names(const struct store_entry *entries, size_t n)
{
	for (size_t i = 0; i < n; i++)
		print_name(
		        entries[i].name[0] ? entries[i].name : entries[i].manifest_digest, 0, '\n');
}

static void print_table(const struct store_entry *entries, size_t n)
{
	char size[SIZE_TEXT];

	printf("%-24s %-20s %6s %11s\n", "NAME", "DIGEST", "LAYERS", "SIZE");
	for (size_t i = 0; i < n; i++) {
		print_name(entries[i].name[0] ? entries[i].name : "<none>", 24, ' ');
		size_text(entries[i].size, size);
		printf("%-20.19s %6zu %11s\n", entries[i].manifest_digest, entries[i].n_layers,
		        size);
	}
}

static int make(const char *name, const char *suite, const char *mirror)
{
	struct error err = {0};
	struct layout l = {0};
	int r;

	if (strcmp(name, DEBIAN_IMAGE) != 0)
		return command_usage_error(
		        "images", "--make '%s': only " DEBIAN_IMAGE " is made so", name);
	r = store_open(&l, &err);
	if (r == 0)
		r = debian_image_make(&l, suite, mirror, &err);
	layout_release(&l);
	if (r < 0)
		return command_fail("images", &err);
	puts(name);
	return 0;
}

static int images_main(int argc, char **argv)
{
	static const struct option long_options[] = {{"json", no_argument, NULL, 'j'},
	        {"quiet", no_argument, NULL, 'q'}, {"make", required_argument, NULL, 'M'},
	        {"suite", required_argument, NULL, 'S'}, {"mirror", required_argument, NULL, 'U'},
	        {0}};
	const char *wanted = NULL, *suite = NULL, *mirror = NULL;
	struct store_entry *entries = NULL;
	struct error err = {0};
	struct image base = {0};
	bool json = false, quiet = false;
	int option, r;
	size_t n = 0;

	while ((option = command_option("images", argc, argv, ":q", long_options)) != -1) {
		if (option == '?')
			return EXIT_USAGE;
		wanted = option == 'M' ? optarg : wanted;
		suite = option == 'S' ? optarg : suite;
		mirror = option == 'U' ? optarg : mirror;
		json |= option == 'j';
		quiet |= option == 'q';
	}
	if (optind < argc)
		return command_usage_error("images", "'%s' is one too many", argv[optind]);
	if (!wanted && (suite || mirror))
		return command_usage_error("images", "--suite and --mirror go with --make");
	if (wanted)
		return make(wanted, suite, mirror);
	r = store_list(&entries, &n, &err);
	if (r == 0 && n == 0) {
		/* "base" is always there: it is made when somebody first looks. */
		r = store_image("base", 0, &base, &err);
		image_release(&base);
		store_entries_free(entries, n);
		entries = NULL;
		if (r == 0)
			r = store_list(&entries, &n, &err);
	}
	if (r < 0)
		return command_fail("images", &err);
	if (json)
		r = print_json(entries, n);
	else if (quiet)
		print_names(entries, n);
	else
		print_table(entries, n);
	store_entries_free(entries, n);
	return r < 0 ? 1 : 0;
}

const struct command command_images = {
        .name = "images",
        .usage = "Usage: cutaway images [--json | --quiet]\n"
                 "       cutaway images --make base-debian [--suite NAME] [--mirror URL]\n"
                 "Lists the images in the store: an OCI image layout in the directory\n"
                 "store/ below $XDG_DATA_HOME/cutaway (else ~/.local/share/cutaway).\n"
                 "The image 'base' is made from this machine's static busybox when there is no\n"
                 "image yet; that needs no network.\n\n"
                 "  -q, --quiet  the names only; a digest for an image without one\n"
                 "      --json   an array of {name, digest, created, layers, size in bytes}\n\n"
                 "      --make base-debian  make a small Debian of the packages that the sources "
                 "of\n"
                 "               this machine offer: takes the network, and mmdebstrap\n"
                 "      --suite NAME   another Debian than this machine's: bookworm\n"
                 "      --mirror URL   take its packages from there\n\n"
                 "Exit status: 0, 1 on failure, 2 usage.\n",
        .main = images_main,
};
