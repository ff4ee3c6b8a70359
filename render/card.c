#include "render/card.h"

#include "render/glyph.h"
#include "render/spread.h"

#include <string.h>

enum {
	METER_CELLS = 8,
	CARD_LEAST_HEIGHT = 3,
	BEHIND_LEAST = 7,
	SENTENCE_LEAST = 16,
	WORDS_LEAST = 10
};

struct card_line *card_line(struct scene *s, struct card *c)
{
	size_t n = c->n_lines;

	if (n == 0 || (n >= 8 && (n & (n - 1)) == 0)) { /* full: capacities are powers of two */
		struct card_line *wider = arena_alloc(&s->arena, (n ? n * 2 : 8) * sizeof *wider);
		if (!wider) {
			s->failed = true;
			return NULL;
		}
		if (n)
			memcpy(wider, c->lines, n * sizeof *wider);
		c->lines = wider;
	}
	c->lines[n] = (struct card_line){0};
	c->n_lines++;
	return &c->lines[n];
}

struct card_span *card_add(
        struct card_line *l, const char *text, enum scene_role role, enum scene_mark mark)
{
	if (!l || l->n_spans == CARD_SPANS)
		return NULL;
	l->spans[l->n_spans] = (struct card_span){text, role, mark, -1};
	if (mark != MARK_NONE)
		l->keep = true;
	return &l->spans[l->n_spans++];
}

void card_add_meter(struct card_line *l, double value, enum scene_role role)
{
	struct card_span *span = card_add(l, "", role, MARK_NONE);

	if (span)
		span->meter = value < 0 ? 0 : value;
}

void card_stand(struct card_line *l, const char *id)
{
	if (l)
		l->id = id;
}

void card_say(struct scene *s, struct card *c, const char *text, enum scene_role role,
        enum scene_mark mark)
{
	struct card_line *l = card_line(s, c);

	card_add(l, text, role, mark);
	if (l)
		l->wide = true;
}

void card_say_behind(struct card *c, const char *text, enum scene_role role)
{
	if (!c->n_lines)
		return;
	c->lines[c->n_lines - 1].behind = true;
	if (*text)
		card_add(&c->lines[c->n_lines - 1], text, role, MARK_NONE);
}

void card_say_long(struct scene *s, struct card *c, const char *text, int width,
        enum scene_role role, enum scene_mark mark)
{
	while (*text && !s->failed) {
		size_t next, n = text_break(text, width, &next);
		card_say(s, c, scene_clean(s, scene_format(s, "%.*s", (int)n, text)), role, mark);
		mark = MARK_NONE;
		text += next;
	}
}

/* Cells of one span. The mark of the first one stands in the margin, the others bring their own. */
static int span_width(const struct card_span *span, size_t column)
{
	if (span->meter >= 0)
		return METER_CELLS;
	return text_width(span->text) + (column && span->mark != MARK_NONE ? 1 : 0);
}

static void column_widths(const struct card *c, int widths[CARD_SPANS])
{
	memset(widths, 0, CARD_SPANS * sizeof *widths);
	for (size_t i = 0; i < c->n_lines; i++) {
		if (c->lines[i].wide || c->lines[i].box)
			continue;
		for (size_t k = 0; k < c->lines[i].n_spans; k++) {
			int w = span_width(&c->lines[i].spans[k], k);
			if (w > widths[k])
				widths[k] = w;
		}
	}
}

/* Where the columns do not fit, a long first one leaves room for what it is the label of. */
static void narrow_first(int widths[CARD_SPANS], int room)
{
	int sum = 0, most = room * 3 / 5;

	for (size_t k = 0; k < CARD_SPANS; k++)
		sum += widths[k] ? widths[k] + 1 : 0;
	if (sum - 1 > room && widths[1] && widths[0] > most && most >= 4)
		widths[0] = room - widths[1] - 1 > most ? room - widths[1] - 1 : most;
}

int card_natural_width(const struct card *c)
{
	int widths[CARD_SPANS], columns = 0, widest = text_width(c->title);

	column_widths(c, widths);
	for (size_t k = 0; k < CARD_SPANS; k++)
		columns += widths[k] ? widths[k] + (columns ? 1 : 0) : 0;
	if (columns > widest)
		widest = columns;
	for (size_t i = 0; i < c->n_lines; i++) {
		const struct card_line *l = &c->lines[i];
		if (l->n_spans && (l->wide || l->box)) {
			int w = text_width(l->spans[0].text) + (l->box ? 4 : 0) +
			        (l->behind ? BEHIND_LEAST + 2 : 0);
			if (w > widest)
				widest = w;
		}
	}
	return widest + 4;
}

static int lines_height(const struct card *c, size_t n)
{
	int rows = 0;

	for (size_t i = 0; i < n && i < c->n_lines; i++)
		rows += c->lines[i].box ? 2 : 1;
	return rows;
}

int card_natural_height(const struct card *c)
{
	int rows = lines_height(c, c->n_lines) + (c->more ? 1 : 0) + 2;

	return rows < CARD_LEAST_HEIGHT ? CARD_LEAST_HEIGHT : rows;
}

int card_liked_height(const struct card *c)
{
	int all = card_natural_height(c), liked = c->liked + 2;

	if (c->liked && liked < all) {
		int kept = 0; /* what is marked shall be seen */
		for (size_t i = 0; i < c->n_lines; i++)
			kept += c->lines[i].keep;
		liked = kept + 3 > liked ? kept + 3 : liked;
	}
	return c->liked && liked < all ? liked : all;
}

static void draw_span(
        struct scene *s, const struct card_span *span, size_t column, int x, int y, int width)
{
	if (span->meter >= 0) {
		if (width > METER_CELLS)
			width = METER_CELLS;
		if (width >= 3)
			scene_add_meter(
			        s, &(struct scene_meter){x, y, width, span->meter, span->role});
		return;
	}
	if (span->mark != MARK_NONE && column == 0) { /* the symbol goes into the margin */
		x--;
		width++;
	}
	scene_add_text(s, &(struct scene_text){x, y, width, span->text, span->role, span->mark});
}

static void draw_sentence(struct scene *s, const struct card_line *l, int x, int y, int room)
{
	int first = text_width(l->spans[0].text);

	if (first > room - 2 - BEHIND_LEAST)
		first = room - 2 - BEHIND_LEAST;
	if (l->n_spans == 1 || first < SENTENCE_LEAST) {
		draw_span(s, &l->spans[0], 0, x, y, room);
		return;
	}
	draw_span(s, &l->spans[0], 0, x, y, first);
	x += first + 2;
	room -= first + 2;
	for (size_t k = 1; k < l->n_spans; k++) {
		int width = span_width(&l->spans[k], k);

		if (width > room && k > 1 && room < WORDS_LEAST)
			break;
		draw_span(s, &l->spans[k], k, x, y, width < room ? width : room);
		x += width + 1;
		room -= width + 1;
	}
}

static void draw_line(
        struct scene *s, const struct card_line *l, const int *widths, int x, int y, int room)
{
	int end = x + room;

	if ((l->wide || l->box) && l->n_spans) {
		draw_sentence(s, l, x, y, room);
		return;
	}
	for (size_t k = 0; k < l->n_spans && x < end; k++) {
		int width = widths[k];

		if (!width)
			continue;
		if (k + 1 == l->n_spans || width > end - x)
			width = end - x;
		/* One letter and an ellipsis tell nothing, nor does a column of which only the
		 * shortest fit. */
		if (width < 4 && (widths[k] > width || span_width(&l->spans[k], k) > width))
			break;
		if (*l->spans[k].text || l->spans[k].meter >= 0)
			draw_span(s, &l->spans[k], k, x, y, width);
		x += widths[k] + 1;
	}
}

/* Chooses which lines are shown in `rows`: the kept ones first, then the others, in their order.
 * Returns how many rows they take. */
static int choose_lines(const struct card *c, int rows, bool flat, bool *shown)
{
	int used = 0;

	memset(shown, 0, c->n_lines * sizeof *shown);
	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < c->n_lines; i++) {
			int need = c->lines[i].box && !flat ? 2 : 1;
			if (c->lines[i].keep != (pass == 0) || shown[i] || used + need > rows)
				continue;
			shown[i] = true;
			used += need;
		}
	}
	return used;
}

static void draw_lines(
        struct scene *s, const struct card *c, int x, int y, int width, int rows, int depth)
{
	/* Where a stack of boxes does not fit, its names do. */
	bool flat = lines_height(c, c->n_lines) + (c->more ? 1 : 0) > rows;
	bool fits = (int)c->n_lines + (c->more ? 1 : 0) <= rows;
	bool *shown = arena_alloc(&s->arena, c->n_lines + 1);
	int widths[CARD_SPANS], bottom = y + rows;
	size_t left = c->more;

	if (!shown) {
		s->failed = true;
		return;
	}
	choose_lines(c, fits || rows == 1 ? rows : rows - 1, flat, shown);
	column_widths(c, widths);
	narrow_first(widths, width);
	for (size_t i = 0; i < c->n_lines; i++) {
		const struct card_line *l = &c->lines[i];

		if (!shown[i]) {
			left++;
		} else if (l->box && !flat) {
			scene_add_box(
			        s, &(struct scene_box){x, y, width, 2, l->spans[0].text,
			                   l->spans[0].role, l->spans[0].mark, "", depth + 1});
			y += 2;
		} else {
			scene_add_item(s, &(struct scene_item){x, y, width, l->id});
			draw_line(s, l, widths, x, y++, width);
		}
	}
	if (left && y < bottom && rows > 1)
		scene_add_text(
		        s, &(struct scene_text){x, y, width, scene_format(s, "+%zu more", left),
		                   SCENE_DIM, MARK_NONE});
}

void card_draw(
        struct scene *s, const struct card *c, int x, int y, int width, int height, int depth)
{
	const char *title = c->title;

	if (width < 5 || height < CARD_LEAST_HEIGHT)
		return;
	/* No row to count in, and the title does not count already. */
	if (height == CARD_LEAST_HEIGHT && c->n_lines + c->more > 1 && !c->stands)
		title = scene_format(s, "%s +%zu", title, c->n_lines + c->more - 1);
	scene_add_box(
	        s, &(struct scene_box){x, y, width, height, title, c->role, c->mark, c->id, depth});
	draw_lines(s, c, x + 2, y + 1, width - 4, height - 2, depth);
}

/* Containers side by side are of one width, whatever is in them, and as many to a row as fit: so
 * one more, or a line more in one, moves none of the others. */
static bool are_even(const struct card *cards, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!cards[i].even &&
		        (cards[i].role != SCENE_CONTAINER || cards[i].firm || cards[i].needs))
			return false;
	return n > 0;
}

/* How many cards stand side by side: as many as fit, then evened out over the rows. */
static size_t cards_per_row(const struct card *cards, size_t n, int width, int least_width)
{
	size_t most = (size_t)((width + 1) / (least_width + 1)), rows;

	if (most < 1)
		most = 1;
	if (most >= n)
		return n;
	if (are_even(cards, n))
		return most;
	rows = (n + most - 1) / most;
	return (n + rows - 1) / rows;
}

static int rows_height(const struct card *cards, size_t n, int width, int least_width,
        int (*height_of)(const struct card *))
{
	size_t per_row = n ? cards_per_row(cards, n, width, least_width) : 1;
	int sum = 0;

	for (size_t i = 0; i < n; i += per_row) {
		int highest = 0;
		for (size_t k = i; k < n && k < i + per_row; k++)
			if (height_of(&cards[k]) > highest)
				highest = height_of(&cards[k]);
		sum += highest;
	}
	return sum;
}

int cards_liked_height(const struct card *cards, size_t n, int width, int least_width)
{
	return rows_height(cards, n, width, least_width, card_liked_height);
}

int cards_natural_height(const struct card *cards, size_t n, int width, int least_width)
{
	return rows_height(cards, n, width, least_width, card_natural_height);
}

/* The width that a card is given a part for. */
static int wish_of(const struct card *c)
{
	return c->wish ? c->wish : card_natural_width(c);
}

/* What a card is not narrowed below: a part of what is fair, and what it needs, as long as the row
 * has room for that. In narrow rows what they need comes first. */
static int least_width_of(const struct card *cards, size_t n, size_t i, int width)
{
	int room = width - (int)n + 1, fair = room / (int)n; /* a cell between cards */
	int own = 0, both = 0, needs = 0;

	for (size_t k = 0; k < n; k++) {
		int part = n == 1 ? fair : cards[k].firm ? fair * 5 / 4 : fair * 2 / 3;
		int natural = wish_of(&cards[k]);

		part = part < natural ? part : natural;
		both += part > cards[k].needs ? part : cards[k].needs;
		needs += cards[k].needs;
		if (k == i)
			own = part;
	}
	if (needs > room)
		return own;
	if (both > room)
		return cards[i].needs ? cards[i].needs : own;
	return own > cards[i].needs ? own : cards[i].needs;
}

static void draw_even_row(struct scene *s, struct card *cards, size_t n, size_t per_row, int x,
        int y, int width, int height, int depth)
{
	for (size_t i = 0; i < n; i++) {
		int left = (int)((size_t)(width + 1) * i / per_row);
		int right = (int)((size_t)(width + 1) * (i + 1) / per_row);
		card_draw(s, &cards[i], x + left, y, right - left - 1, height, depth);
	}
}

static void draw_row(struct scene *s, struct card *cards, size_t n, int x, int y, int width,
        int height, int depth)
{
	struct spread columns[16];
	int natural = 0;

	if (n > 16)
		n = 16;
	for (size_t i = 0; i < n; i++)
		natural += wish_of(&cards[i]) + (i ? 1 : 0);
	for (size_t i = 0; i < n; i++) {
		int w = wish_of(&cards[i]);
		int least = least_width_of(cards, n, i, width);

		columns[i].least = w < least ? w : least < 5 ? 5 : least;
		columns[i].liked = w;
		/* Room to spare is shared in proportion, so that the row ends where it should. */
		columns[i].most = natural ? (int)((long)w * width / natural) + 1 : w;
	}
	spread_divide(columns, n, width, 1);
	for (size_t i = 0; i < n; i++) {
		card_draw(s, &cards[i], x, y, columns[i].got, height, depth);
		x += columns[i].got ? columns[i].got + 1 : 0;
	}
}

/* The cards from `first` on have no room: one in the place of `first` counts and names them. */
static void name_the_rest(struct scene *s, struct card *cards, size_t n, size_t first)
{
	struct card rest = {.role = cards[first].role, .even = cards[first].even};
	size_t hidden = 0;

	for (size_t i = first; i < n; i++) {
		card_say(s, &rest, cards[i].title, cards[i].role, cards[i].mark);
		hidden += cards[i].stands ? cards[i].stands : 1;
	}
	rest.id = scene_format(s, "%s:more", cards[0].id);
	rest.title = scene_format(s, "%zu more", hidden);
	rest.stands = hidden;
	cards[first] = rest;
}

int cards_draw(struct scene *s, struct card *cards, size_t n, int x, int y, int width, int height,
        int least_width, int depth)
{
	size_t per_row, rows;
	struct spread *heights;
	bool even = are_even(cards, n), level = even && n && !cards[0].even;
	int top = y;

	if (!n || width < 5 || height < CARD_LEAST_HEIGHT)
		return 0;
	per_row = cards_per_row(cards, n, width, least_width);
	/* Too low for that many rows: narrower cards show more than cards left out. */
	while (per_row < n && (int)((n + per_row - 1) / per_row) * CARD_LEAST_HEIGHT > height &&
	        (width + 1) / (int)(per_row + 1) > 12)
		per_row++;
	rows = (size_t)(height / CARD_LEAST_HEIGHT);
	if (n > per_row * rows) {
		name_the_rest(s, cards, n, per_row * rows - 1);
		n = per_row * rows;
	}
	rows = (n + per_row - 1) / per_row;
	heights = arena_alloc(&s->arena, rows * sizeof *heights);
	if (!heights) {
		s->failed = true;
		return 0;
	}
	for (size_t r = 0; r < rows; r++) {
		heights[r].least = CARD_LEAST_HEIGHT;
		/* Rows of containers are of one height as well. */
		for (size_t i = level ? 0 : r * per_row; i < n && (level || i < (r + 1) * per_row);
		        i++) {
			int liked = card_liked_height(&cards[i]);
			int most = card_natural_height(&cards[i]);
			heights[r].liked = liked > heights[r].liked ? liked : heights[r].liked;
			heights[r].most = most > heights[r].most ? most : heights[r].most;
		}
	}
	spread_divide(heights, rows, height, 0);
	for (size_t r = rows; r-- > 0;) { /* the last row reaches the ground */
		if (heights[r].got) {
			int used = 0;
			for (size_t i = 0; i < rows; i++)
				used += heights[i].got;
			heights[r].got += height - used;
			break;
		}
	}
	for (size_t r = 0; r < rows && heights[r].got; r++) {
		size_t first = r * per_row, count = n - first < per_row ? n - first : per_row;
		if (even) /* the last row uses its room, unless all are to be alike */
			draw_even_row(s, cards + first, count, level ? per_row : count, x, y, width,
			        heights[r].got, depth);
		else
			draw_row(s, cards + first, count, x, y, width, heights[r].got, depth);
		y += heights[r].got;
	}
	return y - top;
}
