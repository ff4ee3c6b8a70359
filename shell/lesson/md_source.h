/* The source of a page before CommonMark sees it.
 *
 * CommonMark knows nothing of ```{{exec}}: a closing fence with something after it closes nothing
 * there, and the rest of the page would become code. So the lines around fences are put into the
 * form that CommonMark reads, and each mark becomes a comment after its block. Code of several
 * lines between single back-ticks, with a mark behind it, is made a block too: a sentence would
 * lose its line ends. */
#pragma once

#include "kernel/base/buf.h"
#include "shell/lesson/markdown.h"

struct md_action {
	enum md_block_kind kind;
	int terminal, host;
};

/* Reads an action mark, `{{exec}}`, `{{ Execute T2 }}`, `{{exec interrupt HOST1}}`, `{{copy}}`,
 * `{{}}`, at the start of the text, after blanks. The bytes it takes, 0 when there is none there.
 */
size_t md_action_parse(const char *text, size_t n, struct md_action *ret);

/* An action as a comment of HTML, which goes behind the code that it belongs to. */
enum { MD_ACTION_COMMENT = 64 };
int md_action_comment(const struct md_action *action, char out[MD_ACTION_COMMENT]);
bool md_action_parse_comment(const char *html, struct md_action *ret);

/* A growing map from lines of the normalised text to lines of the source. */
struct md_source {
	struct buf text;
	int *lines; /* lines[i] = source line (from 1) of line i; owned */
	size_t n_lines, room;
	/* The first fence that is not closed before the text ends: its line in the source, 0 when
	 * all are; and the line of another that opens in it, as if it had been, 0 = none. */
	int open_fence, next_fence;
	bool failed;
};

/* 0 or -ENOMEM. */
int md_source_normalise(const char *text, struct md_source *ret);
void md_source_release(struct md_source *s);
