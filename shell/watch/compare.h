/* Two recorded watches beside each other: the system calls that both make, in which order, those
 * that only one makes, and how long each layer of the toolchain took. */
#pragma once

#include "kernel/base/arena.h"
#include "kernel/base/buf.h"
#include "kernel/base/error.h"
#include "kernel/watch/recording.h"
#include "shell/watch/layer.h"
#include "shell/watch/level.h"

#include <stdbool.h>

enum watch_pair_kind {
	PAIR_SAME,
	PAIR_OTHER, /* the same call with other arguments or another outcome */
	PAIR_FIRST, /* only the first run has it */
	PAIR_SECOND,
	PAIR_KINDS,
};

struct watch_pair {
	enum watch_pair_kind kind;
	size_t first, second; /* indices of calls */
};

struct watch_side {
	const struct watch_recording *recording;
	struct watch_times times;
	struct compared_call {
		const char *name, *text; /* text: normalised (normal.h) and clean */
		size_t count;            /* alike, one after the other */
	} * calls;
	size_t n;
};

struct watch_compare {
	struct watch_side sides[2];
	struct watch_pair *pairs; /* in the order of both */
	size_t n;
	size_t kinds[PAIR_KINDS];
	struct arena arena;
};

/* Calls of this level; the recordings stay as long as *ret. -E2BIG for too many of them. */
int watch_compare(const struct watch_recording *first, const struct watch_recording *second,
        enum watch_level level, struct watch_compare *ret, struct error *err);
void watch_compare_release(struct watch_compare *c);

/* For people, as diff --side-by-side has it: between both sides nothing, |, < or >. */
void watch_compare_text(const struct watch_compare *c, int width, bool ascii, struct buf *out);
/* One object, {"cutaway-watch-compare": 1, …}:
 *   "runs"   two: "command", "started", "us" and "layers", of each layer by name {"us", "calls_us"}
 *   "same", "other", "first", "second"   how many pairs there are of each kind
 *   "pairs"  in order: "kind", and "first", "second", normalised calls, where there is one
 *   "only"   two objects: of the calls that only this run makes, by name, how many
 * -ENOMEM. */
int watch_compare_json(const struct watch_compare *c, struct buf *out);
