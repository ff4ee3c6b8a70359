#include "shell/stage/explore.h"

#include "render/glyph.h"
#include "shell/stage/explore_keys.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Rows to lay out in when all that there is shall be seen; views end where they end. */
enum { TALL_ROWS = 400, WHEEL_ROWS = 3, BAR_FROM = 6 };

static void map_release(struct explore *e)
{
	nav_map_release(&e->map);
}

void explore_release(struct explore *e)
{
	map_release(e);
	for (size_t i = 0; i < e->n_folded; i++)
		free(e->folded[i]);
	*e = (struct explore){0};
}

void explore_activate(struct explore *e, bool active)
{
	if (active && !e->active && !*e->focus.id)
		e->fresh = true;
	e->active = active;
	if (!active)
		e->typing = e->help = false;
}

static void forget(struct explore *e)
{
	e->focus = (struct nav_focus){0};
	e->search[0] = e->note[0] = e->part[0] = '\0';
	e->typing = e->help = e->tall = false;
	e->top = 0;
	e->fresh = e->active;
}

void explore_reset(struct explore *e)
{
	e->n_places = 0;
	forget(e);
}

/* ---- places ---- */

static ssize_t focused(struct explore *e)
{
	return nav_find(&e->map, &e->focus);
}

static void focus_on(struct explore *e, ssize_t i)
{
	nav_set(&e->map, i, &e->focus);
	e->follow = true;
}

static bool ends_in(const char *id, const char *part)
{
	size_t n = strlen(id), len = strlen(part);

	return n > len && id[n - len - 1] == ':' && !strcmp(id + n - len, part);
}

/* A process among its family, say, in its own view: deeper would be the same picture once more. */
static bool is_here(const struct explore *e, const struct nav_zoom *zoom)
{
	const struct explore_place *at = e->n_places ? &e->places[e->n_places - 1] : NULL;

	return at && at->view == view_find(zoom->view) && !strcmp(at->subject, zoom->subject);
}

static void go_in(struct explore *e)
{
	struct nav_zoom zoom;
	struct explore_place *place = &e->places[e->n_places];
	const char *colon = strrchr(e->focus.id, ':');
	char part[sizeof e->part] = "";

	if (ends_in(e->focus.id, "more")) {
		e->tall = e->follow = true;
		return;
	}
	if (!nav_zoom(e->focus.id, &zoom) || !view_find(zoom.view)) {
		snprintf(e->note, sizeof e->note, "Nothing lies deeper here.");
		return;
	}
	if (is_here(e, &zoom)) {
		snprintf(e->note, sizeof e->note, "This is it: nothing lies deeper.");
		return;
	}
	if (e->n_places == EXPLORE_DEPTH) {
		snprintf(e->note, sizeof e->note, "That is deep enough: Esc goes back.");
		return;
	}
	*place = (struct explore_place){.view = view_find(zoom.view),
	        .from = e->focus,
	        .from_top = e->top,
	        .from_tall = e->tall};
	snprintf(place->subject, sizeof place->subject, "%s", zoom.subject);
	e->n_places++;
	/* From a card of a container to the like card of its process. */
	if (colon && !strcmp(zoom.view, "process"))
		snprintf(part, sizeof part, "%.*s", (int)sizeof part - 1, colon + 1);
	forget(e);
	memcpy(e->part, part, sizeof part);
	e->fresh = true;
}

static void go_back(struct explore *e)
{
	const struct explore_place *place;

	if (!e->n_places)
		return;
	place = &e->places[--e->n_places];
	forget(e);
	e->fresh = false;
	e->focus = place->from;
	e->top = place->from_top;
	e->tall = place->from_tall;
}

/* One step out. False when there is none left: the key leads out of the drawing. */
static bool step_out(struct explore *e)
{
	if (e->search[0]) {
		e->search[0] = '\0';
	} else if (e->n_places) {
		go_back(e);
	} else if (e->tall) {
		e->tall = false;
		e->top = 0;
	} else {
		return false;
	}
	return true;
}

/* ---- search ---- */

static void find(struct explore *e, bool back)
{
	ssize_t to = nav_search(&e->map, focused(e), e->search, back);

	if (to >= 0)
		focus_on(e, to);
	if (!e->search[0])
		snprintf(e->note, sizeof e->note, "/ searches for a word.");
	else if (to < 0)
		snprintf(e->note, sizeof e->note, "Nothing here is called so.");
}

/* Also what a paste brings: only printable characters count. */
static void type(struct explore *e, const struct screen_key *key)
{
	size_t n = strlen(e->search);

	switch (key->kind) {
	case KEY_KIND_ENTER:
		e->typing = false;
		return;
	case KEY_KIND_ESCAPE:
		e->typing = false;
		e->search[0] = '\0';
		e->focus = e->origin;
		e->follow = true;
		return;
	case KEY_KIND_BACKSPACE:
		if (!n)
			e->typing = false;
		while (n && (e->search[--n] & 0xc0) == 0x80) /* a character of several bytes */
			;
		e->search[n] = '\0';
		break;
	case KEY_KIND_CHARACTER: {
		char bytes[5];
		size_t len = glyph_encode(key->character, bytes);
		if (key->character < 0x20 || key->alt || n + len >= sizeof e->search)
			return;
		memcpy(e->search + n, bytes, len + 1);
		break;
	}
	default:
		return;
	}
	e->focus = e->origin; /* each letter searches anew from there */
	if (e->search[0])
		find(e, false);
}

/* ---- folding ---- */

static const char *foldable(struct explore *e)
{
	ssize_t at = focused(e);
	const struct nav_target *t = at < 0 ? NULL : &e->map.targets[at];

	if (!t)
		return NULL;
	if (t->box || !strncmp(t->id, "cgroup:", 7))
		return t->id;
	for (size_t i = 0; i < e->map.n; i++) {
		const struct nav_target *box = &e->map.targets[i];
		if (box->box && box->left == t->left && box->top == t->top)
			return box->id;
	}
	return NULL;
}

static void fold(struct explore *e, enum explore_action action)
{
	const char *id = foldable(e);
	size_t i = 0;

	while (id && i < e->n_folded && strcmp(e->folded[i], id) != 0)
		i++;
	if (!id)
		return;
	e->follow = true;
	if (i < e->n_folded) {
		if (action == EXPLORE_FOLD)
			return;
		free(e->folded[i]);
		e->folded[i] = e->folded[--e->n_folded];
	} else if (action == EXPLORE_UNFOLD) {
		while (e->n_folded) /* nothing here is folded: all is meant */
			free(e->folded[--e->n_folded]);
	} else if (e->n_folded < EXPLORE_FOLDED && (e->folded[i] = strdup(id))) {
		e->n_folded++;
		snprintf(e->focus.id, sizeof e->focus.id, "%s", id);
	}
}

/* ---- pan ---- */

static void clamp(struct explore *e)
{
	int last = e->rows - e->height;

	if (e->top > last)
		e->top = last;
	if (e->top < 0)
		e->top = 0;
}

/* The first step shows all that there is, from where the person looks; then the window moves. Above
 * the top everything fits again. */
static void pan(struct explore *e, int rows)
{
	if (!e->tall) {
		e->tall = e->follow = rows > 0;
		return;
	}
	if (rows < 0 && !e->top) {
		e->tall = false;
		return;
	}
	e->top += rows;
	clamp(e);
}

static void keep_in_sight(struct explore *e, ssize_t at)
{
	const struct nav_target *t = at < 0 ? NULL : &e->map.targets[at];

	clamp(e);
	if (!t || !e->follow)
		return;
	e->follow = false;
	if (t->y < e->top + 1)
		e->top = t->y - 1;
	else if (t->y > e->top + e->height - 2)
		e->top = t->y - e->height + 2;
	clamp(e);
}

/* ---- keys and mouse ---- */

static void move(struct explore *e, enum nav_way way)
{
	ssize_t from = focused(e), to = nav_move(&e->map, from, way);

	if (to == from && way == NAV_LEFT && e->n_places)
		go_back(e);
	else if (to >= 0)
		focus_on(e, to);
}

static bool act(struct explore *e, enum explore_action action)
{
	int page = e->height > 2 ? e->height - 2 : 1;

	switch (action) {
	case EXPLORE_NONE:
		return false;
	case EXPLORE_LEFT:
	case EXPLORE_RIGHT:
	case EXPLORE_UP:
	case EXPLORE_DOWN:
		move(e, (enum nav_way)(NAV_LEFT + (int)action - EXPLORE_LEFT));
		break;
	case EXPLORE_NEXT_CARD:
	case EXPLORE_PREVIOUS_CARD:
		move(e, action == EXPLORE_NEXT_CARD ? NAV_NEXT_BOX : NAV_PREVIOUS_BOX);
		break;
	case EXPLORE_FIRST:
	case EXPLORE_LAST:
		move(e, action == EXPLORE_FIRST ? NAV_FIRST : NAV_LAST);
		e->top = action == EXPLORE_FIRST ? 0 : e->rows;
		break;
	case EXPLORE_IN:
		go_in(e);
		break;
	case EXPLORE_BACK:
		go_back(e);
		break;
	case EXPLORE_ESCAPE:
		return step_out(e);
	case EXPLORE_SEARCH:
		e->typing = true;
		e->search[0] = '\0';
		e->origin = e->focus;
		break;
	case EXPLORE_NEXT_MATCH:
	case EXPLORE_PREVIOUS_MATCH:
		find(e, action == EXPLORE_PREVIOUS_MATCH);
		break;
	case EXPLORE_TOGGLE:
	case EXPLORE_FOLD:
	case EXPLORE_UNFOLD:
		fold(e, action);
		break;
	case EXPLORE_PAGE_UP:
	case EXPLORE_PAGE_DOWN:
		pan(e, action == EXPLORE_PAGE_UP ? -page : page);
		break;
	case EXPLORE_LINE_UP:
	case EXPLORE_LINE_DOWN:
		pan(e, action == EXPLORE_LINE_UP ? -1 : 1);
		break;
	case EXPLORE_HELP:
		e->help = true;
		break;
	}
	return true;
}

void explore_focus(struct explore *e, const char *id)
{
	snprintf(e->focus.id, sizeof(e->focus.id), "%s", id);
	e->fresh = false;
	e->follow = true;
}

bool explore_takes_text(const struct explore *e)
{
	return e->typing || e->help;
}

bool explore_take_key(struct explore *e, const struct screen_key *key)
{
	e->note[0] = '\0';
	if (e->help) {
		e->help = false;
		return true;
	}
	if (e->typing) {
		type(e, key);
		return true;
	}
	return act(e, explore_action_of(key));
}

void explore_take_mouse(struct explore *e, int row, int column, int button)
{
	ssize_t at;

	e->note[0] = '\0';
	e->help = false;
	if (button != 1) {
		pan(e, button == 4 ? -WHEEL_ROWS : WHEEL_ROWS);
		return;
	}
	at = nav_at(&e->map, column, row + e->top);
	if (at < 0)
		return;
	if (at == focused(e)) {
		go_in(e);
	} else {
		nav_set(&e->map, at, &e->focus);
		e->fresh = false;
	}
}

/* ---- frames ---- */

int explore_bar_rows(const struct explore *e, int height)
{
	return e->active && height >= BAR_FROM;
}

void explore_begin(struct explore *e, const struct view **view, struct view_input *in)
{
	if (e->n_places) {
		const struct explore_place *place = &e->places[e->n_places - 1];
		*view = place->view;
		in->subject = place->subject[0] ? place->subject : NULL;
	}
	in->folded = (const char *const *)e->folded;
	in->n_folded = e->n_folded;
	e->height = in->height;
	if (e->tall && in->height < TALL_ROWS)
		in->height = TALL_ROWS;
}

/* Where to begin in a view just entered: the card that was meant, else the first thing in it. */
static void focus_first(struct explore *e)
{
	for (size_t i = 0; e->part[0] && i < e->map.n; i++)
		if (ends_in(e->map.targets[i].id, e->part)) {
			focus_on(e, (ssize_t)i);
			return;
		}
	if (e->map.n)
		focus_on(e, e->map.n > 1 && ends_in(e->map.targets[0].id, "all"));
}

int explore_scene(struct explore *e, struct scene *s)
{
	struct nav_map fresh;
	ssize_t at;

	if (nav_map_init(&fresh, s) < 0) {
		nav_map_release(&fresh);
		return -ENOMEM;
	}
	map_release(e);
	e->map = fresh;
	e->rows = s->height;
	if (e->fresh && e->active) {
		focus_first(e);
		e->fresh = false;
		e->part[0] = '\0';
	}
	at = focused(e);
	keep_in_sight(e, at);
	if (e->active)
		nav_mark(s, &e->map, at, e->search);
	return s->failed ? -ENOMEM : 0;
}

/* ---- what is said ---- */

static void add_way(const struct explore *e, const char *root, bool ascii, struct buf *out)
{
	buf_addf(out, " %s", root);
	for (size_t i = 0; i < e->n_places; i++) {
		const struct explore_place *p = &e->places[i];
		buf_addf(out, " %s %s%s%s", ascii ? ">" : "▸", p->view->name,
		        p->subject[0] ? " " : "", p->subject);
	}
	if (e->tall)
		buf_addf(out, "  rows %d-%d of %d", e->top + 1,
		        e->top + e->height < e->rows ? e->top + e->height : e->rows, e->rows);
}

void explore_bar(
        const struct explore *e, const char *root, bool ascii, struct buf *left, struct buf *right)
{
	size_t n = e->search[0] ? nav_count(&e->map, e->search) : 0;

	if (e->typing || e->search[0]) {
		buf_addf(left, " /%s%s", e->search, e->typing ? ascii ? "_" : "▏" : "");
		buf_addf(right, "%zu here  %s ", n,
		        e->typing ? "Enter keeps, Esc ends" : "n N next, Esc ends");
		return;
	}
	if (e->note[0])
		buf_addf(left, " %s", e->note);
	else
		add_way(e, root, ascii, left);
	buf_addf(right, "Enter in  %s  / search  ? keys ",
	        e->n_places || e->tall ? "Esc back" : "Esc leaves");
}

void explore_help(struct buf *out)
{
	for (const struct explore_key *k = explore_keys; k->action; k++)
		if (k->help[0])
			buf_addf(out, "%-17s %s\n", k->names, k->help);
}
