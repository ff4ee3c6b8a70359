#include "shell/lesson/md_flow.h"

#include "kernel/base/cleanup.h"
#include "render/glyph.h"
#include "shell/lesson/clean.h"
#include "shell/lesson/md_pipe.h"

#include <stdlib.h>
#include <string.h>

enum { TAB = 8 };

int md_flow_room(const struct md_flow *f)
{
	int room = f->options.width;

	for (size_t i = 0; i < f->depth && i < MD_FLOW_DEPTH; i++)
		room -= f->stack[i].indent;
	return room;
}

void md_flow_push(struct md_flow *f, const char *marker)
{
	int room = md_flow_room(f);
	struct md_container *c;

	if (f->depth++ >= MD_FLOW_DEPTH)
		return;
	c = &f->stack[f->depth - 1];
	*c = (struct md_container){.quote = !marker, .indent = 2};
	if (marker) {
		snprintf(c->marker, sizeof c->marker, "%s", marker);
		/* "• " is two cells in four bytes; numbers are plain. */
		c->indent = *marker & 0x80 ? 2 : (int)strlen(c->marker);
	}
	if (room - c->indent < (f->options.width + 1) / 2)
		c->indent = 0;
}

void md_flow_pop(struct md_flow *f)
{
	f->depth--;
}

static void add_glyph(struct md_flow *f, const char *text, size_t length, int width,
        enum md_style style, int block)
{
	if (f->n_glyphs == f->glyphs_room) {
		size_t room = f->glyphs_room ? f->glyphs_room * 2 : 256;
		struct md_glyph *glyphs = realloc(f->glyphs, room * sizeof *glyphs);

		if (!glyphs) {
			f->failed = true;
			return;
		}
		f->glyphs = glyphs;
		f->glyphs_room = room;
	}
	f->glyphs[f->n_glyphs++] = (struct md_glyph){
	        .offset = f->text.len,
	        .length = (uint8_t)length,
	        .width = (uint8_t)width,
	        .style = (uint8_t)style,
	        .newline = *text == '\n',
	        .block = block,
	};
	buf_add_bytes(&f->text, text, length);
}

void md_flow_break(struct md_flow *f)
{
	add_glyph(f, "\n", 1, 0, MD_PLAIN, -1);
}

/* Whether a combining character has something before it to stand on, drawn in one piece with it. */
static bool has_base(const struct md_flow *f, enum md_style style, int block)
{
	const struct md_glyph *last = f->n_glyphs ? &f->glyphs[f->n_glyphs - 1] : NULL;

	return last && !last->newline && last->style == style && last->block == block &&
	       buf_text(&f->text)[last->offset] != ' ';
}

/* A combining character alone would be drawn in a cell that nobody has counted: it is left out. */
static void add_character(struct md_flow *f, const char *text, size_t length, uint32_t c,
        enum md_style style, int block)
{
	int width = glyph_width(c);
	char ascii = glyph_ascii(c);

	if (!width && !has_base(f, style, block))
		return;
	if (!f->options.ascii || c < 0x80)
		add_glyph(f, text, length, width, style, block);
	else if (width > 0)
		add_glyph(f, &ascii, 1, 1, style, block);
}

void md_flow_add(struct md_flow *f, const char *text, enum md_style style, int block, bool lines)
{
	auto_buf clean = BUF_INIT;
	const char *p;
	int column = 0;

	clean_text(text, strlen(text), lines, &clean);
	p = buf_text(&clean);
	for (size_t i = 0; i < clean.len;) {
		uint32_t c;
		size_t length = glyph_decode(p + i, &c);

		if (c == '\n') {
			md_flow_break(f);
			column = -1;
		} else if (c == '\t') {
			for (int n = TAB - column % TAB; n > 1; n--, column++)
				add_glyph(f, " ", 1, 1, style, block);
			add_glyph(f, " ", 1, 1, style, block);
		} else if (c == MD_BAR_CODE) {
			add_glyph(f, "|", 1, 1, style, block);
			if (f->n_glyphs)
				f->glyphs[f->n_glyphs - 1].text = true;
		} else {
			add_character(f, p + i, length, c, style, block);
		}
		column++;
		i += length;
	}
	f->failed |= buf_failed(&clean) || buf_failed(&f->text);
}

/* A new, empty line of the output with room for `spans`. */
static struct md_line *new_line(struct md_flow *f, size_t spans)
{
	struct md_text *out = f->out;

	if (out->n == f->lines_room) {
		size_t room = f->lines_room ? f->lines_room * 2 : 64;
		struct md_line *lines = realloc(out->lines, room * sizeof *lines);

		if (!lines) {
			f->failed = true;
			return NULL;
		}
		out->lines = lines;
		f->lines_room = room;
	}
	out->lines[out->n] = (struct md_line){
	        .spans = arena_alloc(&out->arena, (spans + 1) * sizeof(struct md_span)),
	};
	if (!out->lines[out->n].spans) {
		f->failed = true;
		return NULL;
	}
	return &out->lines[out->n++];
}

static void add_span(struct md_flow *f, struct md_line *line, const char *text, size_t n,
        enum md_style style, int block)
{
	const char *copy = arena_strndup(&f->out->arena, text, n);

	if (!copy)
		f->failed = true;
	else if (n)
		line->spans[line->n++] = (struct md_span){copy, style, block};
}

/* What the containers put before a line. */
static void add_prefix(struct md_flow *f, struct md_line *line, bool blank)
{
	static const char spaces[] = "                        ";

	for (size_t i = 0; i < f->depth && i < MD_FLOW_DEPTH; i++) {
		struct md_container *c = &f->stack[i];
		const char *bar = f->options.ascii ? "| " : "│ ";

		if (!c->indent)
			continue;
		if (c->quote) {
			add_span(f, line, bar, strlen(bar) - blank, MD_DIM, -1);
		} else if (!c->used && !blank) {
			add_span(f, line, c->marker, strlen(c->marker), MD_DIM, -1);
			c->used = true;
		} else if (!blank) {
			add_span(f, line, spaces, (size_t)c->indent, MD_PLAIN, -1);
		}
	}
}

void md_flow_blank(struct md_flow *f)
{
	struct md_line *line = new_line(f, MD_FLOW_DEPTH);

	if (line)
		add_prefix(f, line, true);
}

static bool same_span(const struct md_glyph *a, const struct md_glyph *b)
{
	return a->style == b->style && a->block == b->block;
}

/* Glyphs [from, to) as one line. */
static void emit(
        struct md_flow *f, size_t from, size_t to, const char *marker, enum md_style marker_style)
{
	size_t spans = MD_FLOW_DEPTH + 2;
	struct md_line *line;

	for (size_t i = from; i < to; i++)
		spans += i == from || !same_span(&f->glyphs[i - 1], &f->glyphs[i]);
	line = new_line(f, spans);
	if (!line)
		return;
	add_prefix(f, line, false);
	if (marker)
		add_span(f, line, marker, strlen(marker), marker_style,
		        from < to ? f->glyphs[from].block : -1);
	for (size_t i = from, end; i < to; i = end) {
		const struct md_glyph *first = &f->glyphs[i];
		auto_buf text = BUF_INIT;

		for (end = i; end < to && same_span(first, &f->glyphs[end]); end++)
			buf_add_bytes(
			        &text, f->text.data + f->glyphs[end].offset, f->glyphs[end].length);
		f->failed |= buf_failed(&text);
		add_span(f, line, buf_text(&text), text.len, (enum md_style)first->style,
		        first->block);
	}
}

static bool is_blank(const struct md_flow *f, size_t i)
{
	return f->text.data[f->glyphs[i].offset] == ' ';
}

enum breaking { BREAK_WORDS, BREAK_COMMAND, BREAK_FULL };

/* The end of the line that starts at `from`: where it is full, or at a newline. A command keeps its
 * blanks, and still breaks behind one, unless that would leave half of the line empty: "ct i" and
 * "mages" are read as two words. */
static size_t line_end(struct md_flow *f, size_t from, int room, enum breaking breaking)
{
	size_t may_break = from, behind = from;
	int width = 0;

	for (size_t i = from; i < f->n_glyphs; i++) {
		struct md_glyph *g = &f->glyphs[i];

		if (g->newline)
			return i;
		if (i == from && g->width > room) {  /* a wide character, a single cell */
			g->offset += g->length - 1u; /* its first bytes are left out */
			f->text.data[g->offset] = '?';
			g->length = g->width = 1;
		}
		/* Between two wide characters a line may break as between words (Chinese,
		 * Japanese). */
		if (is_blank(f, i) || (i > from && g->width == 2 && f->glyphs[i - 1].width == 2))
			may_break = i;
		if (width + g->width > room) {
			if (breaking == BREAK_COMMAND)
				return behind > from ? behind : i;
			return breaking == BREAK_WORDS && may_break > from ? may_break : i;
		}
		width += g->width;
		if (is_blank(f, i) && width > room / 2)
			behind = i + 1;
	}
	return f->n_glyphs;
}

void md_flow_end(struct md_flow *f, bool keep, const char *marker, enum md_style marker_style)
{
	bool command = f->n_glyphs && f->glyphs[0].block >= 0;
	enum breaking breaking = !keep ? BREAK_WORDS : command ? BREAK_COMMAND : BREAK_FULL;
	int room = md_flow_room(f) - (marker ? 2 : 0);
	size_t from = 0;

	if (room < 1) {
		room = md_flow_room(f);
		marker = NULL;
	}
	while (from < f->n_glyphs && !f->failed) {
		size_t end, to;

		while (!keep && from < f->n_glyphs && is_blank(f, from))
			from++;
		if (from == f->n_glyphs)
			break;
		end = to = line_end(f, from, room, breaking);
		while (!keep && to > from && is_blank(f, to - 1))
			to--;
		emit(f, from, to, marker, marker_style);
		marker = marker ? "  " : NULL;
		from = end;
		if (from < f->n_glyphs && f->glyphs[from].newline)
			from++;
	}
	f->n_glyphs = 0;
	buf_reset(&f->text);
}

void md_flow_release(struct md_flow *f)
{
	buf_release(&f->text);
	free(f->glyphs);
}
