/* The states of the machine that a drawing has seen, the oldest first: what a person goes back to.
 *
 * A state is a whole model, kept as it was read: going back costs nothing, and keeping costs memory
 * only. That is bounded: HISTORY_STATES states of HISTORY_BYTES altogether. When there is no more
 * room, the oldest goes that is not the first of its page; of pages that are over, the first stays
 * longest, since that is what a lesson goes back to. The newest state, and the first of its page,
 * always stay. */
#pragma once

#include "kernel/observe/model.h"
#include "render/view.h"
#include "shell/lab_state.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HISTORY_STATES = 1000, HISTORY_BYTES = 64 << 20 };

struct history_state {
	uint64_t number; /* grows by one with each; never used again */
	uint64_t page;   /* pages are numbered as they come, from 1 */
	int step;        /* of the lesson, as the page was numbered there */
	struct model *model;
	size_t bytes;
	char *view, *subject;    /* that the page wanted, NULL = none */
	struct view_want *wants; /* what it still asked for */
	size_t n_wants;
};

struct history {
	struct model *live; /* as last read; shows the same machine as the newest state */
	struct history_state *states;
	size_t n, room, bytes;
	uint64_t numbers, pages;
};

void history_release(struct history *h);
/* Takes the model, which is `live` until the next call. It is a new state when it shows another
 * machine than the newest one (kernel/observe/model_same.h), and the first after history_turn().
 * -ENOMEM: then the model is freed and nothing else has changed. */
int history_add(struct history *h, struct model *model);
/* Another page begins with the next state. */
void history_turn(struct history *h);
/* The newest state belongs to this moment of the lab. Without memory it knows less. */
void history_note(struct history *h, const struct lab_state *lab);

/* The newest state, and the first of the page that a state belongs to; NULL when there is none. */
const struct history_state *history_newest(const struct history *h);
const struct history_state *history_first_of(
        const struct history *h, const struct history_state *state);
/* That state, or the one after it where it has made room; NULL when there is none. */
const struct history_state *history_find(const struct history *h, uint64_t number);
/* The state that lies `by` states (or, with `pages`, starts of pages) from one, cut at the ends:
 * back from the middle of a page to its start first. */
const struct history_state *history_move(
        const struct history *h, const struct history_state *from, int by, bool pages);
