#include "shell/step_text.h"

#include "kernel/base/cleanup.h"

#include <langinfo.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 70, LABEL = 8 };

/* How the text is dressed: colours as SGR sequences, ECMA-48; empty where there are none. */
struct style {
	const char *title, *call, *dim, *good, *bad, *off;
	const char *line, *tick, *cross, *dash, *open;
};

static struct style style_for(FILE *out)
{
	bool colour = step_text_colour(out), utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");

	return (struct style){
	        .title = colour ? "\033[1m" : "",
	        .call = colour ? "\033[36m" : "",
	        .dim = colour ? "\033[2m" : "",
	        .good = colour ? "\033[32m" : "",
	        .bad = colour ? "\033[31m" : "",
	        .off = colour ? "\033[0m" : "",
	        .line = utf8 ? "─" : "-",
	        .tick = utf8 ? "✓" : "+",
	        .cross = utf8 ? "✗" : "!",
	        .dash = utf8 ? "·" : "-",
	        .open = utf8 ? "○" : ".",
	};
}

bool step_text_colour(FILE *out)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(fileno(out)) && !(no && *no) && term && strcmp(term, "dumb") != 0;
}

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static int number_of(const json_t *object, const char *key)
{
	return (int)json_integer_value(json_object_get(object, key));
}

/* Columns that the first n bytes take: one a character; there are no wide ones in our texts. */
static size_t columns(const char *text, size_t n)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += ((unsigned char)text[i] & 0xc0) != 0x80;
	return count;
}

/* How many bytes of `text` fit into `room` columns, broken where a reader would: at a blank, else
 * behind a mark of punctuation, else anywhere. */
static size_t fitting(const char *text, size_t room)
{
	size_t n = 0, blank = 0, mark = 0;

	while (text[n] && columns(text, n) < room) {
		do
			n++;
		while (((unsigned char)text[n] & 0xc0) == 0x80);
		if (text[n] == ' ' || !text[n])
			blank = n;
		if (n && strchr(",:|/;", text[n - 1]))
			mark = n;
	}
	if (!text[n])
		return n;
	return blank > room / 3 ? blank : mark > room / 3 ? mark : n;
}

/* One paragraph beside its label. Bytes that a terminal would act upon are shown as '?'. */
static void paragraph(FILE *out, const struct style *st, const char *label, const char *colour,
        const char *text, bool code)
{
	bool first = true;

	do {
		size_t indent = code && !first ? 2 : 0, n = fitting(text, WIDTH - LABEL - indent);
		fprintf(out, "%s%*s%s%*s%s", st->dim, LABEL - 1, label, st->off, (int)indent + 1,
		        "", colour);
		for (size_t i = 0; i < n; i++)
			fputc((unsigned char)text[i] < ' ' || text[i] == 0x7f ? '?' : text[i], out);
		fprintf(out, "%s\n", *colour ? st->off : "");
		text += n;
		text += strspn(text, " ");
		label = "";
		first = false;
	} while (*text);
}

static void paragraphs(FILE *out, const struct style *st, const char *label, const char *colour,
        const json_t *lines)
{
	const json_t *line;
	size_t i;

	json_array_foreach (lines, i, line)
		paragraph(out, st, i ? "" : label, colour, json_string_value(line), true);
}

static void heading(FILE *out, const struct style *st, const json_t *step, int total)
{
	auto_buf head = BUF_INIT;

	buf_addf(&head, "%d/%d  %s %s %s ", number_of(step, "number"), total, text_of(step, "id"),
	        st->dash, text_of(step, "title"));
	fprintf(out, "%s%s%s%s", st->title, buf_text(&head), st->off, st->dim);
	for (size_t at = columns(buf_text(&head), head.len); at < WIDTH; at++)
		fputs(st->line, out);
	fprintf(out, "%s\n", st->off);
}

static void seen(FILE *out, const struct style *st, const json_t *step)
{
	const json_t *line;
	size_t i;

	json_array_foreach (json_object_get(step, "seen"), i, line) {
		auto_buf text = BUF_INIT;
		buf_addf(&text, "%s %s", st->tick, json_string_value(line));
		paragraph(out, st, i ? "" : "seen", st->good, buf_text(&text), true);
	}
	if (*text_of(step, "problem")) {
		auto_buf text = BUF_INIT;
		buf_addf(&text, "%s %s", st->cross, text_of(step, "problem"));
		paragraph(out, st, "seen", st->bad, buf_text(&text), true);
	}
}

static void whole_step(FILE *out, const struct style *st, const json_t *step, int total)
{
	heading(out, st, step, total);
	paragraphs(out, st, "call", st->call, json_object_get(step, "call"));
	paragraphs(out, st, "shell", "", json_object_get(step, "shell"));
	paragraph(out, st, "why", "", text_of(step, "why"), false);
	seen(out, st, step);
	paragraph(out, st, "man", st->dim, text_of(step, "man"), false);
}

static void failure(FILE *out, const struct style *st, const json_t *error)
{
	auto_buf text = BUF_INIT;

	buf_addf(&text, "%s %s: %s%s%s", st->cross, text_of(error, "operation"),
	        text_of(error, "object"), *text_of(error, "object") ? ": " : "",
	        text_of(error, "cause"));
	paragraph(out, st, "failed", st->bad, buf_text(&text), false);
	if (*text_of(error, "advice"))
		paragraph(out, st, "do", "", text_of(error, "advice"), false);
}

static void where_now(FILE *out, const struct style *st, const json_t *answer)
{
	int done = number_of(answer, "done"), total = number_of(answer, "total");
	const char *name = text_of(answer, "name");

	if (!strcmp(text_of(answer, "status"), "running"))
		fprintf(out, "%s%*s %s runs.%s\n", st->dim, LABEL - 1, "", name, st->off);
	else
		fprintf(out, "%s%*s %d of %d done for %s.%s\n", st->dim, LABEL - 1, "", done, total,
		        name, st->off);
}

void step_text_answer(const json_t *answer, bool back, FILE *out)
{
	struct style st = style_for(out);
	int total = number_of(answer, "total");
	const json_t *step, *error = json_object_get(answer, "error");
	size_t i;

	json_array_foreach (json_object_get(answer, "performed"), i, step) {
		if (!back) {
			whole_step(out, &st, step, total);
			continue;
		}
		heading(out, &st, step, total);
		paragraph(out, &st, "back", "",
		        json_is_true(json_object_get(answer, "rebuilt"))
		                ? "The kernel cannot take this back: the process was ended, and a "
		                  "new one built up to the step before."
		                : "Taken back.",
		        false);
	}
	if (error)
		failure(out, &st, error);
	where_now(out, &st, answer);
}

static void list_line(FILE *out, const struct style *st, const json_t *step, bool next)
{
	const char *state = text_of(step, "state");
	bool done = !strcmp(state, "done"), failed = !strcmp(state, "failed");

	fprintf(out, "%s%s%s %2d  %-18s%s%s%s\n",
	        done     ? st->good
	        : failed ? st->bad
	                 : st->dim,
	        done     ? st->tick
	        : failed ? st->cross
	        : next   ? ">"
	                 : st->open,
	        st->off, number_of(step, "number"), text_of(step, "id"), done ? st->dim : "",
	        text_of(step, "title"), done ? st->off : "");
}

/* What the plan does without, and why. */
static void left_out(FILE *out, const struct style *st, const json_t *answer)
{
	static const struct {
		const char *key, *what;
	} notes[] = {
	        {"no_cgroup", "without the steps of a control group"},
	        {"no_way_out", "the bridge has no way out of this machine"},
	};

	for (size_t i = 0; i < sizeof notes / sizeof *notes; i++) {
		auto_buf text = BUF_INIT;
		if (!*text_of(answer, notes[i].key))
			continue;
		buf_addf(&text, "%s: %s", notes[i].what, text_of(answer, notes[i].key));
		paragraph(out, st, "note", "", buf_text(&text), false);
	}
}

void step_text_list(const json_t *answer, FILE *out)
{
	struct style st = style_for(out);
	int done = number_of(answer, "done");
	const json_t *step;
	size_t i;

	json_array_foreach (json_object_get(answer, "steps"), i, step)
		list_line(out, &st, step, (int)i == done);
	left_out(out, &st, answer);
}

void step_text_plan(const json_t *answer, FILE *out)
{
	struct style st = style_for(out);
	const json_t *step;
	size_t i;

	json_array_foreach (json_object_get(answer, "steps"), i, step)
		whole_step(out, &st, step, number_of(answer, "total"));
	left_out(out, &st, answer);
}
