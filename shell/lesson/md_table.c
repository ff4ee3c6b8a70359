#include "shell/lesson/md_table.h"

#include <stdlib.h>
#include <string.h>

enum { COLUMNS = 16, GAP = 2 };

struct cell {
	size_t from, to; /* glyphs */
	int width;
};

struct row {
	struct cell cells[COLUMNS];
	size_t n;
};

static bool is(const struct md_flow *f, size_t i, char c)
{
	const struct md_glyph *g = &f->glyphs[i];

	return f->text.data[g->offset] == c && g->block < 0 && g->style != MD_CODE && !g->text;
}

static void trim(const struct md_flow *f, size_t *from, size_t *to)
{
	while (*from < *to && is(f, *from, ' '))
		(*from)++;
	while (*to > *from && is(f, *to - 1, ' '))
		(*to)--;
}

/* Splits the row that begins at `from`; where the next one begins, 0 when it has too many cells. */
static size_t read_row(const struct md_flow *f, size_t from, struct row *row)
{
	size_t end = from, next;

	while (end < f->n_glyphs && !f->glyphs[end].newline)
		end++;
	next = end + 1;
	trim(f, &from, &end);
	from += from < end && is(f, from, '|');
	end -= end > from && is(f, end - 1, '|');
	for (row->n = 0; row->n < COLUMNS; from++) {
		struct cell *cell = &row->cells[row->n++];

		*cell = (struct cell){.from = from};
		while (from < end && !is(f, from, '|'))
			from++;
		cell->to = from;
		trim(f, &cell->from, &cell->to);
		for (size_t i = cell->from; i < cell->to; i++)
			cell->width += f->glyphs[i].width;
		if (from >= end)
			return next;
	}
	return 0;
}

struct table {
	struct md_flow *f;
	int widths[COLUMNS];
	size_t columns, rows;
	struct md_glyph *glyphs; /* the new paragraph */
	size_t n;
};

/* Widths of the columns; the width of the table, -1 when it is none. */
static int measure(struct table *t)
{
	struct row row;
	int width = 0;

	for (size_t at = 0; at < t->f->n_glyphs; t->rows++) {
		at = read_row(t->f, at, &row);
		if (!at)
			return -1;
		if (row.n > t->columns)
			t->columns = row.n;
		for (size_t i = 0; i < row.n && t->rows != 1; i++)
			if (row.cells[i].width > t->widths[i])
				t->widths[i] = row.cells[i].width;
	}
	for (size_t i = 0; i < t->columns; i++)
		width += t->widths[i] + (i ? GAP : 0);
	return width;
}

static void repeat(struct table *t, const struct md_glyph *g, int n)
{
	while (n-- > 0)
		t->glyphs[t->n++] = *g;
}

/* A character of our own, kept behind the text of the paragraph. */
static struct md_glyph own(struct md_flow *f, const char *text, enum md_style style)
{
	struct md_glyph g = {
	        .offset = f->text.len,
	        .length = (uint8_t)strlen(text),
	        .width = 1,
	        .style = (uint8_t)style,
	        .newline = *text == '\n',
	        .block = -1,
	};

	buf_add(&f->text, text);
	return g;
}

static void write_row(
        struct table *t, const struct row *row, const struct md_glyph *blank, bool head)
{
	size_t n = row->n;

	while (n > 1 && !row->cells[n - 1].width) /* no blanks at the end of a line */
		n--;
	for (size_t i = 0; i < n; i++) {
		const struct cell *cell = &row->cells[i];

		for (size_t j = cell->from; j < cell->to; j++) {
			struct md_glyph g = t->f->glyphs[j];
			if (head && g.style == MD_PLAIN)
				g.style = MD_STRONG;
			t->glyphs[t->n++] = g;
		}
		if (i + 1 < n)
			repeat(t, blank, t->widths[i] - cell->width + GAP);
	}
}

static void write_table(struct table *t, int width)
{
	const struct md_glyph blank = own(t->f, " ", MD_PLAIN), newline = own(t->f, "\n", MD_PLAIN),
	                      rule = own(t->f, t->f->options.ascii ? "-" : "─", MD_DIM);
	struct row row;

	for (size_t at = 0, i = 0; i < t->rows; i++) {
		at = read_row(t->f, at, &row);
		if (i == 1)
			repeat(t, &rule, width);
		else
			write_row(t, &row, &blank, i == 0);
		if (i + 1 < t->rows)
			repeat(t, &newline, 1);
	}
}

/* Too wide to stand in columns: a row is a line of text, its cells one after the other. */
static void write_lines(struct table *t)
{
	const struct md_glyph blank = own(t->f, " ", MD_PLAIN), newline = own(t->f, "\n", MD_PLAIN),
	                      dot = own(t->f, t->f->options.ascii ? "-" : "·", MD_DIM);
	struct row row;

	for (size_t at = 0, i = 0; i < t->rows; i++) {
		size_t said = 0;

		at = read_row(t->f, at, &row);
		for (size_t c = 0; i != 1 && c < row.n; c++) {
			const struct cell *cell = &row.cells[c];

			if (cell->from == cell->to)
				continue;
			if (said++) {
				repeat(t, &blank, 1);
				repeat(t, &dot, 1);
				repeat(t, &blank, 1);
			} else {
				repeat(t, &newline, t->n > 0);
			}
			for (size_t j = cell->from; j < cell->to; j++) {
				struct md_glyph g = t->f->glyphs[j];
				if (g.style == MD_PLAIN && i == 0)
					g.style = MD_DIM;
				else if (g.style == MD_PLAIN && said == 1)
					g.style = MD_STRONG;
				t->glyphs[t->n++] = g;
			}
		}
	}
}

bool md_table_align(struct md_flow *f)
{
	struct table t = {.f = f};
	int width = measure(&t);
	bool fits = width <= md_flow_room(f);
	size_t room;

	if (width < 1)
		return false;
	/* A row is no longer than the table and its newline; a character without width may come in
	 * any number, but was there before. As a line it has a dot between blanks for each bar. */
	room = t.rows * ((fits ? (size_t)width : 3 * t.columns) + 1) + f->n_glyphs;
	t.glyphs = malloc(room * sizeof *t.glyphs);
	if (!t.glyphs) {
		f->failed = true;
		return false;
	}
	if (fits)
		write_table(&t, width);
	else
		write_lines(&t);
	free(f->glyphs);
	f->glyphs = t.glyphs;
	f->n_glyphs = t.n;
	f->glyphs_room = room;
	f->failed |= buf_failed(&f->text);
	return fits;
}
