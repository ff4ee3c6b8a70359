/* The lesson's text as an area of the stage: laid out for its width, scrolled, the next command
 * kept in sight; and the tutor's message over it. */
#pragma once

#include "render/screen.h"
#include "shell/lab_state.h"
#include "shell/lesson/markdown.h"
#include "shell/stage/layout.h"

struct stage_text {
	struct markdown *page; /* NULL = none yet */
	struct md_text lines;
	int width, top;   /* laid out for; first line shown */
	size_t next_line; /* where the next command to run stands */
	bool has_commands;
	bool follow; /* the learner has not scrolled: keep next_line in sight */
};

/* Takes a new state: `turned` = another page. 0 or -ENOMEM. */
int stage_text_take(
        struct stage_text *t, const struct lab_state *state, bool turned, int width, bool ascii);
void stage_text_release(struct stage_text *t);
/* Moves by lines; negative = up. */
void stage_text_scroll(struct stage_text *t, int lines, int height);
void stage_text_draw(struct stage_text *t, struct screen *screen, const struct rectangle *area);

/* A box with several lines of text at the bottom of an area, wrapped; what does not fit is cut with
 * an ellipsis. `text` may hold anything. */
void stage_message_draw(struct screen *screen, const struct rectangle *area, const char *title,
        const char *text, bool at_top);
