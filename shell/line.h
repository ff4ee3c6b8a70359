/* One line from the keyboard. On a terminal through readline: editing, history, completion. From a
 * pipe or a file byte by byte, so that a command started later finds the rest of the input.
 *
 * The only room that knows readline, which has one state for the whole process: one `struct line`
 * at a time. */
#pragma once

#include "kernel/base/buf.h"
#include "kernel/base/error.h"

#include <stdbool.h>
#include <stddef.h>

struct line;
struct line_candidates; /* what the completion has found so far */

struct line_options {
	const char *history; /* file that keeps it between sessions, bounded; NULL = none */
	/* Fills in what may stand for `word`, which begins at byte `start` of `before`. Nothing
	 * filled in = file names. May be NULL. */
	void (*complete)(void *data, const char *before, size_t start, const char *word,
	        struct line_candidates *out);
	/* Called when `also_fd` has something to read; true = stop reading the line. -1 = none. */
	bool (*ready)(void *data);
	int also_fd;
	void *data;
};

enum line_result {
	LINE_TEXT,        /* a whole line, without its newline */
	LINE_END,         /* Ctrl-D on an empty line, or the end of the input */
	LINE_INTERRUPTED, /* Ctrl-C: what was typed is dropped */
	LINE_STOPPED,     /* `ready` wanted so; the line is what was typed so far */
	LINE_SIGNAL,      /* SIGTERM or SIGHUP: time to go */
};

int line_open(const struct line_options *options, struct line **ret, struct error *err);
void line_close(struct line *l); /* writes the history; accepts NULL */
bool line_is_terminal(const struct line *l);

/* Reads one line after `prompt`, with `prefill` (may be NULL) typed already. In the prompt, what
 * has no width (colours) stands between \001 and \002. Without a terminal an empty line takes the
 * prefill. `ret` is emptied first. */
enum line_result line_read(
        struct line *l, const char *prompt, const char *prefill, struct buf *ret);
/* Remembers a command; repetitions and empty ones are not. */
void line_remember(struct line *l, const char *text);

/* Adds `candidate` if it begins with the word that is being completed. */
void line_candidate(struct line_candidates *c, const char *candidate);
