#include "shell/stage/place.h"

void place_add(const struct lab_state *state, bool narrow, bool ascii, struct buf *out)
{
	if (!*state->lesson) {
		buf_add(out, state->serial ? " no lesson" : " starting the lab …");
		return;
	}
	buf_addf(out, " %s%s%d/%d", narrow ? "" : state->lesson_title, narrow ? "" : " ",
	        state->step, state->steps > 0 ? state->steps - 1 : 0);
	if (state->passed)
		buf_addf(out, " %s", ascii ? "[passed]" : "✓");
	else if (state->n_unmet)
		buf_addf(out, " (%zu missing)", state->n_unmet);
	buf_addf(out, " %s", state->step_title);
}
