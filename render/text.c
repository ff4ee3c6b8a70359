/* A canvas as lines of text, with colours as SGR sequences (ECMA-48) of the 16 that every terminal
 * has, so that a person's own palette is kept. */
#include "render/backend.h"

#include <string.h>

static void add_style(struct buf *out, const struct style *s)
{
	buf_add(out, "\033[0");
	if (s->bold)
		buf_add(out, ";1");
	if (s->dim)
		buf_add(out, ";2");
	if (s->underline)
		buf_add(out, ";4");
	if (s->reverse)
		buf_add(out, ";7");
	if (s->rgb != theme_ground(THEME_MONO).text) /* monochrome: weight alone */
		buf_addf(out, ";%d", s->ansi < 8 ? 30 + s->ansi : 90 + s->ansi - 8);
	buf_add(out, "m");
}

static struct style cell_style(enum theme theme, const struct cell *cell)
{
	struct style s =
	        theme_style(theme, (enum scene_role)cell->role, (enum scene_mark)cell->mark);

	s.bold = s.bold || cell->strong;
	return style_spot(s, (enum scene_spot_kind)cell->spot);
}

static bool same_style(const struct style *a, const struct style *b)
{
	return a->rgb == b->rgb && a->ansi == b->ansi && a->bold == b->bold && a->dim == b->dim &&
	       a->underline == b->underline && a->reverse == b->reverse;
}

static void write_row(
        const struct canvas *c, const struct cell *row, enum theme theme, struct buf *out)
{
	struct style last = {0}, now;
	int end = c->width;
	bool styled = false;

	while (end && !strcmp(row[end - 1].text, " "))
		end--;
	for (int x = 0; x < end; x++) {
		if (!row[x].text[0])
			continue; /* the right half of a wide one */
		now = cell_style(theme, &row[x]);
		if (theme != THEME_NONE &&
		        (strcmp(row[x].text, " ") || row[x].spot || (x && row[x - 1].spot)) &&
		        (!styled || !same_style(&now, &last))) {
			add_style(out, &now);
			last = now;
			styled = true;
		}
		buf_add(out, row[x].text);
	}
	if (styled)
		buf_add(out, "\033[0m");
	buf_addc(out, '\n');
}

void text_write(const struct canvas *c, enum theme theme, struct buf *out)
{
	for (int y = 0; y < c->height; y++)
		write_row(c, c->cells + (size_t)y * (size_t)c->width, theme, out);
}
