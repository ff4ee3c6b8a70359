#include "shell/stage/history.h"

#include "kernel/observe/model_same.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 16, WANTS_LIMIT = 256 };

static void forget_note(struct history_state *s)
{
	free(s->view);
	free(s->subject);
	free(s->wants);
	s->view = s->subject = NULL;
	s->wants = NULL;
	s->n_wants = 0;
}

static void drop(struct history *h, size_t i)
{
	struct history_state *s = &h->states[i];

	h->bytes -= s->bytes;
	forget_note(s);
	model_free(s->model);
	memmove(s, s + 1, (h->n - i - 1) * sizeof(*s));
	h->n--;
}

/* States own their models; the live one is of its own where it is none of theirs. */
static void set_live(struct history *h, struct model *model)
{
	if (h->live && (!h->n || h->states[h->n - 1].model != h->live))
		model_free(h->live);
	h->live = model;
}

void history_release(struct history *h)
{
	set_live(h, NULL);
	while (h->n)
		drop(h, h->n - 1);
	free(h->states);
	*h = (struct history){0};
}

static bool is_first(const struct history *h, size_t i)
{
	return i == 0 || h->states[i - 1].page != h->states[i].page;
}

static bool is_full(const struct history *h)
{
	return h->n > HISTORY_STATES || h->bytes > HISTORY_BYTES;
}

/* First what lies between the starts of pages, then the starts, the oldest first. */
static void make_room(struct history *h)
{
	while (is_full(h) && h->n > 2) {
		uint64_t page = h->states[h->n - 1].page;
		size_t i = 1;

		while (i < h->n - 1 && is_first(h, i))
			i++;
		if (i == h->n - 1)
			i = 0;
		if (i == 0 && h->states[0].page == page)
			return;
		drop(h, i);
	}
}

static int grow(struct history *h)
{
	size_t room = h->room ? h->room * 2 : FIRST_ROOM;
	struct history_state *more;

	if (h->n < h->room)
		return 0;
	if (!(more = reallocarray(h->states, room, sizeof(*more))))
		return -ENOMEM;
	h->states = more;
	h->room = room;
	return 0;
}

int history_add(struct history *h, struct model *model)
{
	const struct history_state *last = h->n ? &h->states[h->n - 1] : NULL;
	size_t bytes = sizeof(*model) + arena_bytes(&model->arena);

	if (!h->pages)
		h->pages = 1;
	if (last && last->page == h->pages && model_same(last->model, model)) {
		set_live(h, model);
		return 0;
	}
	if (grow(h) < 0) {
		model_free(model);
		return -ENOMEM;
	}
	set_live(h, model);
	h->states[h->n++] = (struct history_state){
	        .number = ++h->numbers, .page = h->pages, .model = model, .bytes = bytes};
	h->bytes += bytes;
	make_room(h);
	return 0;
}

void history_turn(struct history *h)
{
	h->pages++;
}

static bool same_text(const char *a, const char *b)
{
	return !strcmp(a ? a : "", b ? b : "");
}

static bool is_noted(const struct history_state *s, const struct lab_state *lab)
{
	if (s->step != lab->step || s->n_wants != lab->n_unmet || !same_text(s->view, lab->view) ||
	        !same_text(s->subject, lab->subject))
		return false;
	for (size_t i = 0; i < s->n_wants; i++)
		if (strcmp(s->wants[i].fact, lab->unmet[i].fact) != 0 ||
		        strcmp(s->wants[i].wanted, lab->unmet[i].wanted) != 0)
			return false;
	return true;
}

/* One block: the wants, then their words. */
static void copy_wants(struct history_state *s, const struct lab_state *lab)
{
	size_t n = lab->n_unmet < WANTS_LIMIT ? lab->n_unmet : WANTS_LIMIT;
	size_t size = n * sizeof(*s->wants);
	char *words;

	for (size_t i = 0; i < n; i++)
		size += strlen(lab->unmet[i].fact) + strlen(lab->unmet[i].wanted) + 2;
	if (!n || !(s->wants = malloc(size)))
		return;
	words = (char *)(s->wants + n);
	for (size_t i = 0; i < n; i++) {
		s->wants[i].fact = words;
		words = stpcpy(words, lab->unmet[i].fact) + 1;
		s->wants[i].wanted = words;
		words = stpcpy(words, lab->unmet[i].wanted) + 1;
	}
	s->n_wants = n;
}

void history_note(struct history *h, const struct lab_state *lab)
{
	struct history_state *s = h->n ? &h->states[h->n - 1] : NULL;

	if (!s || is_noted(s, lab))
		return;
	forget_note(s);
	s->step = lab->step;
	s->view = lab->view ? strdup(lab->view) : NULL;
	s->subject = lab->subject ? strdup(lab->subject) : NULL;
	copy_wants(s, lab);
}

const struct history_state *history_newest(const struct history *h)
{
	return h->n ? &h->states[h->n - 1] : NULL;
}

const struct history_state *history_first_of(
        const struct history *h, const struct history_state *state)
{
	while (state > h->states && state[-1].page == state->page)
		state--;
	return state;
}

const struct history_state *history_find(const struct history *h, uint64_t number)
{
	for (size_t i = 0; i < h->n; i++)
		if (h->states[i].number >= number)
			return &h->states[i];
	return NULL;
}

const struct history_state *history_move(
        const struct history *h, const struct history_state *from, int by, bool pages)
{
	const struct history_state *last = h->states + h->n - 1, *at = from;
	int step = by < 0 ? -1 : 1;

	for (; by; by -= step)
		do {
			if (at == (step < 0 ? h->states : last))
				return at;
			at += step;
		} while (pages && history_first_of(h, at) != at);
	return at;
}
