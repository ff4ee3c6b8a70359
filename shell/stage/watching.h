/* The watch that goes on in a lab, or has ended on this page, as the view "toolchain" shows it, and
 * how much of it (shell/watch/level.h): what the page or a word at the prompt says, `view toolchain
 * api`, until a key says otherwise. */
#pragma once

#include "render/view.h"
#include "shell/watch/level.h"
#include "shell/watch/lifelines.h"

#include <stdint.h>

struct watching {
	const struct watch_recording *recording; /* NULL = nothing */
	unsigned run, run_before;                /* which one; the last one of the page before */
	enum watch_level level, said;            /* that is shown; that was last said */
};

void watching_init(struct watching *w);
/* A page begins: what was watched before it is over. */
void watching_turn(struct watching *w);
/* Whether the toolchain is this watch now. */
bool watching_goes_on(const struct watching *w);
/* What a letter does: 1 2 3 4 a level, + - one more, one less. False: it is none of these. */
bool watching_letter(struct watching *w, uint32_t letter);
/* Puts it into what the view is laid out from; the arena's. `in->subject` may be a level's name. 0
 * or -ENOMEM. */
int watching_lay_out(
        struct watching *w, struct view_input *in, struct lifelines *lines, struct arena *arena);
