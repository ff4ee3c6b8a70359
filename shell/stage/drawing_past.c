/* The states of the machine that this drawing has seen, one of which may be looked at. */
#include "shell/stage/drawing_state.h"

#include <inttypes.h>
#include <time.h>

const struct history_state *drawing_past(const struct drawing *d)
{
	const struct history *h = machine_history(d->machine);
	const struct history_state *s = d->past ? history_find(h, d->past) : NULL;

	return s && s != history_newest(h) ? s : NULL;
}

int drawing_past_rows(const struct drawing *d, int height)
{
	return height > 1 && drawing_past(d);
}

bool drawing_return(struct drawing *d)
{
	bool was = d->past;

	d->past = 0;
	d->touched |= was;
	return was;
}

void drawing_go(struct drawing *d, int by, bool pages)
{
	const struct history *h = machine_history(d->machine);
	const struct history_state *from = drawing_past(d), *to;

	if (!from)
		from = history_newest(h);
	if (!from)
		return;
	to = history_move(h, from, by, pages);
	d->past = to == history_newest(h) ? 0 : to->number;
	d->touched = true;
}

/* "state 12 of 40, 3 pages ago, 14:03:22" */
void drawing_tell_past(const struct drawing *d, struct buf *out)
{
	const struct history_state *s = drawing_past(d);
	const struct history *h = machine_history(d->machine);
	uint64_t pages = history_newest(h)->page - s->page;
	time_t seconds = (time_t)(s->model->time_ms / 1000);
	struct tm local;
	char time[16];

	buf_addf(out, " THE PAST: state %zu of %zu, ", (size_t)(s - h->states) + 1, h->n);
	if (pages)
		buf_addf(out, "%" PRIu64 " page%s ago, ", pages, pages > 1 ? "s" : "");
	if (localtime_r(&seconds, &local) && strftime(time, sizeof(time), "%H:%M:%S", &local))
		buf_add(out, time);
	buf_add(out, "   [ ] back, on   { } by page   Esc now ");
}
