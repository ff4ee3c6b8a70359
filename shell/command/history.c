/* `cutaway history`: how an image came about, line by line, and what each line weighs. */
#include "kernel/store/history.h"
#include "kernel/base/arena.h"
#include "kernel/base/cleanup.h"
#include "render/glyph.h"
#include "shell/command.h"
#include "shell/size_text.h"

#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <string.h>
#include <sys/ioctl.h>

enum { COMMAND_COLUMN = 44 }; /* what stands before the command takes these cells */

static int print_json(const struct history_line *lines, size_t n)
{
	json_t *list = json_array();
	int r;

	for (size_t i = 0; i < n; i++) {
		const struct history_line *line = &lines[i];
		json_t *o = json_pack("{s:s,s:s,s:s,s:b,s:I}", "created", line->created,
		        "created_by", line->created_by, "comment", line->comment, "empty_layer",
		        !line->has_layer, "size", (json_int_t)line->size);
		if (line->has_layer) {
			json_object_set_new(o, "digest", json_string(line->digest));
			json_object_set_new(o, "diff_id", json_string(line->diff_id));
		}
		json_array_append_new(list, o);
	}
	r = json_dumpf(list, stdout, JSON_INDENT(2));
	json_decref(list);
	putchar('\n');
	return r < 0 ? 1 : 0;
}

/* On a terminal a line stays a line; into a file all of it goes. */
static int command_width(void)
{
	struct winsize w;

	if (ioctl(1, TIOCGWINSZ, &w) < 0 || w.ws_col == 0)
		return 100000;
	return w.ws_col > COMMAND_COLUMN + 20 ? w.ws_col - COMMAND_COLUMN : 20;
}

static void print_line(const struct history_line *line, int width, struct arena *arena)
{
	const char *command = text_clean(arena, line->created_by, 4096);
	char size[SIZE_TEXT] = "";
	size_t fits;

	if (!command || !*command)
		command = "-";
	fits = text_fit(command, width);
	if (line->has_layer)
		size_text(line->size, size);
	printf("%-12.10s %-19.19s %9s  %.*s\n", line->created[0] ? line->created : "-",
	        line->has_layer ? line->digest : "(no layer)", size, (int)fits, command);
}

/* The topmost first, as docker and podman show it. */
static void print_table(const struct history_line *lines, size_t n)
{
	struct arena arena = {0};
	int width = command_width();

	printf("%-12s %-19s %9s  %s\n", "CREATED", "LAYER", "SIZE", "CREATED BY");
	for (size_t i = n; i-- > 0;)
		print_line(&lines[i], width, &arena);
	arena_release(&arena);
}

static int history_main(int argc, char **argv)
{
	static const struct option long_options[] = {{"json", no_argument, NULL, 'j'}, {0}};
	struct history_line *lines;
	struct error err = {0};
	bool json = false;
	int option, status = 0;
	size_t n;

	optind = 0;
	while ((option = command_option("history", argc, argv, "", long_options)) != -1) {
		if (option == '?')
			return EXIT_USAGE;
		json = true;
	}
	if (argc - optind != 1)
		return command_usage_error("history", "which image?");
	if (store_history(argv[optind], &lines, &n, &err) < 0)
		return command_fail("history", &err);
	if (json)
		status = print_json(lines, n);
	else
		print_table(lines, n);
	history_free(lines, n);
	return status;
}

const struct command command_history = {
        .name = "history",
        .usage = "Usage: cutaway history [--json] IMAGE\n"
                 "Show the lines of an image's history, the topmost layer first: when, by which\n"
                 "command, and how large the layer is that came of it. '(no layer)': the line\n"
                 "changed only the configuration, a variable for instance.\n\n"
                 "      --json   an array, the lowest first, with digest and diff_id of each "
                 "layer\n\n"
                 "Exit status: 0, 1 on failure, 2 for wrong usage.\n",
        .main = history_main,
};
