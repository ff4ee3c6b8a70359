#include "shell/stage/text.h"

#include "kernel/base/cleanup.h"
#include "render/glyph.h"
#include "shell/lesson/clean.h"

#include <errno.h>
#include <string.h>

/* ---- the page ------------------------------------------------------------------------------- */

static struct style style_of(enum md_style style)
{
	switch (style) {
	case MD_HEADING:
		return (struct style){.rgb = 0x5fafff, .ansi = 12, .bold = true};
	case MD_STRONG:
		return (struct style){.ansi = 7, .rgb = 0xd0d0d0, .bold = true};
	case MD_EMPH:
		return (struct style){.ansi = 7, .rgb = 0xd0d0d0, .underline = true};
	case MD_CODE:
		return (struct style){.rgb = 0x5fd7d7, .ansi = 6};
	case MD_COMMAND:
		return (struct style){.rgb = 0xffd75f, .ansi = 11, .bold = true};
	case MD_COMMAND_DONE:
		return (struct style){.rgb = 0x5faf5f, .ansi = 2};
	case MD_LINK:
		return (struct style){.rgb = 0x5fafff, .ansi = 4, .underline = true};
	case MD_QUOTE:
	case MD_DIM:
		return (struct style){.rgb = 0x8a8a8a, .ansi = 8, .dim = true};
	default:
		return (struct style){.rgb = 0xd0d0d0, .ansi = 7};
	}
}

/* The first line that belongs to a command not run yet; the end when all were. */
static size_t find_next(struct stage_text *t, const struct lab_state *state)
{
	for (size_t y = 0; y < t->lines.n; y++)
		for (size_t i = 0; i < t->lines.lines[y].n; i++) {
			int block = t->lines.lines[y].spans[i].block;

			t->has_commands |= block >= 0;
			if (block >= 0 && ((size_t)block >= state->n_done || !state->done[block]))
				return y;
		}
	return t->lines.n;
}

int stage_text_take(
        struct stage_text *t, const struct lab_state *state, bool turned, int width, bool ascii)
{
	struct md_options options = {.width = width > 2 ? width - 2 : 1,
	        .done = state->done,
	        .n_done = state->n_done,
	        .ascii = ascii};
	struct md_text lines;
	size_t before;
	int r;

	if (turned || !t->page) {
		struct markdown *page;

		if ((r = markdown_parse(state->markdown, &page)) < 0)
			return r;
		markdown_free(t->page);
		t->page = page;
		t->top = 0;
		t->follow = true;
	}
	if ((r = markdown_layout(t->page, &options, &lines)) < 0)
		return r;
	md_text_release(&t->lines);
	t->lines = lines;
	t->width = width;
	before = t->next_line;
	t->has_commands = false;
	t->next_line = find_next(t, state);
	if (t->next_line != before)
		t->follow = true;
	return 0;
}

void stage_text_release(struct stage_text *t)
{
	markdown_free(t->page);
	md_text_release(&t->lines);
	*t = (struct stage_text){0};
}

static void clamp(struct stage_text *t, int height)
{
	int last = (int)t->lines.n - height;

	if (t->top > last)
		t->top = last;
	if (t->top < 0)
		t->top = 0;
}

void stage_text_scroll(struct stage_text *t, int lines, int height)
{
	t->top += lines;
	t->follow = false;
	clamp(t, height);
}

/* The next command a third from the top, with what explains it above: but a page that begins with
 * it stays at its begin. */
static void follow_next(struct stage_text *t, int height)
{
	int next = (int)t->next_line;

	if (!t->has_commands)
		return;
	if (next < t->top + 2 || next >= t->top + height - 2)
		t->top = next - height / 3;
	if (next < height - 2)
		t->top = 0;
}

void stage_text_draw(struct stage_text *t, struct screen *screen, const struct rectangle *area)
{
	struct style more = style_of(MD_DIM);
	bool ascii = screen_is_ascii(screen);
	int n = (int)t->lines.n;

	if (t->follow)
		follow_next(t, area->height);
	clamp(t, area->height);
	screen_fill(screen, area->y, area->x, area->height, area->width);
	for (int y = 0; y < area->height && t->top + y < n; y++) {
		const struct md_line *line = &t->lines.lines[t->top + y];
		int x = 1;

		for (size_t i = 0; i < line->n && x < area->width - 1; i++) {
			struct style style = style_of(line->spans[i].style);

			x += screen_put_styled(screen, area->y + y, area->x + x,
			        area->width - 1 - x, line->spans[i].text, &style);
		}
	}
	if (t->top > 0)
		screen_put_styled(
		        screen, area->y, area->x + area->width - 1, 1, ascii ? "^" : "▲", &more);
	if (t->top + area->height < n)
		screen_put_styled(screen, area->y + area->height - 1, area->x + area->width - 1, 1,
		        ascii ? "v" : "▼", &more);
}

/* ---- the message ---------------------------------------------------------------------------- */

/* Takes from *text what one row of `width` cells holds, broken at a blank where there is one. */
static void take_row(const char **text, int width, struct buf *row)
{
	size_t line = strcspn(*text, "\n"), fit, n;
	auto_buf whole = BUF_INIT;

	buf_reset(row);
	buf_add_bytes(&whole, *text, line);
	fit = text_fit(buf_text(&whole), width);
	n = fit < line ? fit : line;
	if (n < line) {
		for (size_t i = n; i > n / 2; i--)
			if ((*text)[i] == ' ') {
				n = i;
				break;
			}
	}
	if (!n && line)
		n = 1; /* a wide character in a column: cut by the screen */
	buf_add_bytes(row, *text, n);
	*text += n;
	if (**text == '\n' || **text == ' ')
		(*text)++;
}

static int count_rows(const char *text, int width)
{
	auto_buf row = BUF_INIT;
	int n = 0;

	while (*text && n < 1000) {
		take_row(&text, width, &row);
		n++;
	}
	return n;
}

void stage_message_draw(struct screen *screen, const struct rectangle *area, const char *title,
        const char *text, bool at_top)
{
	struct style frame = {.rgb = 0xffd75f, .ansi = 3, .bold = true};
	struct style plain = {.rgb = 0xd0d0d0, .ansi = 7};
	auto_buf clean = BUF_INIT, row = BUF_INIT, rule = BUF_INIT;
	const char *rest;
	int rows, y;

	if (area->height < 3 || area->width < 4)
		return;
	clean_text(text, strlen(text), true, &clean);
	while (clean.len && clean.data[clean.len - 1] == '\n')
		clean.data[--clean.len] = '\0';
	rest = buf_text(&clean);
	rows = count_rows(rest, area->width - 2);
	if (rows > area->height - 2)
		rows = area->height - 2;
	y = at_top ? area->y : area->y + area->height - rows - 1;
	screen_fill(screen, y, area->x, rows + 1, area->width);
	buf_addf(&rule, "%s %s ", screen_is_ascii(screen) ? "--" : "──", title);
	while (text_width(buf_text(&rule)) < area->width)
		buf_add(&rule, screen_is_ascii(screen) ? "-" : "─");
	screen_put_styled(
	        screen, at_top ? y + rows : y, area->x, area->width, buf_text(&rule), &frame);
	for (int i = 0; i < rows; i++) {
		take_row(&rest, area->width - 2, &row);
		if (i == rows - 1 && *rest)
			buf_add(&row, " …");
		screen_put_styled(screen, y + i + !at_top, area->x + 1, area->width - 2,
		        buf_text(&row), &plain);
	}
}
