/* `cutaway url`: the full URL of an image, taken into its parts. */
#include "kernel/base/cleanup.h"
#include "kernel/store/reference.h"
#include "kernel/store/store_read.h"
#include "shell/command.h"

#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <langinfo.h>
#include <string.h>

/* What there is to say about a name. */
struct url {
	const char *text; /* as typed */
	struct reference typed, full;
	bool added[REFERENCE_PARTS]; /* in `full`, not in `typed` */
	bool here;                   /* an image of this machine has this very name */
};

static const struct {
	const char *label, *meaning;
} parts[REFERENCE_PARTS] = {
        [REFERENCE_SCHEME] = {"scheme", "how the registry is spoken to"},
        [REFERENCE_HOST] = {"registry server", "the machine that keeps the images"},
        [REFERENCE_PORT] = {"port", "where it listens, if not at 443"},
        [REFERENCE_NAMESPACE] = {"namespace", "whose it is: a team, a project"},
        [REFERENCE_REPOSITORY] = {"repository", "one image, in all its versions"},
        [REFERENCE_TAG] = {"tag", "a version by name; it can be moved"},
        [REFERENCE_DIGEST] = {"digest", "the sum of what it is; never moves"},
};

/* The part as the picture shows it: of a digest the beginning is enough. */
static void add_shown(const struct reference *r, enum reference_part part, struct buf *out)
{
	const char *text = reference_part(r, part);

	if (part == REFERENCE_DIGEST)
		buf_addf(out, "%.15s...", text);
	else
		buf_add(out, text);
}

/* What stands in front of a part and behind it. */
static const char *before(enum reference_part part)
{
	return part == REFERENCE_PORT || part == REFERENCE_TAG ? ":"
	       : part == REFERENCE_DIGEST                      ? "@"
	                                                       : "";
}

static const char *after(const struct reference *r, enum reference_part part)
{
	switch (part) {
	case REFERENCE_SCHEME:
		return "://";
	case REFERENCE_HOST:
		return r->port[0] ? "" : "/";
	case REFERENCE_PORT:
	case REFERENCE_NAMESPACE:
		return "/";
	default:
		return "";
	}
}

/* A line as wide as the name: under each part a bracket, or the stem of its label. */
struct column {
	size_t at, width;
	enum reference_part part;
};

static size_t columns_of(const struct reference *r, struct column *columns, struct buf *line)
{
	size_t n = 0;

	for (int p = 0; p < REFERENCE_PARTS; p++) {
		size_t at;
		if (!reference_part(r, p)[0])
			continue;
		buf_add(line, before(p));
		at = line->len;
		add_shown(r, p, line);
		columns[n++] = (struct column){.at = at, .width = line->len - at, .part = p};
		buf_add(line, after(r, p));
	}
	return n;
}

static void blanks(size_t n)
{
	printf("%*s", (int)n, "");
}

static size_t stem(const struct column *c)
{
	return c->at + (c->width - 1) / 2;
}

static void print_brackets(const struct column *columns, size_t n, bool utf8)
{
	size_t at = 0;

	for (size_t i = 0; i < n; i++) {
		const struct column *c = &columns[i];
		blanks(c->at - at);
		for (size_t x = c->at; x < c->at + c->width; x++) {
			bool left = x == c->at, right = x == c->at + c->width - 1;
			if (x == stem(c))
				fputs(!utf8 ? "+" : left && right ? "│" : left ? "├" : "┬", stdout);
			else if (left)
				fputs(utf8 ? "└" : "+", stdout);
			else
				fputs(!utf8 ? right ? "+" : "-" : right ? "┘" : "─", stdout);
		}
		at = c->at + c->width;
	}
	putchar('\n');
}

static void print_labels(const struct column *columns, size_t n, bool utf8)
{
	size_t last = stem(&columns[n - 1]);

	for (size_t i = n; i-- > 0;) {
		size_t at = 0;
		for (size_t k = 0; k < i; k++) {
			blanks(stem(&columns[k]) - at);
			fputs(utf8 ? "│" : "|", stdout);
			at = stem(&columns[k]) + 1;
		}
		blanks(stem(&columns[i]) - at);
		fputs(utf8 ? "└" : "`", stdout);
		for (size_t x = stem(&columns[i]); x < last; x++)
			fputs(utf8 ? "─" : "-", stdout);
		printf(" %-15s  %s\n", parts[columns[i].part].label,
		        parts[columns[i].part].meaning);
	}
}

static void print_resolution(const struct url *u)
{
	char full[REFERENCE_TEXT];
	const char *separator = "because ";

	reference_format(&u->full, full);
	if (u->here)
		printf("An image of this machine has the name %s: cutaway uses that one.\n"
		       "Another program would read it as follows.\n\n",
		        u->text);
	if (!strcmp(full, u->text))
		return;
	printf("%s is short for %s\n", u->text, full);
	if (u->added[REFERENCE_HOST]) {
		printf("%sa name without a registry server means Docker's, docker.io", separator);
		separator = ";\n  ";
	}
	if (u->added[REFERENCE_NAMESPACE]) {
		printf("%swithout a namespace it is 'library' there", separator);
		separator = ";\n  ";
	}
	if (u->added[REFERENCE_TAG])
		printf("%swithout a tag it is 'latest', which is a name like any other", separator);
	fputs(".\n\n", stdout);
}

static void print_picture(const struct url *u)
{
	struct column columns[REFERENCE_PARTS];
	auto_buf line = BUF_INIT;
	bool utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	size_t n = columns_of(&u->full, columns, &line);

	print_resolution(u);
	puts(buf_text(&line));
	print_brackets(columns, n, utf8);
	print_labels(columns, n, utf8);
	if (u->full.digest[0])
		printf("\n%s\n", u->full.digest);
}

static int print_json(const struct url *u)
{
	char full[REFERENCE_TEXT];
	json_t *o = json_object(), *added = json_array();
	int r;

	reference_format(&u->full, full);
	json_object_set_new(o, "name", json_string(u->text));
	json_object_set_new(o, "full", json_string(full));
	json_object_set_new(o, "here", json_boolean(u->here));
	for (int p = 0; p < REFERENCE_PARTS; p++) {
		const char *text = reference_part(&u->full, p);
		if (text[0])
			json_object_set_new(o, reference_part_name(p), json_string(text));
		if (u->added[p])
			json_array_append_new(added, json_string(reference_part_name(p)));
	}
	json_object_set_new(o, "added", added);
	r = json_dumpf(o, stdout, JSON_INDENT(2));
	json_decref(o);
	putchar('\n');
	return r < 0 ? 1 : 0;
}

/* The name once more with a mark under the character that is wrong. */
static int fail_at(const char *text, size_t at, const struct error *err)
{
	int r = command_fail("url", err);
	bool plain = true;

	for (const unsigned char *p = (const unsigned char *)text; *p; p++)
		plain = plain && *p >= 0x20 && *p < 0x7f;
	if (plain && strlen(text) < 200)
		fprintf(stderr, "\n  %s\n  %*s^\n", text, (int)at, "");
	return r;
}

static bool is_here(const char *name)
{
	struct layout l;
	char digest[DIGEST_TEXT];
	bool here;

	if (store_open_there(&l, NULL) < 0)
		return false;
	here = layout_find(&l, name, digest, NULL) == 0;
	layout_release(&l);
	return here;
}

static int url_main(int argc, char **argv)
{
	static const struct option long_options[] = {{"json", no_argument, NULL, 'j'}, {0}};
	struct error err = {0};
	struct url u = {0};
	bool json = false;
	size_t at = 0;
	int option;

	while ((option = command_option("url", argc, argv, "", long_options)) != -1) {
		if (option == '?')
			return EXIT_USAGE;
		json = true;
	}
	if (optind + 1 != argc)
		return command_usage_error("url", "one image name is needed");
	u.text = argv[optind];
	if (reference_parse(u.text, &u.typed, &at, &err) < 0)
		return fail_at(u.text, at, &err);
	reference_complete(&u.typed, &u.full, u.added);
	u.here = is_here(u.text);
	if (json)
		return print_json(&u);
	print_picture(&u);
	return 0;
}

const struct command command_url = {
        .name = "url",
        .usage = "Usage: cutaway url [--json] IMAGE\n"
                 "Says what each part of an image's name is, and what a short name leaves out.\n"
                 "Nothing is fetched; no network is needed.\n\n"
                 "      --json   an object of the parts, and 'added': those that were not typed\n\n"
                 "Examples:\n"
                 "  cutaway url debian\n"
                 "  cutaway url registry.example:5000/team/shop:1.4\n\n"
                 "Exit status: 0, 1 when it is not the name of an image (the character is shown),\n"
                 "2 usage.\n",
        .main = url_main,
};
