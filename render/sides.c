#include "render/sides.h"

#include "render/describe.h"
#include "render/glyph.h"
#include "render/spread.h"

#include <string.h>

enum {
	LABEL_LEAST = 10,
	LABEL_MOST = 17,
	COLUMNS_WIDTH = 66, /* inner width, for two columns; below it one */
	METER = 8,
	GROUPS_MOST = 24,
	LIKED = 3,
};

static const char same[] = "same as the host";

void sides_group(struct sides *t)
{
	t->open = true;
}

struct side_line *sides_add(struct sides *t, const char *label, enum scene_role role,
        const char *host, const char *inside, enum scene_mark mark)
{
	struct side_line *l;

	if (t->n == t->room) {
		size_t room = t->room ? t->room * 2 : 32;
		struct side_line *lines = arena_alloc(&t->s->arena, room * sizeof *lines);
		if (!lines) {
			t->s->failed = true;
			return NULL;
		}
		if (t->n)
			memcpy(lines, t->lines, t->n * sizeof *lines);
		t->lines = lines;
		t->room = room;
	}
	if ((t->open || !t->groups) && t->groups < GROUPS_MOST)
		t->groups++;
	t->open = false;
	l = &t->lines[t->n++];
	*l = (struct side_line){.label = label,
	        .host = host,
	        .inside = *host && !strcmp(host, inside) ? same : inside,
	        .role = role,
	        .mark = mark,
	        .meter = -1,
	        .group = t->groups - 1};
	return l;
}

void sides_stand(struct sides *t, const char *id)
{
	if (t->n)
		t->lines[t->n - 1].id = id;
}

void sides_ghost(
        struct sides *t, const char *label, enum scene_role role, const char *wanted, bool on_host)
{
	struct side_line *l =
	        sides_add(t, label, role, on_host ? wanted : "", on_host ? "" : wanted, MARK_GHOST);

	if (l)
		l->on_host = on_host;
}

/* Rows of one line: below each other the inside needs a row of its own, unless it is the same. */
static int line_height(const struct side_line *l, bool columns)
{
	return columns || !*l->host || !*l->inside || l->inside == same ? 1 : 2;
}

static int label_width(const struct sides *t)
{
	int widest = LABEL_LEAST;

	for (size_t i = 0; i < t->n; i++) {
		int w = text_width(t->lines[i].label) + 4; /* "+12" is put behind it */
		widest = w > widest ? w : widest;
	}
	return widest < LABEL_MOST ? widest : LABEL_MOST;
}

/* Rows of a group's first `most` lines. */
static int group_height(const struct sides *t, size_t group, bool columns, size_t most)
{
	int rows = 0;

	for (size_t i = 0; i < t->n && most; i++) {
		if (t->lines[i].group != group)
			continue;
		rows += line_height(&t->lines[i], columns);
		most--;
	}
	return rows;
}

static int marked_height(const struct sides *t, size_t group, bool columns)
{
	int rows = 0;

	for (size_t i = 0; i < t->n; i++)
		if (t->lines[i].group == group && t->lines[i].mark != MARK_NONE)
			rows += line_height(&t->lines[i], columns);
	return rows;
}

/* What is marked comes first, then the others in their order. Returns the rows used. */
static int choose_in_group(struct sides *t, size_t group, bool columns, int rows)
{
	int used = 0;

	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < t->n; i++) {
			struct side_line *l = &t->lines[i];
			int need = line_height(l, columns);
			if (l->group != group || l->shown ||
			        (l->mark != MARK_NONE) != (pass == 0) || used + need > rows)
				continue;
			l->shown = true;
			used += need;
		}
	return used;
}

/* Which lines are shown in `rows`; returns how many rows they take. */
static int choose(struct sides *t, bool columns, int rows)
{
	struct spread parts[GROUPS_MOST];
	int used = 0;

	for (size_t g = 0; g < t->groups; g++) {
		int all = group_height(t, g, columns, t->n);
		int liked = group_height(t, g, columns, LIKED),
		    marked = marked_height(t, g, columns);
		liked = marked > liked ? marked : liked;
		parts[g] = (struct spread){
		        group_height(t, g, columns, 1), liked < all ? liked : all, all, 0};
	}
	spread_divide(parts, t->groups, rows, 0);
	for (size_t i = 0; i < t->n; i++)
		t->lines[i].shown = false;
	for (size_t g = 0; g < t->groups; g++)
		used += choose_in_group(t, g, columns, parts[g].got);
	for (size_t g = 0; g < t->groups; g++) { /* what lines of two rows have left over */
		int got = choose_in_group(t, g, columns, rows - used);
		used += got;
	}
	return used;
}

/* The label that a line goes by: its own, or that of the line above it if that is not shown; and
 * the number of lines of the group that are not, with the first that is. */
static const char *label_of(const struct sides *t, size_t i)
{
	const struct side_line *l = &t->lines[i];
	size_t at = i, hidden = 0;
	bool first = true;

	while (!*t->lines[at].label && at && t->lines[at - 1].group == l->group &&
	        !t->lines[at - 1].shown)
		at--;
	for (size_t k = 0; k < t->n; k++) {
		if (t->lines[k].group != l->group)
			continue;
		hidden += !t->lines[k].shown;
		first = first && !(t->lines[k].shown && k < i);
	}
	if (!first || !hidden)
		return t->lines[at].label;
	return scene_format(t->s, "%s +%zu", t->lines[at].label, hidden);
}

static void put(const struct sides *t, int x, int y, int width, const char *text,
        enum scene_role role, enum scene_mark mark)
{
	int marked = mark != MARK_NONE;

	if (width > 0)
		scene_add_text(t->s,
		        &(struct scene_text){x - marked, y, width + marked, text, role, mark});
}

/* Of a path that is too long the end tells more. */
static const char *fitting(const struct sides *t, const char *text, int width)
{
	return *text == '/' && text_width(text) > width && width > 1
	               ? describe_path(t->s, text, width)
	               : text;
}

static enum scene_role role_of(const char *text, const struct side_line *l)
{
	return text == same ? SCENE_DIM : l->role;
}

/* The side that a mark stands on: never beside nothing, where the other side has text. */
static bool mark_on_host(const struct side_line *l)
{
	return l->on_host ? *l->host || !*l->inside : *l->host && !*l->inside;
}

static void put_host(const struct sides *t, const struct side_line *l, int x, int y, int width)
{
	int text = text_width(l->host);
	enum scene_mark mark = mark_on_host(l) ? l->mark : MARK_NONE;

	if (l->meter >= 0 && text + 1 + METER <= width) {
		put(t, x, y, text, l->host, l->role, mark);
		scene_add_meter(
		        t->s, &(struct scene_meter){x + text + 1, y, METER, l->meter, l->role});
	} else if (*l->host || mark != MARK_NONE) {
		put(t, x, y, width, fitting(t, l->host, width), l->role, mark);
	}
}

static void put_inside(const struct sides *t, const struct side_line *l, int x, int y, int width)
{
	enum scene_mark mark = mark_on_host(l) ? MARK_NONE : l->mark;

	if (*l->inside || mark != MARK_NONE)
		put(t, x, y, width, fitting(t, l->inside, width), role_of(l->inside, l), mark);
}

static int draw_columns(struct sides *t, int x, int y, int width, int rows, const char *id)
{
	int label = label_width(t), left = x + label + 1, at = y + 1;
	int host = (width - label - 1) * 53 / 100, inside = width - label - 1 - host;

	scene_add_box(
	        t->s, &(struct scene_box){left, y, host, rows + 2, "seen from the host",
	                      SCENE_PROCESS, MARK_NONE, scene_format(t->s, "%s:host", id), 1});
	scene_add_box(
	        t->s, &(struct scene_box){left + host, y, inside, rows + 2, "seen from inside",
	                      SCENE_CONTAINER, MARK_NONE, scene_format(t->s, "%s:inside", id), 1});
	for (size_t i = 0; i < t->n; i++) {
		const struct side_line *l = &t->lines[i];
		if (!l->shown)
			continue;
		put(t, x, at, label, label_of(t, i), l->role, MARK_NONE);
		put_host(t, l, left + 2, at, host - 4);
		put_inside(t, l, left + host + 2, at, inside - 4);
		if (l->id)
			scene_add_item(
			        t->s, &(struct scene_item){left + host + 2, at, inside - 4, l->id});
		at++;
	}
	return rows + 2;
}

/* One below the other: the host's row first, which carries the label. */
static int draw_pairs(struct sides *t, int x, int y, int width, int rows)
{
	int label = label_width(t), left = x + label + 2, room = width - label - 2, at = y + 1;

	put(t, x, y, width, "first seen from the host, then from inside", SCENE_DIM, MARK_NONE);
	for (size_t i = 0; i < t->n && at < y + 1 + rows; i++) {
		struct side_line *l = &t->lines[i];
		if (!l->shown)
			continue;
		put(t, x, at, label, label_of(t, i), l->role, MARK_NONE);
		if (l->id)
			scene_add_item(t->s, &(struct scene_item){left, at, room, l->id});
		if (l->inside == same)
			l->host = scene_format(t->s, "%s, %s", l->host, same);
		if (*l->host || l->on_host)
			put_host(t, l, left, at++, room);
		if ((*l->inside || !*l->host) && l->inside != same && !l->on_host) {
			if (*l->host)
				put(t, x + 2, at, label - 2, "inside", SCENE_DIM, MARK_NONE);
			put_inside(t, l, left, at++, room);
		} else if (*l->inside && l->inside != same && l->on_host) {
			put(t, x + 2, at, label - 2, "inside", SCENE_DIM, MARK_NONE);
			put_inside(t, l, left, at++, room);
		}
	}
	return rows + 1;
}

int sides_draw(struct sides *t, int x, int y, int width, int height, const char *id)
{
	bool columns = width >= COLUMNS_WIDTH;
	int rows = height - (columns ? 2 : 1), used, drawn;
	size_t hidden = 0;

	if (rows < 1)
		return 0;
	used = choose(t, columns, rows);
	for (size_t g = 0; g < t->groups;
	        g++) { /* a group of which nothing is shown counts nowhere */
		bool any = false;
		for (size_t i = 0; i < t->n; i++)
			any = any || (t->lines[i].group == g && t->lines[i].shown);
		if (!any)
			hidden += (size_t)(group_height(t, g, true, t->n) > 0);
	}
	if (hidden && rows > 1) {
		used = choose(t, columns, rows - 1);
		hidden = 0;
		for (size_t i = 0; i < t->n; i++)
			hidden += !t->lines[i].shown;
	} else {
		hidden = 0;
	}
	drawn = columns ? draw_columns(t, x, y, width, used, id) : draw_pairs(t, x, y, width, used);
	if (hidden && drawn < height) {
		put(t, x, y + drawn, width,
		        scene_format(t->s, "+%zu more in a larger window", hidden), SCENE_DIM,
		        MARK_NONE);
		drawn++;
	}
	return drawn;
}
