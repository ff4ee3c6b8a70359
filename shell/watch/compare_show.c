#include "kernel/base/cleanup.h"
#include "kernel/base/json_text.h"
#include "render/bars.h"
#include "render/glyph.h"
#include "shell/watch/compare.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LABEL = 24, NAMES_MOST = 64 };

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

/* A row for each layer, then these. */
enum { ROW_CALLS = WATCH_LAYERS, ROW_ALL, ROWS };

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
	buf_add(out,
	        "Each moment is that of the last layer at work then, from client to container.\n"
	        "kernel calls: in the calls recorded, of all processes together.\n");
}

/* ---- names ---- */

struct tally {
	const char *name;
	size_t count;
};

static int by_count(const void *a, const void *b)
{
	const struct tally *x = a, *y = b;

	return x->count != y->count ? (x->count < y->count) - (x->count > y->count)
	                            : strcmp(x->name, y->name);
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
		if (k == NAMES_MOST)
			continue;
		if (k == n)
			ret[n++] = (struct tally){call->name, 0};
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
		buf_addf(&word, " %s %zu%s", only[i].name, only[i].count, i + 1 < n ? "," : "");
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

static void add_side(const struct watch_side *s, size_t i, int width, bool ascii, struct buf *out)
{
	const struct compared_call *call = &s->calls[i];
	auto_buf text = BUF_INIT;
	size_t n;

	if (call->count > 1)
		buf_addf(&text, "%zu times ", call->count);
	buf_add(&text, call->text);
	n = text_fit(buf_text(&text), width);
	if (text.len > n) {
		n = text_fit(buf_text(&text), width - 1);
		buf_add_bytes(out, buf_text(&text), n);
		buf_add(out, ascii ? "~" : "…");
		width--;
	} else {
		buf_add_bytes(out, buf_text(&text), n);
	}
	text.data[n] = '\0';
	buf_addf(out, "%*s", width - text_width(text.data), "");
}

static void add_pair(const struct watch_compare *c, const struct watch_pair *p, int width,
        bool ascii, struct buf *out)
{
	static const char signs[PAIR_KINDS] = {' ', '|', '<', '>'};
	int half = (width - 3) / 2;

	if (p->kind == PAIR_SECOND)
		buf_addf(out, "%*s", half, "");
	else
		add_side(&c->sides[0], p->first, half, ascii, out);
	buf_addf(out, " %c", signs[p->kind]);
	if (p->kind != PAIR_FIRST) {
		buf_addc(out, ' ');
		add_side(&c->sides[1], p->second, half, ascii, out);
		while (out->len && out->data[out->len - 1] == ' ')
			out->data[--out->len] = '\0';
	}
	buf_addc(out, '\n');
}

static void add_heading(const struct watch_compare *c, int side, int width, struct buf *out)
{
	struct arena a = {0};
	const char *clean = text_clean(&a, c->sides[side].recording->command, 1000);
	size_t n = clean ? text_fit(clean, width - 3) : 0;

	buf_addf(out, "%d: %.*s\n", side + 1, (int)n, clean ? clean : "");
	arena_release(&a);
}

void watch_compare_text(const struct watch_compare *c, int width, bool ascii, struct buf *out)
{
	add_heading(c, 0, width, out);
	add_heading(c, 1, width, out);
	buf_addc(out, '\n');
	add_times(c, width, ascii, out);
	buf_addf(out,
	        "\nCalls: %zu the same, %zu with other arguments, %zu only in 1, %zu only in 2.\n",
	        c->kinds[PAIR_SAME], c->kinds[PAIR_OTHER], c->kinds[PAIR_FIRST],
	        c->kinds[PAIR_SECOND]);
	add_only(c, 0, width, out);
	add_only(c, 1, width, out);
	buf_addc(out, '\n');
	for (size_t i = 0; i < c->n; i++)
		add_pair(c, &c->pairs[i], width, ascii, out);
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
	json_t *json = json_pack("{s:i, s:[o, o], s:[o, o]}", "cutaway-watch-compare", 1, "runs",
	        run_json(&c->sides[0]), run_json(&c->sides[1]), "only", only_json(c, 0),
	        only_json(c, 1));
	json_t *pairs = json_array();

	for (size_t i = 0; i < c->n; i++) {
		const struct watch_pair *p = &c->pairs[i];
		json_t *pair = json_pack("{s:s}", "kind", kinds[p->kind]);
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
