#include "render/sheet.h"

#include "render/glyph.h"
#include "render/spread.h"

#include <string.h>

enum { LEAST_WIDTH = 24, LEAST_HEIGHT = 8, LEGEND_FROM = 12, CARD_ROWS = 3, TAIL_WIDTH = 20 };

bool is_folded(const struct view_input *in, const char *id)
{
	for (size_t i = 0; i < in->n_folded; i++)
		if (!strcmp(in->folded[i], id))
			return true;
	return false;
}

void cards_fold(struct scene *s, const struct view_input *in, struct card *cards, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct card *c = &cards[i];
		size_t lines = c->n_lines + c->more;

		if (!c->id || !is_folded(in, c->id) || lines < 2)
			continue;
		c->lines = NULL;
		c->n_lines = c->more = 0;
		card_say(s, c, scene_format(s, "+%zu folded", lines), SCENE_DIM, MARK_NONE);
	}
}

void card_wrap(struct scene *s, struct card *c, const char *text, int width, enum scene_role role)
{
	width = width < 10 ? 10 : width;
	while (*text) {
		size_t fit = text_fit(text, width), n = fit;

		if (text[fit])
			while (n && text[n] != ' ')
				n--;
		n = n ? n : fit;
		if (!n)
			return;
		card_say(s, c, scene_format(s, "%.*s", (int)n, text), role, MARK_NONE);
		text += n + strspn(text + n, " ");
	}
}

/* Title, then line for line what the first card says. */
static void draw_small(struct scene *s, const struct sheet *sheet)
{
	int y = 1;

	scene_add_text(
	        s, &(struct scene_text){0, 0, s->width, sheet->title, sheet->role, sheet->mark});
	for (size_t i = 0; sheet->n && i < sheet->cards[0].n_lines && y < s->height; i++) {
		const struct card_line *l = &sheet->cards[0].lines[i];
		int x = 0;

		for (size_t k = 0; k < l->n_spans && x < s->width; k++) {
			const struct card_span *span = &l->spans[k];
			if (span->meter >= 0 || !*span->text)
				continue;
			scene_add_text(s, &(struct scene_text){x, y, s->width - x, span->text,
			                          span->role, span->mark});
			x += text_width(span->text) + 1 + (span->mark != MARK_NONE);
		}
		y++;
	}
}

/* So many cards have a place that the last one may have to stand for the rest. */
static size_t make_room(
        struct scene *s, const struct sheet *sheet, struct card *cards, int width, int height)
{
	size_t columns = (size_t)((width + 1) / (sheet->card_width + 1));
	size_t room = (columns ? columns : 1) * (size_t)(height / CARD_ROWS), n = sheet->n;
	struct card rest = {.role = sheet->role, .even = sheet->n && cards[0].even};
	size_t hidden = 0;

	if (n <= room || !room)
		return n;
	for (size_t i = room - 1; i < n; i++) {
		card_say(s, &rest, cards[i].title, cards[i].role, cards[i].mark);
		hidden += cards[i].stands ? cards[i].stands : 1;
	}
	rest.id = scene_format(s, "%s:more", sheet->id);
	rest.title = scene_format(s, "%zu more %s", hidden, sheet->more ? sheet->more : "");
	rest.stands = hidden;
	cards[room - 1] = rest;
	return room;
}

/* The cards before the tail in their rows, and the tail in one. */
static void draw_with_tail(struct scene *s, const struct sheet *sheet, int least, int height)
{
	int inner = s->width - 4, narrow = (inner + 1) / (int)sheet->tail - 1;
	size_t n = sheet->n - sheet->tail;
	struct card *tail = sheet->cards + n;
	struct spread rows[2] = {
	        {CARD_ROWS, cards_liked_height(sheet->cards, n, inner, least),
	                cards_natural_height(sheet->cards, n, inner, least), 0},
	        {CARD_ROWS, cards_liked_height(tail, sheet->tail, inner, narrow),
	                cards_natural_height(tail, sheet->tail, inner, narrow), 0},
	};

	spread_divide(rows, 2, height, 0);
	cards_draw(s, sheet->cards, n, 2, 1, inner, rows[0].got, least, 1);
	cards_draw(s, tail, sheet->tail, 2, 1 + rows[0].got, inner, rows[1].got, narrow, 1);
}

void sheet_draw(struct scene *s, const struct view_input *in, const struct sheet *sheet)
{
	int legend = s->height >= LEGEND_FROM, inner = s->width - 4, height;
	int least = sheet->card_width < inner ? sheet->card_width : inner;
	bool short_of_room;
	size_t n;

	s->title = sheet->title;
	s->description = sheet->description;
	if (s->width < LEAST_WIDTH || s->height < LEAST_HEIGHT) {
		draw_small(s, sheet);
		return;
	}
	cards_fold(s, in, sheet->cards, sheet->n);
	n = make_room(s, sheet, sheet->cards, inner, s->height - legend - 2);
	height = cards_natural_height(sheet->cards, n, inner, least) + 2;
	short_of_room = height > s->height - legend;
	if (short_of_room)
		height = s->height - legend;
	scene_add_box(s, &(struct scene_box){0, 0, s->width, height, sheet->title, sheet->role,
	                         sheet->mark, sheet->id, 0});
	if (short_of_room && n == sheet->n && sheet->tail && inner / (int)sheet->tail >= TAIL_WIDTH)
		draw_with_tail(s, sheet, least, height - 2);
	else
		cards_draw(s, sheet->cards, n, 2, 1, inner, height - 2, least, 1);
	if (legend)
		scene_add_legend(s, height++);
	s->height = height;
}
