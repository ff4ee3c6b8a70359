#include "render/bars.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { LABEL_MAX = 24, NUMBER = 10, RATIO = 7, CELLS_MIN = 8, CELLS_MAX = 72, CPU_FROM = 62 };

/* What a line is made of, in columns. */
struct form {
	int label, cells;
	bool cpu; /* there is room for the second number */
	uint64_t top;
	enum bars_unit unit;
	bool ascii;
};

enum glyph { FULL, MIDDLE, MEDIAN, TAIL, BEYOND, GLYPHS };

static const char *const glyphs[2][GLYPHS] = {
        {"█", "▒", "┃", "·", ">"},
        {"=", "~", "|", ".", ">"},
};

/* One value far out, the first run or one that was disturbed, must not press all bars flat. */
static uint64_t top_of(const struct bar *b)
{
	uint64_t fence = b->q3 + (b->q3 - b->q1) * 3 / 2 + b->median / 8;

	return b->max < fence ? b->max : fence;
}

static enum bars_unit unit_of(uint64_t top)
{
	return top < 1000 ? BARS_UNIT_US : top < 10000000 ? BARS_UNIT_MS : BARS_UNIT_S;
}

/* Three digits that count, or all of a whole number of microseconds. */
static void number_text(uint64_t us, const struct form *f, char out[static 32])
{
	double value = (double)us / (f->unit == BARS_UNIT_S           ? 1e6
	                                    : f->unit == BARS_UNIT_MS ? 1e3
	                                                              : 1);
	const char *name = f->unit == BARS_UNIT_S    ? "s"
	                   : f->unit == BARS_UNIT_MS ? "ms"
	                   : f->ascii                ? "us"
	                                             : "µs";
	int digits = f->unit == BARS_UNIT_US || value >= 100 ? 0 : value >= 10 ? 1 : 2;

	snprintf(out, 32, "%.*f %s", digits, value, name);
}

static void ratio_text(uint64_t us, uint64_t first, char out[static 32])
{
	double ratio = first ? (double)us / (double)first : 0;

	if (ratio >= 1e5)
		snprintf(out, 32, "%.0e", ratio);
	else if (first)
		snprintf(out, 32, "%.*f", ratio < 100 ? 2 : ratio < 1000 ? 1 : 0, ratio);
	else
		snprintf(out, 32, "-");
}

/* Right-aligned in so many columns: the µ has two bytes and one column. */
static void add_right(struct buf *out, const char *text, int columns)
{
	int width = 0;

	for (const char *p = text; *p; p++)
		width += (*p & 0xc0) != 0x80;
	buf_addf(out, "%*s%s", columns > width ? columns - width : 0, "", text);
}

static struct form form_of(const struct bar *bars, size_t n, const struct bars_options *o)
{
	struct form f = {.ascii = o->ascii, .top = 1};
	int width = o->width < BARS_WIDTH_MIN ? BARS_WIDTH_MIN : o->width;

	for (size_t i = 0; i < n; i++) {
		int label = (int)strlen(bars[i].label);
		if (label > f.label)
			f.label = label;
		if (top_of(&bars[i]) > f.top)
			f.top = top_of(&bars[i]);
	}
	if (f.label > LABEL_MAX)
		f.label = LABEL_MAX;
	f.unit = o->unit ? o->unit : unit_of(f.top);
	f.cpu = width >= CPU_FROM;
	f.cells = width - f.label - 1 - NUMBER * (f.cpu ? 2 : 1) - RATIO;
	/* A long name gives way to the bar. */
	if (f.cells < CELLS_MIN) {
		f.label -= CELLS_MIN - f.cells;
		f.cells = CELLS_MIN;
	}
	if (f.cells > CELLS_MAX)
		f.cells = CELLS_MAX;
	return f;
}

static int cell_of(uint64_t us, const struct form *f)
{
	if (us >= f->top)
		return f->cells;
	return (int)((double)us * f->cells / (double)f->top + 0.5);
}

static void add_bar(const struct bar *b, const struct form *f, struct buf *out)
{
	int q1 = cell_of(b->q1, f), q3 = cell_of(b->q3, f), max = cell_of(b->max, f);
	int median = cell_of(b->median, f);

	if (median > 0)
		median--; /* the mark is the last cell of the bar */
	for (int x = 0; x < f->cells; x++) {
		enum glyph g = x == median                            ? MEDIAN
		               : x < q1 && x < median                 ? FULL
		               : x < q3                               ? MIDDLE
		               : x == f->cells - 1 && b->max > f->top ? BEYOND
		               : x < max                              ? TAIL
		                                                      : GLYPHS;
		buf_add(out, g == GLYPHS ? " " : glyphs[f->ascii][g]);
	}
}

static void add_line(
        const struct bar *b, const struct bar *first, const struct form *f, struct buf *out)
{
	char number[32];

	buf_addf(out, "%-*.*s ", f->label, f->label, b->label);
	add_bar(b, f, out);
	number_text(b->median, f, number);
	add_right(out, number, NUMBER);
	if (f->cpu) {
		number_text(b->cpu, f, number);
		add_right(out, number, NUMBER);
	}
	ratio_text(b->median, first->median, number);
	add_right(out, number, RATIO);
	buf_addc(out, '\n');
}

static void add_scale(const struct form *f, const struct bars_options *o, struct buf *out)
{
	char top[32];

	number_text(f->top, f, top);
	buf_addf(out, "%*s 0", f->label, "");
	add_right(out, (int)strlen(top) < f->cells ? top : "", f->cells - 1);
	add_right(out, o->pairs ? "time" : "median", NUMBER);
	if (f->cpu)
		add_right(out, o->second ? o->second : "cpu", NUMBER);
	add_right(out, "ratio", RATIO);
	buf_addc(out, '\n');
}

/* "20 runs", or how many at least. */
static void add_legend(const struct bar *bars, size_t n, const struct form *f, struct buf *out)
{
	const char *const *g = glyphs[f->ascii];
	size_t least = bars[0].runs, most = bars[0].runs;

	for (size_t i = 1; i < n; i++) {
		least = bars[i].runs < least ? bars[i].runs : least;
		most = bars[i].runs > most ? bars[i].runs : most;
	}
	buf_addf(out, "%s median of %zu", g[MEDIAN], least);
	if (most != least)
		buf_addf(out, " to %zu", most);
	buf_addf(out, " run%s  %s the middle half  %s to the slowest\n", most == 1 ? "" : "s",
	        g[MIDDLE], g[TAIL]);
}

void bars_write(
        const struct bar *bars, size_t n, const struct bars_options *options, struct buf *out)
{
	struct form f;

	if (!n)
		return;
	f = form_of(bars, n, options);
	add_scale(&f, options, out);
	for (size_t i = 0; i < n; i++)
		add_line(&bars[i], &bars[options->pairs ? i & ~(size_t)1 : 0], &f, out);
	if (!options->pairs)
		add_legend(bars, n, &f, out);
}
