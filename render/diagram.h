/* A diagram that a learner draws, as it is to be shown: parts in bands, arrows between them, and
 * what the one who graded it thinks of each. Plain data, made by shell/diagram/picture.h, laid out
 * by the view "diagram". Strings belong to whoever made it; they may hold anything that a person
 * can type. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum diagram_band { BAND_YOU, BAND_REMOTE, BAND_USER, BAND_KERNEL, BAND_COUNT };

enum diagram_verdict {
	VERDICT_NONE, /* not graded, or changed since */
	VERDICT_RIGHT,
	VERDICT_VAGUE, /* true, but it says too little */
	VERDICT_WRONG,
};

struct diagram_part {
	const char *name, *title;
	enum diagram_band band;
	enum diagram_verdict verdict;
	const char *reason; /* "" = there is nothing to say */
};

struct diagram_arrow {
	size_t from, to; /* indices into parts, never the same */
	const char *label;
	enum diagram_verdict verdict;
	const char *reason;
};

struct diagram_picture {
	const char *title, *ask; /* of the task */
	const char *score;       /* "7 of 12 arrows"; "" = not graded */
	const struct diagram_part *parts;
	size_t n_parts;
	const struct diagram_arrow *arrows;
	size_t n_arrows;
	const char *const *hints; /* what is missing, as questions */
	size_t n_hints;
};

/* "you", "another host", "user space", "kernel". */
extern const char *const diagram_band_titles[BAND_COUNT];
