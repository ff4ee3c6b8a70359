/* Two recorded watches beside each other: the system calls that both make and what both ask of
 * daemons and runtimes, in which order, what only one does, and how long each layer of the
 * toolchain took. */
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
	PAIR_OTHER, /* the same call, of each run one that the other never makes so: other arguments
	             * or another outcome */
	PAIR_FIRST, /* the second run has nothing here; if it has the very same elsewhere, or less
	             * often, the call says `there` */
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
		bool there;              /* the other run makes the very same, somewhere */
	} * calls;
	size_t n;
};

struct watch_compare {
	struct watch_side sides[2];
	struct watch_pair *pairs; /* in the order of both */
	size_t n;
	size_t kinds[PAIR_KINDS];
	size_t there[2]; /* of PAIR_FIRST and PAIR_SECOND, those that are elsewhere in the other */
	struct arena arena;
};

/* Calls and requests of this level; a method of gRPC whose name was not heard is "(probably NAME)"
 * where inferred.h knows one. The recordings stay as long as *ret. -E2BIG for too many of
 * them. */
int watch_compare(const struct watch_recording *first, const struct watch_recording *second,
        enum watch_level level, struct watch_compare *ret, struct error *err);
void watch_compare_release(struct watch_compare *c);

/* For people, as diff --side-by-side has it: between both sides nothing, |, < or >, and ( or ) for
 * what is elsewhere in the other. What differs is told whole, on several lines when it must; what
 * is the same on one. */
void watch_compare_text(const struct watch_compare *c, int width, bool ascii, struct buf *out);
/* One object, {"cutaway-watch-compare": 1, …}:
 *   "runs"   two: "command", "started", "us" and "layers", of each layer by name {"us", "calls_us"}
 *   "same", "other", "first", "second"   how many pairs there are of each kind
 *   "elsewhere"   two numbers: how many of "first" and of "second" the other run makes elsewhere
 *   "pairs"  in order: "kind", and "first", "second", normalised calls, where there is one; of one
 *            alone "elsewhere": whether the other run makes it at another place, or less often
 *   "only"   two objects: of the calls that the other run makes nowhere, by name, how many
 * -ENOMEM. */
int watch_compare_json(const struct watch_compare *c, struct buf *out);
