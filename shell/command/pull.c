/* cutaway pull: images out of a registry. */
#include "kernel/remote/pull.h"

#include "kernel/base/cleanup.h"
#include "kernel/store/alias.h"
#include "shell/command.h"
#include "shell/transfer_options.h"
#include "shell/transfer_show.h"

#include <jansson.h>
#include <string.h>

struct pull_words {
	struct transfer_options options;
	struct platform platform;
	bool has_platform;
};

static const char *how_word(enum transfer_how how)
{
	static const char *const words[] = {"fetched", "resumed", "present", "mounted"};

	return words[how];
}

static json_t *to_json(const struct pulled *p)
{
	json_t *o = json_object(), *blobs = json_array();

	json_object_set_new(o, "name", json_string(p->name));
	json_object_set_new(o, "digest", json_string(p->digest));
	json_object_set_new(o, "mediaType", json_string(p->media_type));
	json_object_set_new(o, "manifest", json_string(p->manifest));
	for (size_t i = 0; i < p->n; i++) {
		const struct transfer_item *item = &p->items[i];
		json_array_append_new(
		        blobs, json_pack("{s:s,s:s,s:I,s:I,s:s}", "name", item->name, "digest",
		                       item->digest, "size", (json_int_t)item->size, "moved",
		                       (json_int_t)item->moved, "how", how_word(item->how)));
	}
	json_object_set_new(o, "blobs", blobs);
	return o;
}

static int pull_one(const struct pull_words *w, const char *text, json_t *all)
{
	const struct pull_options options = {
	        .platform = w->has_platform ? &w->platform : NULL, .remote = w->options.remote};
	struct transfer_show *show;
	struct progress progress;
	struct pulled pulled = {0};
	struct reference image;
	struct error err = {0};
	auto_free char *alias = image_alias(text, NULL);
	int r;

	if (alias) { /* there is nothing to fetch: that is what the name is for */
		fprintf(stderr, "cutaway pull: %s is %s here, as images.json says\n", text, alias);
		if (!all)
			printf("%s\n", alias);
		return 0;
	}
	r = transfer_resolve("pull", text, w->options.quiet, &image);
	if (r != 0)
		return r;
	show = transfer_show_new(w->options.quiet, "fetched", "was here");
	progress = transfer_show_progress(show);
	r = image_pull(&image, &options, &progress, &pulled, &err);
	transfer_show_free(show);
	if (r < 0)
		return command_fail("pull", &err);
	if (all)
		json_array_append_new(all, to_json(&pulled));
	else
		printf("%s %s\n", pulled.name, pulled.digest);
	pulled_release(&pulled);
	return 0;
}

static int pull_all(const struct pull_words *w, char **names, size_t n)
{
	json_t *all = w->options.json ? json_array() : NULL;
	int status = 0;

	for (size_t i = 0; i < n && status == 0; i++)
		status = pull_one(w, names[i], all);
	if (all) {
		json_dumpf(all, stdout, JSON_INDENT(2));
		putchar('\n');
	}
	json_decref(all);
	return status;
}

static int take_platform(struct pull_words *w, const char *text)
{
	struct error err = {0};

	if (platform_parse(text, &w->platform, &err) < 0)
		return command_usage_error("pull", "--platform %s: %s", text, err.cause);
	w->has_platform = true;
	return 0;
}

static int pull_main(int argc, char **argv)
{
	static const struct option long_options[] = {
	        {"platform", required_argument, NULL, 'p'}, TRANSFER_OPTIONS, {0}};
	struct pull_words w = {0};
	int option, r;

	transfer_options_init(&w.options);
	optind = 0;
	while ((option = command_option("pull", argc, argv, ":q", long_options)) != -1) {
		if (option == '?')
			return EXIT_USAGE;
		r = option == 'p' ? take_platform(&w, optarg)
		                  : transfer_options_take("pull", option, optarg, &w.options);
		if (r != 0)
			return r;
	}
	if (optind >= argc)
		return command_usage_error("pull", "which image?");
	return pull_all(&w, argv + optind, (size_t)(argc - optind));
}

const struct command command_pull = {
        .name = "pull",
        .usage =
                "Usage: cutaway pull [OPTION]... IMAGE...\n"
                "Fetch images from their registries into the store: the manifest, the\n"
                "configuration, and the layers that are not here yet, several at once. Every size\n"
                "and digest is verified before the image gets its name; if anything is wrong, the\n"
                "store is as it was. What broke off, or was killed, is gone on with by the next\n"
                "pull. Prints each name with its digest; progress goes to stderr. A name that\n"
                "images.json in $XDG_CONFIG_HOME/cutaway (or $CUTAWAY_IMAGES, or the folder of\n"
                "the lesson) says is a local image, {\"nginx\": \"base\"}, is not fetched.\n\n"
                "      --platform OS/ARCHITECTURE[/VARIANT]\n"
                "                           of an index not the image for this machine, but this\n"
                "                           one\n" TRANSFER_HELP "\nExamples:\n"
                "  cutaway pull localhost:5000/team/shop:1.4\n"
                "  cutaway pull --platform linux/arm64 quay.io/fedora/fedora:38\n\n"
                "Exit status: 0, 1 on failure, 2 for wrong usage.\n",
        .main = pull_main,
};
