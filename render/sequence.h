/* Who calls whom, as lifelines from left to right and time downward: a sequence diagram. What it
 * shows is filled in by a view: what is observed now, or the calls of a recording. */
#pragma once

#include "render/scene.h"

struct sequence_actor {
	const char *id;          /* "process:4711" */
	const char *name, *note; /* clean; the note may be "" */
	enum scene_role role;
	enum scene_mark mark;
};

struct sequence_message {
	int from, to;     /* indices of actors; the same: what becomes of it, no arrow */
	const char *text; /* clean */
	bool dashed;      /* as of scene_edge */
	enum scene_role role;
	enum scene_mark mark;
	const char *when; /* clean; in the margin */
};

struct sequence {
	const struct sequence_actor *actors;
	size_t n_actors;
	const struct sequence_message *messages; /* the earliest first */
	size_t n_messages;
	int margin;                            /* cells on the left for `when`; 0 = none */
	const struct sequence_message *chosen; /* it has the focus; NULL = none */
};

/* Cells that it needs at least; and rows, with all messages. */
int sequence_least_width(const struct sequence *q);
int sequence_height(const struct sequence *q);
/* Messages that a rectangle of this size has room for, each with its words above it where that is
 * possible. */
size_t sequence_room(const struct sequence *q, int width, int height);
/* Draws it into the rectangle, of which it takes at most that height; returns the rows it took. As
 * many messages as fit, the others counted; as lines of text where lifelines have no room. */
int sequence_draw(struct scene *s, const struct sequence *q, int x, int y, int width, int height);
