/* cutaway build: an image from a Containerfile. */
#include "kernel/base/cleanup.h"
#include "kernel/build/builder.h"
#include "kernel/store/store.h"
#include "shell/command.h"
#include "shell/command/build_values.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

enum { OPT_ARG = 256, OPT_TARGET, OPT_NO_CACHE, OPT_PLATFORM, OPT_NETWORK };

static const struct option long_options[] = {
        {"file", required_argument, NULL, 'f'},
        {"tag", required_argument, NULL, 't'},
        {"quiet", no_argument, NULL, 'q'},
        {"build-arg", required_argument, NULL, OPT_ARG},
        {"target", required_argument, NULL, OPT_TARGET},
        {"no-cache", no_argument, NULL, OPT_NO_CACHE},
        {"platform", required_argument, NULL, OPT_PLATFORM},
        {"network", required_argument, NULL, OPT_NETWORK},
        {NULL, 0, NULL, 0},
};

struct words {
	struct image_build build;
	const char **arguments, **names; /* with room for all of the command line */
	size_t n_names;
	char kept[REFERENCE_TEXT];
	bool quiet;
};

/* ---- what is shown ------------------------------------------------------------------------- */

static void show_step(void *data, size_t number, size_t total, const char *text)
{
	const struct words *w = data;

	if (w->quiet)
		return;
	printf("STEP %zu/%zu: ", number, total);
	/* A Containerfile may come from anywhere: it must not steer the terminal. */
	for (; *text; text++)
		putchar((unsigned char)*text < ' ' || *text == 0x7f ? ' ' : *text);
	putchar('\n');
	fflush(stdout); /* programs of RUN write to the same place */
}

static void show_cached(void *data)
{
	const struct words *w = data;

	if (!w->quiet)
		puts("Using cache");
	fflush(stdout);
}

static void show_note(void *data, const char *text)
{
	(void)data;
	fprintf(stderr, "cutaway build: %s\n", text);
}

/* ---- options ------------------------------------------------------------------------------- */

static int take_argument(struct words *w, char *pair)
{
	const char *value;

	if (!*pair || *pair == '=')
		return command_usage_error(
		        "build", "--build-arg '%s': it should be NAME=VALUE", pair);
	if (!strchr(pair, '=')) { /* that of our environment */
		value = getenv(pair);
		if (!value)
			return 0;
		/* Lives until the end of the program. */
		if (asprintf(&pair, "%s=%s", pair, value) < 0)
			return 1;
	}
	w->arguments[w->build.n_arguments++] = pair;
	return 0;
}

static int take_option(struct words *w, int option, char *value)
{
	switch (option) {
	case 'f':
		w->build.file = value;
		return 0;
	case 't':
		w->names[w->n_names++] = value;
		return 0;
	case 'q':
		w->quiet = true;
		return 0;
	case OPT_ARG:
		return take_argument(w, value);
	case OPT_TARGET:
		w->build.target = value;
		return 0;
	case OPT_NO_CACHE:
		w->build.no_cache = true;
		return 0;
	case OPT_PLATFORM:
		w->build.platform = value;
		return !strncmp(value, "linux/", 6) && value[6] && strlen(value) < 40
		               ? 0
		               : command_usage_error("build",
		                         "--platform '%s': it should be as linux/amd64", value);
	default:
		w->build.network_host = !strcmp(value, "host");
		return w->build.network_host || !strcmp(value, "none")
		               ? 0
		               : command_usage_error("build",
		                         "--network '%s': it should be none or host", value);
	}
}

static int parse(int argc, char **argv, struct words *w)
{
	int option, r = build_epoch("build", &w->build.epoch);

	optind = 0;
	while (r == 0 &&
	        (option = command_option("build", argc, argv, ":f:t:q", long_options)) != -1) {
		if (option == '?')
			return EXIT_USAGE;
		r = take_option(w, option, optarg);
	}
	if (r)
		return r;
	if (optind >= argc)
		return command_usage_error("build", "which directory? '.' is the current one");
	if (optind + 1 < argc)
		return command_usage_error("build", "'%s' is one too many", argv[optind + 1]);
	w->build.context = argv[optind];
	return 0;
}

/* ---- building ------------------------------------------------------------------------------ */

static int fail(int status, const struct error *err)
{
	/* Of a program that failed all is said; it is no failure of a system call. */
	if (!status || err->code != ECHILD)
		return command_fail("build", err);
	fprintf(stderr, "cutaway build: %s: ", err->operation);
	for (const char *p = err->object; *p; p++)
		fputc((unsigned char)*p < ' ' || *p == 0x7f ? '?' : *p, stderr);
	fprintf(stderr, ": %s\n", err->cause);
	return 1;
}

static int build(struct words *w)
{
	char digest[DIGEST_TEXT];
	struct error err = {0};
	int status = 0, r = 0;

	w->build.name = "";
	if (w->n_names) {
		r = store_name_to_keep(w->names[0], w->kept, &err);
		w->build.name = w->kept;
	}
	if (r == 0)
		r = image_build(&w->build, digest, &status, &err);
	for (size_t i = 1; r == 0 && i < w->n_names; i++) {
		auto_free char *kept = NULL;
		r = store_tag(digest, w->names[i], &kept, &err);
	}
	if (r < 0)
		return fail(status, &err);
	if (!w->quiet)
		for (size_t i = 0; i < w->n_names; i++)
			printf("Named %s\n", i ? w->names[i] : w->kept);
	puts(digest);
	return 0;
}

static int build_main(int argc, char **argv)
{
	auto_free const char **arguments = calloc((size_t)argc, sizeof *arguments);
	auto_free const char **names = calloc((size_t)argc, sizeof *names);
	struct words w = {.arguments = arguments, .names = names};
	int r;

	if (!arguments || !names)
		return 1;
	w.build.arguments = arguments;
	w.build.events = (struct build_events){show_step, show_cached, show_note, &w};
	r = parse(argc, argv, &w);
	return r ? r : build(&w);
}

static const char usage[] =
        "Usage: cutaway build [OPTION]... DIRECTORY\n"
        "Build an image as a Containerfile (Dockerfile) says. Each instruction is one step; what\n"
        "RUN, COPY, ADD and WORKDIR have written becomes a layer: the upper directory of an\n"
        "overlay over the layers before it. DIRECTORY is the context, where COPY and ADD take\n"
        "their files from; what .containerignore (or .dockerignore) names is left out of it.\n"
        "RUN, COPY and ADD know here-documents: lines up to one that says EOF, after <<EOF.\n"
        "\n"
        "  -f, --file FILE          the Containerfile; '-': standard input. Else Containerfile\n"
        "                           or Dockerfile in DIRECTORY\n"
        "  -t, --tag NAME           the name of the image; may be repeated\n"
        "      --build-arg NAME=VALUE  the value of an ARG; without '=' that of the\n"
        "                           environment. May be repeated\n"
        "      --target STAGE       end with this stage\n"
        "      --no-cache           do each step, also one that was done before\n"
        "      --network none|host  the network of RUN: none, or the host's\n"
        "      --platform linux/ARCH  of another machine: only FROM scratch, and without RUN\n"
        "  -q, --quiet              print the digest only\n"
        "\n"
        "A step that was done before, on the same layers and with the same files, is not done\n"
        "again ('Using cache'). When a step fails no image is made, and the steps before it are\n"
        "known the next time. 'cutaway rmi --prune' forgets them.\n"
        "\n"
        "With SOURCE_DATE_EPOCH in the environment (seconds since 1970) no time in the image is\n"
        "later, and the same files give the same digest wherever and whenever it is built.\n"
        "\n"
        "Exit status: 0, 1 on failure, 2 for wrong usage.\n"
        "\n"
        "Examples:\n"
        "  cutaway build -t shop .\n"
        "  cutaway build -t shop --build-arg VERSION=2 --target test shop/\n"
        "  printf 'FROM base\\nRUN echo hi > /hi\\n' | cutaway build -t hi -f - .\n";

const struct command command_build = {
        .name = "build",
        .usage = usage,
        .main = build_main,
};
