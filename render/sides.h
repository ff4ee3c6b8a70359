/* A table of two sides: what a thing is seen from the host, and what it is seen from inside. The
 * same thing stands on one line in both columns; where the room is too narrow for columns, below
 * each other. Lines come in groups; of a group that has no room for all its lines the first are
 * shown, those that are marked before the others, and the rest is counted. */
#pragma once

#include "render/scene.h"

#include <stdbool.h>

struct side_line {
	const char *label;         /* clean; "" = goes with the line above */
	const char *host, *inside; /* clean; "" = nothing to be seen */
	enum scene_role role;
	enum scene_mark mark;
	bool on_host;   /* the mark is for the host's side, else for the inside */
	double meter;   /* 0 to 1 behind the host's text; negative = none */
	const char *id; /* of the thing that it is about (scene_item); NULL = of none */
	size_t group;
	bool shown;
};

struct sides {
	struct scene *s;
	struct side_line *lines;
	size_t n, room, groups;
	bool open; /* the next line begins a group */
};

/* Lines that are added from here on are a group. */
void sides_group(struct sides *t);
/* Adds a line; where both texts are equal the inside is "same as the host". NULL when memory is
 * out. Valid until the next one. */
struct side_line *sides_add(struct sides *t, const char *label, enum scene_role role,
        const char *host, const char *inside, enum scene_mark mark);
/* What the last line is about. */
void sides_stand(struct sides *t, const char *id);
/* What is asked for and not there: on the host's side, or inside. */
void sides_ghost(
        struct sides *t, const char *label, enum scene_role role, const char *wanted, bool on_host);

/* Draws the table; returns the rows used. `id` names its boxes. */
int sides_draw(struct sides *t, int x, int y, int width, int height, const char *id);
