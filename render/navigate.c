/* A box counts as its title's row, so that all targets are rows and geometry is that of segments:
 * down from a title is the first line of its card, right of it the card beside. */
#include "render/navigate.h"

#include "kernel/base/buf.h"
#include "kernel/base/cleanup.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MARGIN = 2 /* from a row of a card to its border */ };

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
}

/* ---- the map of one frame ---- */

static bool box_counts(const struct scene_box *b)
{
	return *b->id && b->role != SCENE_FRAME;
}

/* The innermost box around a cell, NULL when there is none. */
static const struct scene_box *box_around(const struct scene *s, int x, int y, bool counts)
{
	const struct scene_box *found = NULL;

	for (size_t i = 0; i < s->n_boxes; i++) {
		const struct scene_box *b = &s->boxes[i];
		if (x >= b->x && x < b->x + b->width && y >= b->y && y < b->y + b->height &&
		        (!counts || box_counts(b)) && (!found || b->depth > found->depth))
			found = b;
	}
	return found;
}

static void set_card(struct nav_target *t, const struct scene_box *b)
{
	t->left = b ? b->x : t->x;
	t->right = b ? b->x + b->width - 1 : t->x + t->width - 1;
	t->top = b ? b->y : t->y;
	t->bottom = b ? b->y + b->height - 1 : t->y;
}

static int by_reading(const void *a, const void *b)
{
	const struct nav_target *x = a, *y = b;

	if (x->top != y->top)
		return x->top < y->top ? -1 : 1;
	if (x->left != y->left)
		return x->left < y->left ? -1 : 1;
	if (x->y != y->y)
		return x->y < y->y ? -1 : 1;
	return (x->x > y->x) - (x->x < y->x);
}

static bool holds(const struct nav_target *t, int x, int y)
{
	return y == t->y && x >= t->x && x < t->x + t->width;
}

static void add_words(struct buf *b, const char *text)
{
	if (b->len)
		buf_addc(b, ' ');
	for (; *text; text++)
		buf_addc(b, lower(*text));
}

/* For each row the rows that stand for something in it: the first, and after each the next; -1 ends
 * it. A picture of everything has thousands of texts and of rows. */
struct row_index {
	int *first, *next;
	int height;
};

static int index_rows(struct nav_map *m, int height, struct row_index *ret)
{
	ret->height = height;
	ret->first = arena_alloc(&m->arena, ((size_t)height + m->n + 1) * sizeof *ret->first);
	if (!ret->first)
		return -ENOMEM;
	ret->next = ret->first + height;
	for (int y = 0; y < height; y++)
		ret->first[y] = -1;
	for (size_t i = 0; i < m->n; i++) {
		int y = m->targets[i].y;
		if (m->targets[i].box || y >= height)
			continue;
		ret->next[i] = ret->first[y];
		ret->first[y] = (int)i;
	}
	return 0;
}

/* Which target a text belongs to: its row, else the innermost box that counts; -1 = none. */
static ssize_t owner_of(const struct nav_map *m, const struct scene *s,
        const struct row_index *rows, const size_t *of_box, const struct scene_text *text)
{
	int x = text->x + (text->mark != MARK_NONE && text->width > 1);
	const struct scene_box *box;

	for (int i = text->y < rows->height ? rows->first[text->y] : -1; i >= 0; i = rows->next[i])
		if (holds(&m->targets[i], x, text->y))
			return i;
	box = box_around(s, x, text->y, true);
	return box ? (ssize_t)of_box[box - s->boxes] : -1;
}

/* The target that each box is, by the box's index. */
static size_t *find_boxes(struct nav_map *m, const struct scene *s)
{
	size_t *of_box = arena_alloc(&m->arena, (s->n_boxes + 1) * sizeof *of_box);

	for (size_t i = 0; of_box && i < m->n; i++)
		for (size_t k = 0; m->targets[i].box && k < s->n_boxes; k++)
			if (box_counts(&s->boxes[k]) && s->boxes[k].x == m->targets[i].left &&
			        s->boxes[k].y == m->targets[i].top)
				of_box[k] = i;
	return of_box;
}

static int collect_words(struct nav_map *m, const struct scene *s)
{
	auto_free struct buf *words = calloc(m->n + 1, sizeof *words);
	size_t *of_box = find_boxes(m, s);
	struct row_index rows;
	int r = words && of_box ? index_rows(m, s->height, &rows) : -ENOMEM;

	for (size_t i = 0; !r && i < s->n_boxes; i++)
		if (box_counts(&s->boxes[i]))
			add_words(&words[of_box[i]], s->boxes[i].title);
	for (size_t i = 0; !r && i < s->n_texts; i++) {
		ssize_t owner = owner_of(m, s, &rows, of_box, &s->texts[i]);
		if (owner >= 0)
			add_words(&words[owner], s->texts[i].text);
	}
	for (size_t k = 0; words && k < m->n; k++) {
		m->targets[k].words =
		        buf_failed(&words[k]) ? NULL : arena_strdup(&m->arena, buf_text(&words[k]));
		if (!m->targets[k].words)
			r = -ENOMEM;
		buf_release(&words[k]);
	}
	return r;
}

int nav_map_init(struct nav_map *m, const struct scene *s)
{
	*m = (struct nav_map){0};
	m->targets = arena_alloc(&m->arena, (s->n_boxes + s->n_items + 1) * sizeof *m->targets);
	if (!m->targets)
		return -ENOMEM;
	for (size_t i = 0; i < s->n_boxes; i++) {
		const struct scene_box *b = &s->boxes[i];
		if (!box_counts(b))
			continue;
		m->targets[m->n] = (struct nav_target){
		        .id = b->id, .x = b->x, .y = b->y, .width = b->width, .box = true};
		set_card(&m->targets[m->n++], b);
	}
	for (size_t i = 0; i < s->n_items; i++) {
		const struct scene_item *item = &s->items[i];
		struct nav_target *t = &m->targets[m->n++];
		*t = (struct nav_target){
		        .id = item->id, .x = item->x, .y = item->y, .width = item->width};
		set_card(t, box_around(s, item->x, item->y, true));
	}
	qsort(m->targets, m->n, sizeof *m->targets, by_reading);
	for (size_t i = 0; i < m->n; i++) {
		m->targets[i].id = arena_strdup(&m->arena, m->targets[i].id);
		if (!m->targets[i].id) {
			m->n = 0;
			return -ENOMEM;
		}
	}
	if (collect_words(m, s) < 0) {
		m->n = 0;
		return -ENOMEM;
	}
	return 0;
}

void nav_map_release(struct nav_map *m)
{
	arena_release(&m->arena);
	*m = (struct nav_map){0};
}

/* ---- focus ---- */

static int distance(const struct nav_target *t, int x, int y)
{
	int dx = x < t->x ? t->x - x : x >= t->x + t->width ? x - t->x - t->width + 1 : 0;

	return dx + 2 * abs(t->y - y); /* a cell is about twice as high as it is wide */
}

/* The nearest target that has this id of `n` bytes (n = 0: any); -1 = none. */
static ssize_t nearest(const struct nav_map *m, const char *id, size_t n, int x, int y)
{
	ssize_t found = -1;
	int best = INT_MAX;

	for (size_t i = 0; i < m->n; i++) {
		int d = distance(&m->targets[i], x, y);
		if (d < best &&
		        (!n || (!strncmp(m->targets[i].id, id, n) && !m->targets[i].id[n]))) {
			found = (ssize_t)i;
			best = d;
		}
	}
	return found;
}

ssize_t nav_find(const struct nav_map *m, struct nav_focus *focus)
{
	size_t n = strlen(focus->id);
	ssize_t found = -1;

	if (!n)
		return -1;
	while (n && found < 0) {
		found = nearest(m, focus->id, n, focus->x, focus->y);
		while (found < 0 && n && focus->id[--n] != ':')
			;
	}
	if (found < 0)
		found = nearest(m, "", 0, focus->x, focus->y);
	nav_set(m, found, focus);
	return found;
}

void nav_set(const struct nav_map *m, ssize_t i, struct nav_focus *focus)
{
	if (i < 0 || (size_t)i >= m->n) {
		*focus = (struct nav_focus){0};
		return;
	}
	snprintf(focus->id, sizeof focus->id, "%s", m->targets[i].id);
	focus->x = m->targets[i].x;
	focus->y = m->targets[i].y;
}

/* ---- moves ---- */

static int gap(int a, int a_end, int b, int b_end)
{
	return b > a_end ? b - a_end : a > b_end ? a - b_end : 0;
}

/* How far `to` lies from `from` in that direction; INT_MAX when it does not. Sideways counts first
 * how near the card is, then how near the row: cards side by side are neighbours whatever row one
 * comes from. Up and down it is the row, and what lies above or below before what lies askew. */
static int cost(const struct nav_target *from, const struct nav_target *to, enum nav_way way)
{
	int from_end = from->x + from->width - 1, to_end = to->x + to->width - 1;
	int dy = abs(to->y - from->y), dx;

	if (way == NAV_UP || way == NAV_DOWN) {
		if (way == NAV_UP ? to->y >= from->y : to->y <= from->y)
			return INT_MAX;
		dx = gap(from->x, from_end, to->x, to_end);
		return dy * 4 + (dx ? 200 + dx * 16 : 0) + abs(to->x - from->x) / 16;
	}
	if (way == NAV_RIGHT ? to->x <= from_end : to_end >= from->x)
		return INT_MAX;
	dx = gap(from->left, from->right, to->left, to->right);
	return (dx + 8 * gap(from->y, from->y, to->top, to->bottom)) * 64 + (dy < 63 ? dy : 63);
}

static ssize_t next_box(const struct nav_map *m, ssize_t from, int step)
{
	ssize_t n = (ssize_t)m->n;

	for (ssize_t k = 1; k <= n; k++) {
		ssize_t i = ((from + step * k) % n + n) % n;
		if (m->targets[i].box)
			return i;
	}
	return from;
}

ssize_t nav_move(const struct nav_map *m, ssize_t from, enum nav_way way)
{
	ssize_t found = from;
	int best = INT_MAX;

	if (!m->n)
		return -1;
	if (way == NAV_LAST)
		return (ssize_t)m->n - 1;
	if (from < 0 || (size_t)from >= m->n || way == NAV_FIRST)
		return 0;
	if (way == NAV_NEXT_BOX || way == NAV_PREVIOUS_BOX)
		return next_box(m, from, way == NAV_NEXT_BOX ? 1 : -1);
	for (size_t i = 0; i < m->n; i++) {
		int c = cost(&m->targets[from], &m->targets[i], way);
		if (c < best) {
			best = c;
			found = (ssize_t)i;
		}
	}
	return found;
}

ssize_t nav_at(const struct nav_map *m, int x, int y)
{
	ssize_t found = -1;

	for (size_t i = 0; i < m->n; i++) {
		const struct nav_target *t = &m->targets[i];
		if (!t->box && holds(t, x, y))
			return (ssize_t)i;
		/* The smallest box around: inner ones lie within outer ones. */
		if (t->box && x >= t->left && x <= t->right && y >= t->top && y <= t->bottom &&
		        (found < 0 || t->right - t->left <
		                              m->targets[found].right - m->targets[found].left))
			found = (ssize_t)i;
	}
	return found;
}

/* ---- search ---- */

static bool matches(const struct nav_target *t, const char *text)
{
	size_t n = strlen(text);

	for (const char *at = t->words; n && *at; at++) {
		size_t k = 0;
		while (k < n && at[k] == lower(text[k]))
			k++;
		if (k == n)
			return true;
	}
	return false;
}

ssize_t nav_search(const struct nav_map *m, ssize_t from, const char *text, bool back)
{
	ssize_t n = (ssize_t)m->n, start = from < 0 ? back ? 0 : -1 : from;

	for (ssize_t k = 1; k <= n; k++) {
		ssize_t i = ((start + (back ? -k : k)) % n + n) % n;
		if (matches(&m->targets[i], text))
			return i;
	}
	return -1;
}

size_t nav_count(const struct nav_map *m, const char *text)
{
	size_t count = 0;

	for (size_t i = 0; i < m->n; i++)
		count += matches(&m->targets[i], text);
	return count;
}

static void add_spot(struct scene *s, const struct nav_target *t, enum scene_spot_kind kind)
{
	int x = t->x, width = t->width;

	if (!t->box && x - MARGIN >= t->left && x + width - 1 + MARGIN <= t->right) {
		x -= MARGIN;
		width += 2 * MARGIN;
	}
	scene_add_spot(s, &(struct scene_spot){x, t->y, width, kind});
}

void nav_mark(struct scene *s, const struct nav_map *m, ssize_t focus, const char *text)
{
	for (size_t i = 0; text && *text && i < m->n; i++)
		if ((ssize_t)i != focus && matches(&m->targets[i], text))
			add_spot(s, &m->targets[i], SPOT_MATCH);
	if (focus >= 0 && (size_t)focus < m->n)
		add_spot(s, &m->targets[focus], SPOT_FOCUS);
}

/* ---- zoom ---- */

static bool lead(struct nav_zoom *ret, const char *view, const char *subject, size_t n)
{
	if (n >= sizeof ret->subject)
		return false;
	snprintf(ret->view, sizeof ret->view, "%s", view);
	snprintf(ret->subject, sizeof ret->subject, "%.*s", (int)n, subject);
	return true;
}

/* "NAME", or "NAME:PART" for a card of the container view. */
static bool zoom_container(const char *rest, struct nav_zoom *ret)
{
	static const char *const parts[] = {
	        "process", "namespaces", "cgroup", "rights", "mounts", "host", "inside"};
	static const char *const ends[] = {"all", "more", "steps", "step", "layers"};
	const char *colon = strrchr(rest, ':');
	size_t n = colon ? (size_t)(colon - rest) : 0;

	for (size_t i = 0; colon && i < sizeof ends / sizeof *ends; i++)
		if (!strcmp(colon + 1, ends[i]))
			return false;
	for (size_t i = 0; colon && i < sizeof parts / sizeof *parts; i++)
		if (!strcmp(colon + 1, parts[i]))
			return lead(ret, "process", rest, n);
	return lead(ret, "container", rest, strlen(rest));
}

bool nav_zoom(const char *id, struct nav_zoom *ret)
{
	static const struct {
		const char *id, *view;
	} cards[] = {
	        {"namespaces", "kernel"},
	        {"cgroups", "kernel"},
	        {"network", "network"},
	};
	char name[sizeof ret->subject + 8];

	if (!strncmp(id, "container:", 10))
		return zoom_container(id + 10, ret);
	if (!strncmp(id, "process:", 8) && !strchr(id + 8, ':'))
		return lead(ret, "process", id + 8, strlen(id + 8));
	if (!strncmp(id, "ns:", 3) && !strchr(id + 3, ':'))
		return lead(ret, "namespace", id + 3, strlen(id + 3));
	if (!strncmp(id, "ns:", 3)) { /* one of a type: the fact that it is there */
		int n = snprintf(name, sizeof name, "ns.%s", id + 3);
		if (n < 0 || (size_t)n >= sizeof name)
			return false;
		*strchr(name, ':') = '.';
		return lead(ret, "fact", name, strlen(name));
	}
	if (!strncmp(id, "cgroup:", 7)) {
		int n = snprintf(name, sizeof name, "cgroup.%s", id + 7);
		return n > 0 && (size_t)n < sizeof name && lead(ret, "fact", name, strlen(name));
	}
	if (!strncmp(id, "fact:", 5))
		return lead(ret, "fact", id + 5, strlen(id + 5));
	for (size_t i = 0; i < sizeof cards / sizeof *cards; i++)
		if (!strcmp(id, cards[i].id))
			return lead(ret, cards[i].view, "", 0);
	return false;
}
