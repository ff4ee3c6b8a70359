/* What was laid out last, on the screen: the picture, and the lines and notes over it. */
#include "shell/stage/drawing_state.h"

#include "kernel/base/buf.h"
#include "kernel/base/cleanup.h"
#include "render/glyph.h"
#include "shell/stage/text.h"

/* The bar below the picture: where the person is, and what can be done there. */
static void draw_bar(
        const struct drawing *d, struct screen *screen, const struct rectangle *area, int rows)
{
	struct style strong = screen_style(screen, SCENE_YOU),
	             dim = screen_style(screen, SCENE_DIM);
	auto_buf left = BUF_INIT, right = BUF_INIT;
	struct arena arena = {0};
	int y = area->y + area->height - rows, width;
	const char *clean;

	if (drawing_shows_board(d) && !explore_takes_text(&d->explore) && !d->explore.search[0])
		board_bar(d->board, d->explore.focus.id, screen_is_ascii(screen), &left, &right);
	else
		explore_bar(&d->explore, d->shown->name, screen_is_ascii(screen), &left, &right);
	strong.bold = true;
	width = text_width(buf_text(&right));
	clean = text_clean(&arena, buf_text(&left), 1024);
	if (clean && text_width(clean) + width + 1 > area->width) {
		buf_reset(&right);
		buf_add(&right, "? keys ");
		width = text_width(buf_text(&right));
	}
	screen_fill(screen, y, area->x, rows, area->width);
	if (clean && area->width > width)
		screen_put_styled(screen, y, area->x, area->width - width, clean, &strong);
	screen_put_styled(screen, y, area->x + area->width - width, width, buf_text(&right), &dim);
	arena_release(&arena);
}

static void draw_help(const struct drawing *d, struct screen *screen, const struct rectangle *area)
{
	auto_buf help = BUF_INIT;

	if (drawing_shows_board(d))
		board_help(&help);
	explore_help(&help);
	buf_add(&help,
	        "1 2 3 4  + -      how much of a watch: api, processes, kernel, all; more, less\n"
	        "v 0               the next view, the lesson's again\n"
	        "[ ] { }           as it was: a state back, on; by page. Esc is now\n");
	screen_fill(screen, area->y, area->x, area->height, area->width);
	stage_message_draw(
	        screen, area, "keys of the drawing: any key closes this", buf_text(&help), true);
}

/* What the editor of the diagram offers, above the bar. */
static void draw_choices(
        const struct drawing *d, struct screen *screen, const struct rectangle *area, int rows)
{
	struct rectangle above = *area;
	auto_buf choices = BUF_INIT;

	board_choices(d->board, &choices);
	above.height -= rows;
	if (choices.len)
		stage_message_draw(screen, &above, "which part?", buf_text(&choices), false);
}

static void draw_past(const struct drawing *d, struct screen *screen, const struct rectangle *area)
{
	struct style bar = screen_style(screen, SCENE_YOU);
	auto_buf line = BUF_INIT;

	drawing_tell_past(d, &line);
	while (text_width(buf_text(&line)) < area->width)
		buf_addc(&line, ' ');
	bar.reverse = bar.bold = true;
	bar.dim = false;
	screen_put_styled(screen, area->y, area->x, area->width, buf_text(&line), &bar);
}

void drawing_draw(struct drawing *d, struct screen *screen, const struct rectangle *area)
{
	const char *problem =
	        d->out_of_memory ? "There is no memory left to draw." : machine_problem(d->machine);
	int rows = explore_bar_rows(&d->explore, area->height), top = d->explore.top;
	int above = drawing_past_rows(d, area->height);
	struct canvas part = d->canvas; /* of the picture that is in the window */

	screen_fill(screen, area->y, area->x, area->height, area->width);
	if (*problem) {
		screen_put_text(
		        screen, area->y, area->x, area->width, problem, SCENE_PLAIN, MARK_FAILED);
		return;
	}
	if (part.cells && top < part.height) {
		part.cells += (ptrdiff_t)top * part.width;
		part.height -= top;
		screen_put_canvas(screen, area->y + above, area->x, area->height - rows - above,
		        area->width, &part);
	}
	if (above)
		draw_past(d, screen, area);
	if (rows)
		draw_bar(d, screen, area, rows);
	if (d->explore.help)
		draw_help(d, screen, area);
	else if (rows && drawing_shows_board(d))
		draw_choices(d, screen, area, rows);
}
