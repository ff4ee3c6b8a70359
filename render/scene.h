/* What is to be drawn, before anyone says how: boxes, lines of text, meters and edges on a grid of
 * cells, each with a role. Layout makes a scene from a model; the canvas turns it into cells; SVG
 * draws it as it is. Colours exist only in backends. All text in a scene is clean: valid UTF-8, no
 * control characters (render/glyph.h). */
#pragma once

#include "kernel/base/arena.h"

#include <stdbool.h>
#include <stddef.h>

enum scene_role {
	SCENE_PLAIN,
	SCENE_FRAME, /* bands: user space, kernel */
	SCENE_TITLE,
	SCENE_YOU,
	SCENE_LAB, /* our shell and its helpers */
	SCENE_DAEMON,
	SCENE_PROCESS,
	SCENE_CONTAINER,
	SCENE_NAMESPACE_USER, /* one role per namespace type, in the order of enum ns_type */
	SCENE_NAMESPACE_PID,
	SCENE_NAMESPACE_MNT,
	SCENE_NAMESPACE_UTS,
	SCENE_NAMESPACE_IPC,
	SCENE_NAMESPACE_NET,
	SCENE_NAMESPACE_CGROUP,
	SCENE_NAMESPACE_TIME,
	SCENE_CGROUP,
	SCENE_SECURITY,
	SCENE_MOUNT,
	SCENE_LAYER,
	SCENE_LINK,
	SCENE_DIM, /* explanation, counts, "+37 more" */
	SCENE_ROLES,
};

enum scene_mark {
	MARK_NONE,
	MARK_CHANGED, /* new or different since the last step */
	MARK_GHOST,   /* asked for by the current step, not there yet */
	MARK_FAILED,
	MARK_GONE, /* was there at the last step, is no more */
};

struct scene_box {
	int x, y, width, height; /* cells, including the border; never outside the scene */
	const char *title;       /* on the top border; may be "" */
	enum scene_role role;
	enum scene_mark mark;
	const char *id; /* stable: "container:hand", "ns:uts:4026531838" */
	int depth;      /* nesting; drawn in this order */
};

/* A marked text begins with the symbol of its mark, one cell, and then the text. */
struct scene_text {
	int x, y, width; /* cells; clipped to width with an ellipsis */
	const char *text;
	enum scene_role role;
	enum scene_mark mark;
};

/* How full something is: a bar in one row. */
struct scene_meter {
	int x, y, width;
	double value; /* 0 to 1 */
	enum scene_role role;
};

/* A line of horizontal and vertical runs from `points[0]`, which may lie on the border of a box, to
 * the last point; with `arrow` that one lies beside the border of the box pointed at, in the
 * direction of the last run. */
struct scene_point {
	int x, y;
};

struct scene_edge {
	const struct scene_point *points;
	size_t n_points;
	bool arrow;
	bool dashed; /* a connection that lasts; a whole line: who started whom, what is in what */
	enum scene_role role;
	enum scene_mark mark;
	const char *label; /* what the edge says, for those who cannot see it; may be "" */
};

/* A row that stands for one thing ("process:4711", "fact:host.hostname"): focus and zoom know it by
 * its id. A box with an id stands for one as well. */
struct scene_item {
	int x, y, width;
	const char *id;
};

/* What the person looks at: laid over the finished drawing, told without colour by pointers in the
 * first and the last of its cells. */
enum scene_spot_kind { SPOT_NONE, SPOT_MATCH, SPOT_FOCUS };

struct scene_spot {
	int x, y, width;
	enum scene_spot_kind kind;
};

struct scene {
	int width, height;
	const char *title,
	        *description; /* for SVG <title>, <desc> and for readers that cannot see */
	struct scene_box *boxes;
	size_t n_boxes;
	struct scene_text *texts;
	size_t n_texts;
	struct scene_meter *meters;
	size_t n_meters;
	struct scene_edge *edges;
	size_t n_edges;
	struct scene_item *items;
	size_t n_items;
	struct scene_spot *spots;
	size_t n_spots;
	struct arena arena;
	bool failed; /* memory ran out while it was built */
};

/* An empty scene. Width and height below 1 become 1. */
void scene_init(struct scene *s, int width, int height);
void scene_release(struct scene *s);

/* Adding copies the record (strings stay where they are: use scene_format or the model's). What
 * lies outside the scene is left out or cut, so that a scene never exceeds its size. */
void scene_add_box(struct scene *s, const struct scene_box *box);
void scene_add_text(struct scene *s, const struct scene_text *text);
void scene_add_meter(struct scene *s, const struct scene_meter *meter);
/* Copies the points as well. */
void scene_add_edge(struct scene *s, const struct scene_edge *edge);
void scene_add_item(struct scene *s, const struct scene_item *item);
void scene_add_spot(struct scene *s, const struct scene_spot *spot);

/* A formatted string of the scene's; "" when memory is out (then `failed` is set). */
const char *scene_format(struct scene *s, const char *format, ...)
        __attribute__((format(printf, 2, 3)));
/* text_clean() into the scene's arena. */
const char *scene_clean(struct scene *s, const char *text);

/* The symbol that says a mark without colour: one cell, UTF-8; " " for MARK_NONE. */
const char *mark_symbol(enum scene_mark mark);
