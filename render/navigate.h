/* Moving about in a drawing: what can be focused, what lies beside it, what a search finds, and
 * where it leads to. Pure functions over a scene and ids, so that focus survives the next frame:
 * what is focused is known by its id and, where that is gone, by its place. */
#pragma once

#include "render/scene.h"

#include <sys/types.h>

/* One thing that can be focused: the title of a box or a row that stands for something. */
struct nav_target {
	const char *id;
	const char *words; /* what is written in it, lower case: for the search */
	int x, y, width;   /* cells */
	bool box;
	int left, top, right, bottom; /* of the box that it is or lies in, both ends included */
};

/* Of one frame, in the order of reading: card by card, in each from the top. */
struct nav_map {
	struct nav_target *targets;
	size_t n;
	struct arena arena;
};

/* What is focused; keeps its last place for the time when its id is gone. "" = nothing is. */
struct nav_focus {
	char id[256];
	int x, y;
};

enum nav_way {
	NAV_LEFT,
	NAV_RIGHT,
	NAV_UP,
	NAV_DOWN,
	NAV_FIRST,
	NAV_LAST,
	NAV_NEXT_BOX,
	NAV_PREVIOUS_BOX,
};

/* Copies what it needs of the scene. 0 or -ENOMEM; released either way by nav_map_release(). */
int nav_map_init(struct nav_map *m, const struct scene *s);
void nav_map_release(struct nav_map *m);

/* The index of the focused target; -1 when nothing is focused or to be focused. An id that is gone
 * gives way to what it was a part of ("container:red:process" to "container:red"), else to the
 * target nearest to where it was; *focus is brought up to date. */
ssize_t nav_find(const struct nav_map *m, struct nav_focus *focus);
/* Focuses target `i`; -1 = nothing. */
void nav_set(const struct nav_map *m, ssize_t i, struct nav_focus *focus);
/* Where a key leads from target `from` (-1: to the first); `from` itself where nothing lies. */
ssize_t nav_move(const struct nav_map *m, ssize_t from, enum nav_way way);
/* The target at a cell: the row, else the innermost box around; -1 = none. */
ssize_t nav_at(const struct nav_map *m, int x, int y);

/* The next target after `from` whose words contain `text`, whatever the case of ASCII letters; with
 * `back` the one before; around the end. -1 = none. `from` itself comes last. */
ssize_t nav_search(const struct nav_map *m, ssize_t from, const char *text, bool back);
size_t nav_count(const struct nav_map *m, const char *text);

/* Lays spots over the scene: on the focus, and on what matches `text` (NULL or "" = nothing). */
void nav_mark(struct scene *s, const struct nav_map *m, ssize_t focus, const char *text);

/* Where Enter leads from a target: a view and its subject. */
struct nav_zoom {
	char view[32], subject[256];
};

/* False where there is nothing deeper. */
bool nav_zoom(const char *id, struct nav_zoom *ret);
