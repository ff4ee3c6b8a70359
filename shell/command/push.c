/* cutaway push: an image into a registry. */
#include "kernel/remote/push.h"

#include "kernel/base/cleanup.h"
#include "kernel/store/find.h"
#include "kernel/store/store_read.h"
#include "shell/command.h"
#include "shell/transfer_options.h"
#include "shell/transfer_show.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

static int print_json(const struct pushed *p)
{
	json_t *o = json_object(), *blobs = json_array();
	int r;

	json_object_set_new(o, "name", json_string(p->name));
	json_object_set_new(o, "digest", json_string(p->digest));
	json_object_set_new(o, "mediaType", json_string(p->media_type));
	for (size_t i = 0; i < p->n; i++) {
		static const char *const words[] = {"sent", "sent", "present", "mounted"};
		const struct transfer_item *item = &p->items[i];
		json_array_append_new(
		        blobs, json_pack("{s:s,s:s,s:I,s:I,s:s}", "name", item->name, "digest",
		                       item->digest, "size", (json_int_t)item->size, "moved",
		                       (json_int_t)item->moved, "how", words[item->how]));
	}
	json_object_set_new(o, "blobs", blobs);
	r = json_dumpf(o, stdout, JSON_INDENT(2));
	json_decref(o);
	putchar('\n');
	return r < 0 ? 1 : 0;
}

/* Without a destination an image goes where its name says. */
static int own_name(const char *word, char ret[REFERENCE_TEXT], struct error *err)
{
	struct found found = {0};
	struct layout l = {0};
	int r = store_open(&l, err);

	if (r == 0)
		r = store_find(&l, word, &found, err);
	if (r == 0 && !found.name[0]) {
		r = error_set(err, EINVAL, "push image", word, "it has no name");
		error_advise(err, "say where to: cutaway push %s REGISTRY/NAME:TAG", word);
	}
	if (r == 0)
		snprintf(ret, REFERENCE_TEXT, "%s", found.name);
	found_release(&found);
	layout_release(&l);
	return r;
}

static int push(const char *word, const char *destination, const struct transfer_options *o)
{
	struct transfer_show *show;
	struct pushed pushed = {0};
	char name[REFERENCE_TEXT];
	struct progress progress;
	struct reference to;
	struct error err = {0};
	int r;

	if (!destination && own_name(word, name, &err) < 0)
		return command_fail("push", &err);
	r = transfer_resolve("push", destination ? destination : name, o->quiet, &to);
	if (r != 0)
		return r;
	show = transfer_show_new(o->quiet, "sent", "was there");
	progress = transfer_show_progress(show);
	r = image_push(word, &to, &o->remote, &progress, &pushed, &err);
	transfer_show_free(show);
	if (r < 0)
		return command_fail("push", &err);
	r = 0;
	if (o->json)
		r = print_json(&pushed);
	else
		printf("%s %s\n", pushed.name, pushed.digest);
	pushed_release(&pushed);
	return r;
}

static int push_main(int argc, char **argv)
{
	static const struct option long_options[] = {TRANSFER_OPTIONS, {0}};
	struct transfer_options options;
	int option, r;

	transfer_options_init(&options);
	optind = 0;
	while ((option = command_option("push", argc, argv, ":q", long_options)) != -1) {
		if (option == '?')
			return EXIT_USAGE;
		r = transfer_options_take("push", option, optarg, &options);
		if (r != 0)
			return r;
	}
	if (optind >= argc)
		return command_usage_error("push", "which image?");
	if (argc - optind > 2)
		return command_usage_error("push", "'%s' is one too many", argv[optind + 2]);
	return push(argv[optind], argv[optind + 1], &options);
}

const struct command command_push = {
        .name = "push",
        .usage =
                "Usage: cutaway push [OPTION]... IMAGE [DESTINATION]\n"
                "Send an image of the store to a registry, under the name DESTINATION, else its\n"
                "own. Blobs that the registry has are not sent, those that it has in another\n"
                "repository are mounted from there. Manifests are sent as they are, so that every\n"
                "digest stays. Prints the name with its digest; progress goes to "
                "stderr.\n\n" TRANSFER_HELP "\nExamples:\n"
                "  cutaway push base localhost:5000/team/base:1\n"
                "  cutaway push quay.io/team/shop:1.4\n\n"
                "Exit status: 0, 1 on failure, 2 for wrong usage.\n",
        .main = push_main,
};
