#include "shell/stage/text.h"

#include "kernel/base/cleanup.h"
#include "render/glyph.h"
#include "shell/lesson/clean.h"

#include <errno.h>
#include <string.h>

/* ---- the page ------------------------------------------------------------------------------- */

/* The theme's colours, so that text is readable on its ground, be that light or dark. */
static struct style style_of(const struct screen *screen, enum md_style style)
{
	static const enum scene_role roles[] = {
	        [MD_HEADING] = SCENE_CONTAINER,
	        [MD_CODE] = SCENE_LINK,
	        [MD_COMMAND] = SCENE_YOU,
	        [MD_COMMAND_DONE] = SCENE_NAMESPACE_UTS,
	        [MD_LINK] = SCENE_CONTAINER,
	        [MD_QUOTE] = SCENE_DIM,
	        [MD_DIM] = SCENE_DIM,
	};
	bool other = (size_t)style >= sizeof(roles) / sizeof(*roles) || !roles[style];
	struct style out = screen_style(screen, other ? SCENE_PLAIN : roles[style]);

	out.bold |= style == MD_HEADING || style == MD_STRONG || style == MD_COMMAND;
	out.underline |= style == MD_EMPH || style == MD_LINK;
	return out;
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
	struct style more = style_of(screen, MD_DIM);
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
			struct style style = style_of(screen, line->spans[i].style);

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
	struct style frame = screen_style(screen, SCENE_YOU);
	struct style plain = screen_style(screen, SCENE_PLAIN);
	auto_buf clean = BUF_INIT, row = BUF_INIT, rule = BUF_INIT;
	const char *rest;
	int rows, y;

	if (area->height < 3 || area->width < 4)
		return;
	frame.bold = true;
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
