/* A card: a box with a small table in it. Views fill cards with what they know; cards know how to
 * be drawn in any size: columns line up, what does not fit is counted ("+37 more"), and what is
 * marked is shown before what is not. */
#pragma once

#include "render/scene.h"

#include <stdint.h>

enum { CARD_SPANS = 14 };

struct card_span {
	const char *text; /* clean */
	enum scene_role role;
	enum scene_mark mark;
	double meter; /* 0 to 1 for a bar instead of text; negative = text */
};

struct card_line {
	struct card_span spans[CARD_SPANS];
	size_t n_spans;
	const char *id; /* of the thing that it stands for; NULL = of none (scene_item) */
	bool keep;      /* shown before lines that are not, when room is short */
	bool wide;      /* a sentence: does not take part in the columns */
	bool behind;    /* room is kept for what stands behind the sentence (card_say_behind) */
	bool box;       /* drawn as a box of its own, two rows high: a layer of a stack */
};

struct card {
	const char *id, *title;
	enum scene_role role;
	enum scene_mark mark;
	struct card_line *lines; /* in the scene's arena */
	size_t n_lines;
	size_t more;   /* that exist besides the lines */
	bool even;     /* as wide as its neighbours, whatever is in them */
	bool firm;     /* narrowed last: its columns are what it is about */
	int needs;     /* cells in which it still says what it is about; 0 = not known */
	size_t stands; /* how many things it stands for, when more than one */
	int liked;     /* lines that look good; 0 = all */
	int wish;      /* cells it is given a like part of, whatever is in it; 0 = as it needs */
};

/* A new line at the end, NULL when memory is out. Valid until the next one. */
struct card_line *card_line(struct scene *s, struct card *c);
/* Adds a span; NULL lines are ignored, so that calls can be chained without checks. Spans beyond
 * CARD_SPANS are dropped. */
struct card_span *card_add(
        struct card_line *l, const char *text, enum scene_role role, enum scene_mark mark);
void card_add_meter(struct card_line *l, double value, enum scene_role role);
/* What the line stands for: "process:4711". NULL lines are ignored. */
void card_stand(struct card_line *l, const char *id);
/* One line that is a sentence. */
void card_say(struct scene *s, struct card *c, const char *text, enum scene_role role,
        enum scene_mark mark);
/* Behind the sentence that was said last: what comes and goes, "" = it is gone. Room for the first
 * word or so is kept, so that nothing moves; where there is none the sentence is cut. */
void card_say_behind(struct card *c, const char *text, enum scene_role role);
/* A text as sentences, broken into lines of `width` cells. Newlines in it break it too. */
void card_say_long(struct scene *s, struct card *c, const char *text, int width,
        enum scene_role role, enum scene_mark mark);

/* Cells that the whole card takes with nothing left out, borders included. */
int card_natural_width(const struct card *c);
int card_natural_height(const struct card *c);
int card_liked_height(const struct card *c);

/* Draws the card into the rectangle (at least 5 x 3, else nothing). */
void card_draw(
        struct scene *s, const struct card *c, int x, int y, int width, int height, int depth);

/* Draws cards in rows from left to right, each at least `least_width` wide, in their order; returns
 * the height used. What does not fit is named in the last row. */
int cards_draw(struct scene *s, struct card *cards, size_t n, int x, int y, int width, int height,
        int least_width, int depth);
/* The height that cards_draw() would like to have. */
int cards_liked_height(const struct card *cards, size_t n, int width, int least_width);
/* The height that it could use at most. */
int cards_natural_height(const struct card *cards, size_t n, int width, int least_width);
