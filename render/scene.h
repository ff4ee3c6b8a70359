/* What is to be drawn, before anyone says how: boxes, lines of text and edges on a grid of cells,
 * each with a role. Layout makes a scene from a model; the canvas turns it into cells; SVG draws it
 * as it is. Colours exist only in backends. All text in a scene is clean: valid UTF-8, no control
 * characters. */
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

struct scene_text {
	int x, y, width; /* cells; clipped to width with an ellipsis */
	const char *text;
	enum scene_role role;
	enum scene_mark mark;
};

/* A line of horizontal and vertical runs, from `points[0]` to the last, arrow head at the end. */
struct scene_edge {
	const struct scene_point {
		int x, y;
	} * points;
	size_t n_points;
	bool arrow;
	enum scene_role role;
	enum scene_mark mark;
	const char *label; /* may be "" */
};

struct scene {
	int width, height;
	const char *title,
	        *description; /* for SVG <title>, <desc> and for readers that cannot see */
	struct scene_box *boxes;
	size_t n_boxes;
	struct scene_text *texts;
	size_t n_texts;
	struct scene_edge *edges;
	size_t n_edges;
	struct arena arena;
	bool failed; /* memory ran out while it was built */
};

void scene_release(struct scene *s);
