/* cutaway diff: what a container, or the topmost layer of an image, has changed. */
#include "kernel/base/arena.h"
#include "kernel/base/cleanup.h"
#include "kernel/build/changes.h"
#include "kernel/do/container.h"
#include "kernel/do/container_state.h"
#include "kernel/do/idmap.h"
#include "kernel/store/store.h"
#include "render/glyph.h"
#include "shell/command.h"

#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <string.h>

enum { SHOWN_MAX = 8192 };

static const char *kind_text(enum change_kind kind)
{
	return kind == CHANGE_ADDED ? "added" : kind == CHANGE_CHANGED ? "changed" : "deleted";
}

/* JSON holds nothing but UTF-8: a name that is none is shown as text_clean() shows it. */
static int print_json(const struct change *changes, size_t n)
{
	json_t *list = json_array();
	struct arena arena = {0};
	int r;

	for (size_t i = 0; i < n; i++) {
		json_t *path = json_string(changes[i].path);
		if (!path)
			path = json_string(text_clean(&arena, changes[i].path, SHOWN_MAX));
		json_array_append_new(list, json_pack("{s:s, s:o}", "change",
		                                    kind_text(changes[i].kind), "path", path));
	}
	r = json_dumpf(list, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(list);
	arena_release(&arena);
	return r < 0 ? 1 : 0;
}

static int print_lines(const struct change *changes, size_t n)
{
	struct arena arena = {0};

	for (size_t i = 0; i < n; i++) {
		const char *path = text_clean(&arena, changes[i].path, SHOWN_MAX);
		printf("%c %s\n", changes[i].kind, path ? path : changes[i].path);
	}
	arena_release(&arena);
	return 0;
}

/* The directories of a container that is there. */
static int of_container(const json_t *state, struct change **ret, size_t *ret_n, struct error *err)
{
	const char *upper = json_string_value(json_object_get(state, "upper"));
	const json_t *list = json_object_get(state, "layers"), *one;
	size_t n = json_array_size(list), i;
	auto_free char **layers = calloc(n + 1, sizeof *layers);

	if (!layers)
		return error_set(err, ENOMEM, "read container", "", NULL);
	if (!upper || !n)
		return error_set(err, EBADMSG, "read container", "", "its state is damaged");
	json_array_foreach (list, i, one) {
		layers[i] = (char *)json_string_value(one);
		if (!layers[i] || access(layers[i], F_OK) < 0) {
			error_set(err, ENOENT, "find layer", layers[i] ? layers[i] : "",
			        "the image that the container was made of is gone");
			return -ENOENT;
		}
	}
	return changes_find(upper, layers, n, ret, ret_n, err);
}

/* The topmost layer over the others. */
static int of_image(const char *name, struct change **ret, size_t *ret_n, struct error *err)
{
	struct idmap_choice ids = idmap_choose();
	struct image image = {0};
	int r = store_image(name, ids.layers, &image, err);

	if (r == 0)
		r = changes_find(
		        image.layers[0], image.layers + 1, image.n_layers - 1, ret, ret_n, err);
	image_release(&image);
	return r;
}

static int find(const char *name, struct change **ret, size_t *ret_n, struct error *err)
{
	struct error why = {0};
	json_t *state = NULL;
	int r = container_name_ok(name) ? container_load(name, &state, &why) : -ENOENT;

	if (r == 0) {
		r = of_container(state, ret, ret_n, err);
		json_decref(state);
		return r;
	}
	if (r != -ENOENT) {
		*err = why;
		return r;
	}
	r = of_image(name, ret, ret_n, err);
	if (r == -ENOENT && !strcmp(err->operation, "find image"))
		snprintf(err->operation, sizeof err->operation, "find container or image");
	return r;
}

static int diff_main(int argc, char **argv)
{
	static const struct option long_options[] = {{"json", no_argument, NULL, 'j'}, {0}};
	struct change *changes = NULL;
	struct error err = {0};
	bool json = false;
	int option, status;
	size_t n = 0;

	optind = 0;
	while ((option = command_option("diff", argc, argv, "", long_options)) != -1) {
		if (option == '?')
			return EXIT_USAGE;
		json = true;
	}
	if (argc - optind != 1)
		return command_usage_error("diff", "which container or image?");
	if (find(argv[optind], &changes, &n, &err) < 0)
		return command_fail("diff", &err);
	status = json ? print_json(changes, n) : print_lines(changes, n);
	changes_free(changes, n);
	return status;
}

const struct command command_diff = {
        .name = "diff",
        .usage = "Usage: cutaway diff [--json] CONTAINER|IMAGE\n"
                 "Show what a container has written over the layers of its image, or what the\n"
                 "topmost layer of an image has over the others, a line each: A added, C changed,\n"
                 "D deleted. A directory is changed when something in it is.\n"
                 "\n"
                 "      --json   an array of objects with change and path\n"
                 "\n"
                 "A name that both have means the container.\n"
                 "\n"
                 "Examples:\n"
                 "  cutaway run --name try base touch /new\n"
                 "  cutaway diff try\n"
                 "\n"
                 "Exit status: 0, 1 on failure, 2 for wrong usage.\n",
        .main = diff_main,
};
