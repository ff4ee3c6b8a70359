/* `cutaway tree`: what is in an image, layer by layer. */
#include "kernel/base/cleanup.h"
#include "kernel/contents/image_contents.h"
#include "render/terminfo.h"
#include "render/theme.h"
#include "shell/command.h"
#include "shell/contents/browser.h"
#include "shell/contents/tree_text.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LAYER = 256, TOGETHER, KINDS, NAME, EFFICIENCY, JSON, TEXT, THEME };

struct tree_options {
	struct tree_request request;
	bool json, text, theme_given;
	enum theme theme;
};

/* "added,removed": the kinds to show, and no others. */
static bool read_kinds(const char *text, unsigned *ret)
{
	static const char *const words[] = {"added", "changed", "removed", "unchanged"};

	for (*ret = 0; *text;) {
		size_t n = strcspn(text, ","), i = 0;
		while (i < 4 && (strlen(words[i]) != n || strncmp(words[i], text, n) != 0))
			i++;
		if (i == 4)
			return false;
		*ret |= 1u << i;
		text += n + (text[n] == ',');
	}
	return *ret != 0;
}

static bool read_layer(const char *text, int *ret)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (end == text || *end || n < 1 || n > FILE_TREE_LAYERS)
		return false;
	*ret = (int)n - 1;
	return true;
}

static bool read_name(const char *text, struct file_view *v)
{
	if (strlen(text) >= sizeof v->name)
		return false;
	strcpy(v->name, text);
	return true;
}

/* A screen needs a terminal on both sides, and one that can place a cursor. */
static bool wants_screen(const struct tree_options *o)
{
	return !o->json && !o->text && !o->request.efficiency && terminfo_check(NULL) == 0;
}

static int browse(const struct image_contents *c, const struct tree_options *o, struct error *err)
{
	struct file_view view = o->request.view;

	view.layer = o->request.layer < 0 ? (uint32_t)c->n_layers - 1 : (uint32_t)o->request.layer;
	return browser_run(c, &view, o->theme, err);
}

static int print(const struct image_contents *c, const struct tree_options *o, struct error *err)
{
	int r = o->json ? tree_print_json(c, &o->request) : tree_print_text(c, &o->request);

	return r < 0 ? error_set(err, -r, "show image", c->found.name, NULL) : 0;
}

static int show(const char *word, const struct tree_options *o)
{
	struct image_contents *c = NULL;
	struct error err = {0};
	int r = image_contents_open(word, &c, &err);

	if (r == 0 && o->request.layer >= (int)c->n_layers)
		r = error_set(&err, ENOENT, "show layer", word, "it has %zu layer%s", c->n_layers,
		        c->n_layers == 1 ? "" : "s");
	if (r == 0)
		r = wants_screen(o) ? browse(c, o, &err) : print(c, o, &err);
	image_contents_free(c);
	return r < 0 ? command_fail("tree", &err) : r;
}

/* CUTAWAY_THEME is for every screen of ours. */
static bool choose_theme(struct tree_options *o)
{
	const char *name = getenv("CUTAWAY_THEME");

	return o->theme_given || !name || !*name || theme_find(name, &o->theme);
}

static int tree_main(int argc, char **argv)
{
	static const struct option long_options[] = {
	        {"layer", required_argument, NULL, LAYER},
	        {"all", no_argument, NULL, TOGETHER},
	        {"show", required_argument, NULL, KINDS},
	        {"name", required_argument, NULL, NAME},
	        {"efficiency", no_argument, NULL, EFFICIENCY},
	        {"json", no_argument, NULL, JSON},
	        {"text", no_argument, NULL, TEXT},
	        {"theme", required_argument, NULL, THEME},
	        {0},
	};
	struct tree_options options = {.theme = THEME_DARK}, *o = &options;
	struct tree_request *q = &o->request;
	bool good = true;

	q->layer = TREE_ALL_LAYERS;
	q->view.kinds = 1u << FILE_ADDED | 1u << FILE_CHANGED | 1u << FILE_REMOVED;
	optind = 0;
	for (int c; good && (c = command_option("tree", argc, argv, "", long_options)) != -1;)
		switch (c) {
		case LAYER:
			good = read_layer(optarg, &q->layer);
			break;
		case TOGETHER:
			q->view.together = true;
			break;
		case KINDS:
			good = read_kinds(optarg, &q->view.kinds);
			break;
		case NAME:
			good = read_name(optarg, &q->view);
			break;
		case EFFICIENCY:
			q->efficiency = true;
			break;
		case JSON:
			o->json = true;
			break;
		case TEXT:
			o->text = true;
			break;
		case THEME:
			o->theme_given = good = theme_find(optarg, &o->theme);
			break;
		default:
			return EXIT_USAGE;
		}
	if (!good)
		return command_usage_error("tree", "'%s' is no value for this option", optarg);
	if (argc - optind != 1)
		return command_usage_error("tree", "which image?");
	if (!choose_theme(o))
		return command_usage_error(
		        "tree", "CUTAWAY_THEME: no theme is called '%s'", getenv("CUTAWAY_THEME"));
	return show(argv[optind], o);
}

const struct command command_tree = {
        .name = "tree",
        .usage = "Usage: cutaway tree [OPTION]... IMAGE\n"
                 "Show the files that each layer of an image adds (+), changes (~) and removes "
                 "(-).\n"
                 "On a terminal as a screen to walk through (? lists its keys), elsewhere as "
                 "text.\n"
                 "\n"
                 "      --layer N      only this layer; 1 is the lowest\n"
                 "      --all          what all layers together have made, up to --layer N: each\n"
                 "                     file once, with the layer that it comes from\n"
                 "      --show KINDS   which: added,changed,removed,unchanged; the first three "
                 "are\n"
                 "                     the default\n"
                 "      --name TEXT    only files with TEXT in their name; with a / in it, in "
                 "their\n"
                 "                     path\n"
                 "      --efficiency   only how much of what is carried can be seen, and all\n"
                 "                     files that are carried for nothing\n"
                 "      --json         as JSON\n"
                 "      --text         as text on a terminal as well\n"
                 "      --theme THEME  dark, light, mono, contrast, large or none, as "
                 "CUTAWAY_THEME; "
                 "no\n"
                 "                     colours where NO_COLOR is set\n"
                 "\n"
                 "The efficiency is seen / stored. Stored are the bytes of all files in all\n"
                 "layers, seen are those that a container finds; the difference is wasted: what a\n"
                 "higher layer replaced or removed. A file with several names counts once.\n"
                 "\n"
                 "Exit status: 0, 1 on failure, 2 for wrong usage.\n"
                 "\n"
                 "Examples:\n"
                 "  cutaway tree base\n"
                 "  cutaway tree --layer 2 --show removed shop\n"
                 "  cutaway tree --json shop | jq .efficiency.efficiency\n",
        .main = tree_main,
};
