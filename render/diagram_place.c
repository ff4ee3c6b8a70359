/* Bands above each other, as on the first page of the course: you beside other hosts, then user
 * space, then the kernel. In a band the parts stand in the order in which they are drawn, row by
 * row, with channels between the rows in which arrows run. */
#include "render/diagram_place.h"

#include "render/glyph.h"

#include <string.h>

enum {
	MARGIN = 3, /* from a frame to its parts: lines pass there */
	GAP = 5,
	GAP_NARROW = 3,
	NARROW = 100,
	TITLE_ROOM = 16, /* a band that is empty still has a name */
	LEAST_WIDTH = 40,
	LIST_ROWS = 3,
};

/* Rows of the channels, at least. */
struct channels {
	int above, between, below; /* the rows of user space */
	int top;                   /* below you and other hosts */
	int kernel;                /* above the kernel's */
};

/* From roomy to close. */
static const struct manner {
	int part_height[BAND_COUNT];
	struct channels channels;
} manners[] = {
        {{3, 3, 3, 3}, {2, 2, 2, 1, 1}},
        {{2, 2, 2, 3}, {2, 2, 2, 1, 1}},
        {{2, 2, 2, 3}, {1, 2, 2, 1, 1}},
        {{2, 2, 2, 2}, {1, 2, 2, 1, 1}},
};

static int part_width(const struct diagram_part *part, bool compact)
{
	int width = text_width(part->title) + (compact ? 6 : 4);

	return width < 40 ? width : 40;
}

/* How wide a band would be with all its parts in one row. */
static int natural_width(
        const struct diagram_picture *p, enum diagram_band band, int gap, bool compact)
{
	int width = 2 * MARGIN - gap;

	for (size_t i = 0; i < p->n_parts; i++)
		if (p->parts[i].band == band)
			width += part_width(&p->parts[i], compact) + gap;
	return width > TITLE_ROOM ? width : TITLE_ROOM;
}

/* Puts the parts of a band into rows: x, and in y the number of the row. How many rows; 0 when a
 * part is wider than the band. */
static int flow(
        const struct diagram_picture *p, enum diagram_band band, int gap, struct diagram_places *at)
{
	int x = at->x[band] + MARGIN, row = 0, end = at->x[band] + at->width[band] - MARGIN;

	for (size_t i = 0; i < p->n_parts; i++) {
		struct diagram_place *place = &at->parts[i];

		if (p->parts[i].band != band)
			continue;
		place->width = part_width(&p->parts[i], at->part_height[band] == 2);
		if (x + place->width > end && x > at->x[band] + MARGIN) {
			row++;
			x = at->x[band] + MARGIN;
		}
		if (x + place->width > end)
			return 0;
		place->x = x;
		place->y = row;
		x += place->width + gap;
	}
	return row + 1;
}

static int band_rows(int rows, int part_height, int above, int between, int below)
{
	return 2 + above + rows * part_height + (rows - 1) * between + below;
}

static void settle(const struct diagram_picture *p, enum diagram_band band, int first, int between,
        struct diagram_places *at)
{
	for (size_t i = 0; i < p->n_parts; i++)
		if (p->parts[i].band == band)
			at->parts[i].y = first + at->parts[i].y * (at->part_height[band] + between);
}

static int heights(const int rows[BAND_COUNT], const struct channels *c, struct diagram_places *at)
{
	int upper = rows[BAND_YOU] > rows[BAND_REMOTE] ? rows[BAND_YOU] : rows[BAND_REMOTE];
	const int *h = at->part_height;

	at->height[BAND_YOU] = at->height[BAND_REMOTE] =
	        band_rows(upper, h[BAND_YOU], 0, c->between, c->top);
	at->height[BAND_USER] =
	        band_rows(rows[BAND_USER], h[BAND_USER], c->above, c->between, c->below);
	at->height[BAND_KERNEL] =
	        band_rows(rows[BAND_KERNEL], h[BAND_KERNEL], c->kernel, c->between, 0);
	return at->height[BAND_YOU] + at->height[BAND_USER] + at->height[BAND_KERNEL];
}

static size_t count_into_kernel(const struct diagram_picture *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n_arrows; i++)
		n += p->parts[p->arrows[i].to].band == BAND_KERNEL;
	return n;
}

/* More room for arrows, a row at a time, as long as there is some and arrows that may want it. */
static void widen(const struct diagram_picture *p, const int rows[BAND_COUNT], int height,
        struct channels *c, struct diagram_places *at)
{
	int *const order[] = {&c->below, &c->between, &c->above, &c->kernel, &c->top};
	size_t deep = count_into_kernel(p), other = p->n_arrows - deep;
	const int most[] = {deep < 4 ? 2 + (int)deep : 6, other < 8 ? 2 + (int)other / 4 : 4,
	        other > 2 ? 3 : 2, deep ? 2 : 1, other > 2 ? 2 : 1};

	for (bool grown = true; grown;) {
		grown = false;
		for (size_t i = 0; i < sizeof(most) / sizeof(*most); i++) {
			if (*order[i] >= most[i])
				continue;
			++*order[i];
			if (heights(rows, c, at) <= height)
				grown = true;
			else
				--*order[i];
		}
	}
	at->rows = heights(rows, c, at);
}

static bool try_place(const struct diagram_picture *p, int width, int height,
        const struct manner *manner, struct diagram_places *at)
{
	struct channels c = manner->channels;
	int gap = width < NARROW ? GAP_NARROW : GAP, rows[BAND_COUNT], spare = height / 5;
	int you = natural_width(p, BAND_YOU, gap, manner->part_height[BAND_YOU] == 2);

	if (you > width / 2)
		you = width / 2;
	*at = (struct diagram_places){0};
	memcpy(at->part_height, manner->part_height, sizeof(at->part_height));
	for (int b = 0; b < BAND_COUNT; b++) {
		at->x[b] = b == BAND_REMOTE ? you + 1 : 0;
		at->width[b] = b == BAND_YOU ? you : width - at->x[b];
		rows[b] = flow(p, (enum diagram_band)b, gap, at);
		if (!rows[b])
			return false;
	}
	at->rows = heights(rows, &c, at);
	if (at->rows > height)
		return false;
	/* What is left belongs to the list as well. */
	widen(p, rows, at->rows + (height - at->rows > spare ? height - at->rows - spare : 0), &c,
	        at);
	at->y[BAND_USER] = at->height[BAND_YOU];
	at->y[BAND_KERNEL] = at->y[BAND_USER] + at->height[BAND_USER];
	settle(p, BAND_YOU, 1, c.between, at);
	settle(p, BAND_REMOTE, 1, c.between, at);
	settle(p, BAND_USER, at->y[BAND_USER] + 1 + c.above, c.between, at);
	settle(p, BAND_KERNEL, at->y[BAND_KERNEL] + 1 + c.kernel, c.between, at);
	return true;
}

bool diagram_place(
        const struct diagram_picture *p, int width, int height, struct diagram_places *ret)
{
	if (width < LEAST_WIDTH || p->n_parts > PLACES_MOST)
		return false;
	/* First in a manner that leaves some rows to the list. */
	for (int list = height > LIST_ROWS ? LIST_ROWS : 0; list >= 0; list -= LIST_ROWS)
		for (size_t i = 0; i < sizeof(manners) / sizeof(*manners); i++)
			if (try_place(p, width, height - list, &manners[i], ret))
				return true;
	return false;
}
