#include "kernel/base/cleanup.h"
#include "kernel/base/json_text.h"
#include "render/bars.h"
#include "render/glyph.h"
#include "shell/watch/compare.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LABEL = 24, NAMES_MOST = 64, COMMAND_MOST = 4000 };

/* A sentence of ours, broken to the width. */
static void add_prose(struct buf *out, int width, const char *text)
{
	while (*text) {
		size_t next, n = text_break(text, width, &next);

		buf_addf(out, "%.*s\n", (int)n, text);
		text += next;
	}
}

/* ---- times ---- */

static struct bar bar_of(const char *label, uint64_t us, uint64_t second)
{
	return (struct bar){.label = label,
	        .q1 = us,
	        .median = us,
	        .q3 = us,
	        .max = us,
	        .cpu = second,
	        .runs = 1};
}

static uint64_t all_calls(const struct watch_times *t)
{
	uint64_t us = 0;

	for (int i = 0; i < WATCH_LAYERS; i++)
		us += t->calls[i];
	return us;
}

/* A row for each layer, their sum, and what overlaps with all of them. */
enum { ROW_ALL = WATCH_LAYERS, ROW_CALLS, ROWS };

static const char *row_name(int row)
{
	if (row < WATCH_LAYERS)
		return watch_layer_names[row];
	return row == ROW_CALLS ? "kernel calls" : "all";
}

static uint64_t row_time(const struct watch_times *t, int row)
{
	if (row < WATCH_LAYERS)
		return t->layers[row];
	return row == ROW_CALLS ? all_calls(t) : t->whole;
}

/* A pair of bars for each layer that one of them has, for the calls, and for all. */
static void add_times(const struct watch_compare *c, int width, bool ascii, struct buf *out)
{
	char labels[2 * ROWS][LABEL];
	struct bar bars[2 * ROWS];
	const struct watch_times *t[2] = {&c->sides[0].times, &c->sides[1].times};
	size_t n = 0;

	for (int row = 0; row < ROWS; row++) {
		if (!row_time(t[0], row) && !row_time(t[1], row))
			continue;
		for (int side = 0; side < 2; side++, n++) {
			uint64_t calls = all_calls(t[side]);
			if (row < WATCH_LAYERS)
				calls = t[side]->calls[row];
			snprintf(labels[n], LABEL, "%s %d", row_name(row), side + 1);
			bars[n] = bar_of(labels[n], row_time(t[side], row), calls);
		}
	}
	bars_write(bars, n,
	        &(struct bars_options){
	                .width = width, .ascii = ascii, .pairs = true, .second = "in calls"},
	        out);
	add_prose(out, width,
	        "Each moment is that of the last layer at work then, from client to container; "
	        "together they are all. ratio: run 2 to run 1. kernel calls: in the calls recorded "
	        "(in calls), of all processes together.");
}

/* ---- names ---- */

struct tally {
	const char *name;
	size_t count;
	bool never; /* the other run makes no call of this name */
};

static int by_count(const void *a, const void *b)
{
	const struct tally *x = a, *y = b;

	if (x->never != y->never)
		return y->never - x->never;
	return x->count != y->count ? (x->count < y->count) - (x->count > y->count)
	                            : strcmp(x->name, y->name);
}

static bool has_name(const struct watch_side *s, const char *name)
{
	size_t i = 0;

	while (i < s->n && strcmp(s->calls[i].name, name) != 0)
		i++;
	return i < s->n;
}

/* Of the calls that only this side has; those beyond NAMES_MOST names are not told. */
static size_t only_of(const struct watch_compare *c, int side, struct tally *ret)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++) {
		const struct watch_pair *p = &c->pairs[i];
		const struct compared_call *call;
		size_t k = 0;

		if (p->kind != (side ? PAIR_SECOND : PAIR_FIRST))
			continue;
		call = &c->sides[side].calls[side ? p->second : p->first];
		while (k < n && strcmp(ret[k].name, call->name) != 0)
			k++;
		if (k == NAMES_MOST || call->there)
			continue;
		if (k == n)
			ret[n++] = (struct tally){
			        call->name, 0, !has_name(&c->sides[!side], call->name)};
		ret[k].count += call->count;
	}
	qsort(ret, n, sizeof *ret, by_count);
	return n;
}

static void add_only(const struct watch_compare *c, int side, int width, struct buf *out)
{
	struct tally only[NAMES_MOST];
	size_t n = only_of(c, side, only);
	auto_buf line = BUF_INIT;

	buf_addf(&line, "only %d:", side + 1);
	for (size_t i = 0; i < n; i++) {
		auto_buf word = BUF_INIT;
		bool last = i + 1 == n;

		/* First what the other has nothing of. */
		if (!only[i].never && (!i || only[i - 1].never))
			buf_add(&word, " with arguments of its own:");
		buf_addf(&word, " %s %zu%s", only[i].name, only[i].count,
		        last                                  ? ""
		        : only[i].never && !only[i + 1].never ? ";"
		                                              : ",");
		if (text_width(buf_text(&line)) + text_width(buf_text(&word)) > width) {
			buf_addf(out, "%s\n", buf_text(&line));
			buf_reset(&line);
			buf_add(&line, "       ");
		}
		buf_add(&line, buf_text(&word));
	}
	buf_addf(out, "%s%s\n", buf_text(&line), n ? "" : " nothing");
}

/* ---- calls beside each other ---- */

/* Where the line ends before `fit` at the latest: behind one of these characters, but not within an
 * outcome, "= -1 EPERM". 0 when it cannot beyond `least`. */
static size_t break_behind(const char *text, size_t fit, size_t least, const char *these)
{
	for (size_t n = fit; n > least && n > 1; n--)
		if (strchr(these, text[n - 1]) &&
		        (text[n - 1] != ' ' || (text[n - 2] != '=' && text[n] != 'E')))
			return n;
	return 0;
}

/* The bytes that the first of its lines takes: whole arguments and flags, else parts of a path. */
static size_t line_of(const char *text, int width)
{
	size_t fit = text_fit(text, width), n;

	if (!text[fit])
		return fit;
	n = break_behind(text, fit, fit / 2, " |");
	if (!n)
		n = break_behind(text, fit, fit / 3, " ,|/.(");
	return n ? n : fit ? fit : 1;
}

/* A text in its column: the lines of a half, of which the later ones are moved in. */
struct column {
	struct buf text;
	const char *rest;
	bool first;
};

static void column_begin(struct column *col, const struct watch_side *s, size_t i)
{
	const struct compared_call *call = &s->calls[i];

	if (call->count > 1)
		buf_addf(&col->text, "%zu times ", call->count);
	buf_add(&col->text, call->text);
	col->rest = buf_text(&col->text);
	col->first = true;
}

/* Its next line, filled up to the width; blanks when there is none. */
static void column_line(struct column *col, int width, struct buf *out)
{
	int indent = col->first || width < 12 ? 0 : 4, used = 0;
	auto_buf line = BUF_INIT;

	if (col->rest && !col->first)
		col->rest += strspn(col->rest, " ");
	if (col->rest && *col->rest) {
		size_t n = line_of(col->rest, width - indent);

		buf_addf(&line, "%*s%.*s", indent, "", (int)n, col->rest);
		used = text_width(buf_text(&line));
		buf_add(out, buf_text(&line));
		col->rest += n;
		col->first = false;
	}
	buf_addf(out, "%*s", used < width ? width - used : 0, "");
}

static void end_line(struct buf *out)
{
	while (out->len && out->data[out->len - 1] == ' ')
		out->data[--out->len] = '\0';
	buf_addc(out, '\n');
}

static bool is_there(const struct watch_compare *c, const struct watch_pair *p)
{
	return (p->kind == PAIR_FIRST && c->sides[0].calls[p->first].there) ||
	       (p->kind == PAIR_SECOND && c->sides[1].calls[p->second].there);
}

static void add_pair(
        const struct watch_compare *c, const struct watch_pair *p, int width, struct buf *out)
{
	static const char signs[PAIR_KINDS] = {' ', '|', '<', '>'};
	char sign = signs[p->kind];
	struct column a = {0}, b = {0};
	int half = (width - 3) / 2;

	if (is_there(c, p))
		sign = p->kind == PAIR_FIRST ? '(' : ')';
	if (p->kind != PAIR_SECOND)
		column_begin(&a, &c->sides[0], p->first);
	if (p->kind != PAIR_FIRST)
		column_begin(&b, &c->sides[1], p->second);
	do {
		column_line(&a, half, out);
		buf_addf(out, " %c ", sign);
		column_line(&b, half, out);
		end_line(out);
	} while ((a.rest && *a.rest) || (b.rest && *b.rest));
	buf_release(&a.text);
	buf_release(&b.text);
}

/* The command, on as many lines as it needs: two runs may differ in its middle only. */
static void add_heading(const struct watch_compare *c, int side, int width, struct buf *out)
{
	struct arena a = {0};
	const char *rest = text_clean(&a, c->sides[side].recording->command, COMMAND_MOST);

	buf_addf(out, "%d: ", side + 1);
	for (bool first = true; rest && *rest; first = false) {
		size_t n = line_of(rest, width - 3);

		buf_addf(out, "%s%.*s", first ? "" : "   ", (int)n, rest);
		end_line(out);
		rest += n + strspn(rest + n, " ");
	}
	arena_release(&a);
}

static void add_counts(const struct watch_compare *c, int width, struct buf *out)
{
	auto_buf text = BUF_INIT;

	buf_addf(&text,
	        "Calls and requests: %zu the same, %zu with other arguments, %zu only in 1, "
	        "%zu only in 2",
	        c->kinds[PAIR_SAME], c->kinds[PAIR_OTHER], c->kinds[PAIR_FIRST] - c->there[0],
	        c->kinds[PAIR_SECOND] - c->there[1]);
	if (c->there[0] || c->there[1])
		buf_addf(&text, "; in both, but elsewhere or more often: %zu of 1, %zu of 2",
		        c->there[0], c->there[1]);
	buf_addc(&text, '.');
	add_prose(out, width, buf_text(&text));
}

/* Each character in as many cells as it had. */
static void add_in_ascii(const char *text, struct buf *out)
{
	uint32_t code;

	for (; *text; text += glyph_decode(text, &code)) {
		glyph_decode(text, &code);
		for (int i = code < 0x80 ? 1 : glyph_width(code); i > 0; i--)
			buf_addc(out, code < 0x80 ? (char)code : glyph_ascii(code));
	}
}

static void add_all(const struct watch_compare *c, int width, bool ascii, struct buf *out)
{
	add_heading(c, 0, width, out);
	add_heading(c, 1, width, out);
	buf_addc(out, '\n');
	add_times(c, width, ascii, out);
	buf_addc(out, '\n');
	add_counts(c, width, out);
	add_only(c, 0, width, out);
	add_only(c, 1, width, out);
	buf_addc(out, '\n');
	if (!c->n) {
		add_prose(out, width, "A deeper level may have some: --level kernel.");
		return;
	}
	add_prose(out, width,
	        "Side by side: | other arguments, < only in 1, > only in 2, ( and ) in the other "
	        "too, but elsewhere or less often.");
	buf_addc(out, '\n');
	for (size_t i = 0; i < c->n; i++)
		add_pair(c, &c->pairs[i], width, out);
}

void watch_compare_text(const struct watch_compare *c, int width, bool ascii, struct buf *out)
{
	auto_buf text = BUF_INIT;

	add_all(c, width, ascii, &text);
	if (ascii)
		add_in_ascii(buf_text(&text), out);
	else
		buf_add_bytes(out, buf_text(&text), text.len);
	if (buf_failed(&text))
		out->failed = true;
}

/* ---- JSON ---- */

static json_t *run_json(const struct watch_side *s)
{
	json_t *layers = json_object();

	for (int i = 0; i < WATCH_LAYERS; i++)
		json_object_set_new(layers, watch_layer_names[i],
		        json_pack("{s:I, s:I}", "us", (json_int_t)s->times.layers[i], "calls_us",
		                (json_int_t)s->times.calls[i]));
	return json_pack("{s:s, s:s, s:I, s:I, s:o}", "command", s->recording->command, "started",
	        s->recording->started, "us", (json_int_t)s->times.whole, "calls_us",
	        (json_int_t)all_calls(&s->times), "layers", layers);
}

static json_t *only_json(const struct watch_compare *c, int side)
{
	struct tally only[NAMES_MOST];
	size_t n = only_of(c, side, only);
	json_t *json = json_object();

	for (size_t i = 0; i < n; i++)
		json_object_set_new(json, only[i].name, json_integer((json_int_t)only[i].count));
	return json;
}

static json_t *call_json(const struct compared_call *call)
{
	return json_pack("{s:s, s:I}", "call", call->text, "count", (json_int_t)call->count);
}

int watch_compare_json(const struct watch_compare *c, struct buf *out)
{
	static const char *const kinds[PAIR_KINDS] = {"same", "other", "first", "second"};
	json_t *json = json_pack("{s:i, s:[o, o], s:[o, o], s:[I, I]}", "cutaway-watch-compare", 1,
	        "runs", run_json(&c->sides[0]), run_json(&c->sides[1]), "only", only_json(c, 0),
	        only_json(c, 1), "elsewhere", (json_int_t)c->there[0], (json_int_t)c->there[1]);
	json_t *pairs = json_array();

	for (size_t i = 0; i < c->n; i++) {
		const struct watch_pair *p = &c->pairs[i];
		json_t *pair = json_pack("{s:s}", "kind", kinds[p->kind]);
		if (p->kind == PAIR_FIRST || p->kind == PAIR_SECOND)
			json_object_set_new(pair, "elsewhere", json_boolean(is_there(c, p)));
		if (p->kind != PAIR_SECOND)
			json_object_set_new(pair, "first", call_json(&c->sides[0].calls[p->first]));
		if (p->kind != PAIR_FIRST)
			json_object_set_new(
			        pair, "second", call_json(&c->sides[1].calls[p->second]));
		json_array_append_new(pairs, pair);
	}
	for (int i = 0; i < PAIR_KINDS; i++)
		json_object_set_new(json, kinds[i], json_integer((json_int_t)c->kinds[i]));
	json_object_set_new(json, "pairs", pairs);
	return json_text_add(json, JSON_INDENT(2), out);
}
