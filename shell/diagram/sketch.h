/* The diagram that a learner draws: parts in bands and arrows between them, each change undone and
 * redone. Kept as JSON, below STATE/diagrams a file for each task:
 *
 *   {"version": 1, "task": "single-host",
 *    "parts": [{"part": "docker", "band": "user", "graded": false}, …],
 *    "arrows": [{"from": "docker", "to": "dockerd", "label": "HTTP", "graded": true}, …],
 *    "undo": [{"parts": …, "arrows": …}, …], "redo": […]}
 *
 * A part is there once, an arrow once from one part to another. "graded" is told of what was looked
 * at by `grade` and has not changed since. Unknown keys are skipped; a sketch that breaks these
 * rules or the limits below is -EINVAL, whoever wrote it. */
#pragma once

#include "kernel/base/buf.h"
#include "kernel/base/error.h"
#include "render/diagram.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum {
	SKETCH_NAME = 32,  /* bytes of a name, with its NUL */
	SKETCH_LABEL = 96, /* the same of a label: valid UTF-8 without control characters */
	SKETCH_PARTS = 64,
	SKETCH_ARROWS = 128,
	SKETCH_UNDO = 24,
};

struct sketch_part {
	char name[SKETCH_NAME];
	enum diagram_band band;
	bool graded;
};

struct sketch_arrow {
	char from[SKETCH_NAME], to[SKETCH_NAME], label[SKETCH_LABEL];
	bool graded;
};

/* What is drawn at one moment. */
struct sketch_state {
	struct sketch_part *parts;
	size_t n_parts;
	struct sketch_arrow *arrows;
	size_t n_arrows;
};

struct sketch {
	char task[SKETCH_NAME];
	struct sketch_state now;
	struct sketch_state undo[SKETCH_UNDO], redo[SKETCH_UNDO]; /* the newest last */
	size_t n_undo, n_redo;
	bool picture; /* it was read out of an SVG, which is not written to */
};

/* An empty one. Released by sketch_release(). */
void sketch_init(struct sketch *d, const char *task);
void sketch_release(struct sketch *d);

/* From and to JSON. `ret` stays untouched on failure. */
int sketch_parse(const char *text, size_t n, struct sketch *ret, struct error *err);
int sketch_print(const struct sketch *d, struct buf *out);
/* Puts it into an SVG, as metadata, without what could be undone: so a picture that was handed in
 * can be graded. sketch_parse() finds it there. 0 or -errno. */
int sketch_print_svg(const struct sketch *d, const char *svg, struct buf *out);

ssize_t sketch_find_part(const struct sketch *d, const char *name);
ssize_t sketch_find_arrow(const struct sketch *d, const char *from, const char *to);

/* Changes. Each can be undone, and ends what could be redone. Negative errno: -ENOENT = there is no
 * such thing, -EEXIST = nothing would change, -ENOSPC = there are too many, -EINVAL = a name or
 * label that cannot be, -ELOOP = an arrow from a part to itself. */
int sketch_place(struct sketch *d, const char *part, enum diagram_band band);
/* Earlier or later among the parts of its band. */
int sketch_shift(struct sketch *d, const char *part, int by);
int sketch_remove_part(struct sketch *d, const char *part); /* with its arrows */
int sketch_connect(struct sketch *d, const char *from, const char *to, const char *label);
int sketch_disconnect(struct sketch *d, const char *from, const char *to);
int sketch_clear(struct sketch *d);
/* -ENOENT when there is nothing to undo or redo. */
int sketch_undo(struct sketch *d);
int sketch_redo(struct sketch *d);
/* Notes what was looked at; not to be undone. */
void sketch_set_graded(struct sketch *d, bool graded);
