/* cutaway glossary: what a word of the field means. */
#include "shell/lesson/glossary.h"
#include "kernel/base/cleanup.h"
#include "shell/command.h"

#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { WIDTH = 80 };

static const char usage[] =
        "Usage: cutaway glossary [--json] [WORD...]\n"
        "Say what a word of the field means, as the lessons use it, and where that is written.\n"
        "Capitals, hyphens and the plural do not matter. Without a word: all that are known.\n\n"
        "      --json   as a JSON object with term, also, means and source; without WORD an array\n"
        "               of all\n"
        "      --help   this text\n\n"
        "In a lab the word 'glossary' does the same. The words are in glossary.json beside the\n"
        "lessons.\n\n"
        "Exit status: 0, 1 when the word is not there (then stderr says what may have been\n"
        "meant), 2 usage.\n\n"
        "Examples:\n"
        "  cutaway glossary digest\n"
        "  cutaway glossary user namespace\n";

static json_t *as_json(const struct glossary_term *t)
{
	json_t *also = json_array();

	for (size_t i = 0; i < t->n_also; i++)
		json_array_append_new(also, json_string(t->also[i]));
	return json_pack("{s:s, s:o, s:s, s:s}", "term", t->term, "also", also, "means", t->means,
	        "source", t->source);
}

static void print_json(const struct glossary *g, const struct glossary_term *term)
{
	json_t *value = term ? as_json(term) : json_array();

	for (size_t i = 0; !term && i < g->n; i++)
		json_array_append_new(value, as_json(&g->terms[i]));
	json_dumpf(value, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(value);
}

/* On a terminal the width it has, elsewhere one that fits into a mail. */
static int width(void)
{
	struct winsize size = {0};

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col)
		return size.ws_col < WIDTH ? size.ws_col : WIDTH;
	return WIDTH;
}

static int answer(const struct glossary *g, const char *word, bool json)
{
	const struct glossary_term *term = *word ? glossary_find(g, word) : NULL;
	auto_buf text = BUF_INIT;
	bool found;

	if (json && (term || !*word)) {
		print_json(g, term);
		return 0;
	}
	found = glossary_answer(g, word, width(), &text);
	fputs(found ? "" : "cutaway glossary: ", stderr);
	fputs(buf_text(&text), found ? stdout : stderr);
	return !found;
}

static int glossary_main(int argc, char **argv)
{
	static const struct option known[] = {{"json", no_argument, NULL, 'j'}, {NULL, 0, NULL, 0}};
	struct glossary g = {0};
	struct error err = {0};
	auto_buf word = BUF_INIT;
	bool json = false;
	int c, status;

	while ((c = command_option("glossary", argc, argv, "", known)) != -1) {
		if (c == '?')
			return EXIT_USAGE;
		json = true;
	}
	for (int i = optind; i < argc; i++)
		buf_addf(&word, "%s%s", i > optind ? " " : "", argv[i]);
	if (glossary_read_ours(&g, &err) < 0)
		return command_fail("glossary", &err);
	status = answer(&g, buf_text(&word), json);
	glossary_release(&g);
	return status;
}

const struct command command_glossary = {
        .name = "glossary",
        .usage = usage,
        .main = glossary_main,
};
