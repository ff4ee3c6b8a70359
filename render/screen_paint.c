/* Text and pictures on the screen, in the colours of the theme: cell by cell, whatever the terminal
 * is. */
#include "render/glyph.h"
#include "render/screen.h"
#include "render/screen_look.h"

#include <string.h>

static struct screen_cell styled_cell(const struct screen_look *l, const struct style *style)
{
	struct screen_cell cell = {
	        .bold = style->bold,
	        .dim = style->dim,
	        .reverse = style->reverse,
	        .underline = style->underline,
	};

	if (l->theme == THEME_NONE || l->theme == THEME_MONO)
		return cell;
	if (l->colours == 8 && style->ansi == 8) { /* bright black would be black on black */
		cell.dim = true;
	} else if (l->colours == 256) {
		cell.foreground.kind = SCREEN_RGB;
		cell.foreground.r = (uint8_t)(style->rgb >> 16);
		cell.foreground.g = (uint8_t)(style->rgb >> 8);
		cell.foreground.b = (uint8_t)style->rgb;
	} else {
		cell.foreground.kind = SCREEN_INDEXED;
		cell.foreground.index = style->ansi;
	}
	return cell;
}

/* Without colours weight alone has to tell: the monochrome theme knows how. */
static enum theme theme_here(const struct screen *s)
{
	const struct screen_look *l = screen_look(s);

	return l->colours ? l->theme : THEME_MONO;
}

struct style screen_style(const struct screen *s, enum scene_role role)
{
	return theme_style(theme_here(s), role, MARK_NONE);
}

int screen_put_styled(
        struct screen *s, int y, int x, int width, const char *text, const struct style *style)
{
	struct screen_cell cell = styled_cell(screen_look(s), style);
	bool cut = text_width(text) > width;
	int start = x, w;
	size_t end, at = 0, n;

	if (width < 1)
		return 0;
	end = cut ? text_fit(text, width - 1) : strlen(text);
	while (at < end && (n = glyph_next(text + at, cell.text, &w))) {
		screen_put_cell(s, y, x, &cell);
		if (w == 2 && screen_is_ascii(s)) {
			strcpy(cell.text, " ");
			screen_put_cell(s, y, x + 1, &cell);
		}
		at += n;
		x += w;
	}
	if (cut) {
		strcpy(cell.text, "…");
		screen_put_cell(s, y, x++, &cell);
	}
	return x - start;
}

int screen_put_text(struct screen *s, int y, int x, int width, const char *text,
        enum scene_role role, enum scene_mark mark)
{
	struct style style = theme_style(theme_here(s), role, mark);

	return screen_put_styled(s, y, x, width, text, &style);
}

void screen_put_canvas(
        struct screen *s, int y, int x, int height, int width, const struct canvas *c)
{
	for (int row = 0; row < height && row < c->height; row++) {
		for (int column = 0; column < width && column < c->width; column++) {
			const struct cell *from = &c->cells[row * c->width + column];
			struct style style = theme_style(theme_here(s), (enum scene_role)from->role,
			        (enum scene_mark)from->mark);
			struct screen_cell cell;

			if (!from->text[0])
				continue; /* the right half of a wide one */
			style.bold = style.bold || from->strong;
			style = style_spot(style, (enum scene_spot_kind)from->spot);
			cell = styled_cell(screen_look(s), &style);
			strcpy(cell.text, from->text);
			screen_put_cell(s, y + row, x + column, &cell);
		}
	}
}
