#include "shell/diagram/sketch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void state_release(struct sketch_state *s)
{
	free(s->parts);
	free(s->arrows);
	*s = (struct sketch_state){0};
}

void sketch_init(struct sketch *d, const char *task)
{
	*d = (struct sketch){0};
	strncpy(d->task, task, sizeof(d->task) - 1);
}

void sketch_release(struct sketch *d)
{
	state_release(&d->now);
	for (size_t i = 0; i < d->n_undo; i++)
		state_release(&d->undo[i]);
	for (size_t i = 0; i < d->n_redo; i++)
		state_release(&d->redo[i]);
	*d = (struct sketch){0};
}

ssize_t sketch_find_part(const struct sketch *d, const char *name)
{
	for (size_t i = 0; i < d->now.n_parts; i++)
		if (!strcmp(d->now.parts[i].name, name))
			return (ssize_t)i;
	return -1;
}

ssize_t sketch_find_arrow(const struct sketch *d, const char *from, const char *to)
{
	for (size_t i = 0; i < d->now.n_arrows; i++)
		if (!strcmp(d->now.arrows[i].from, from) && !strcmp(d->now.arrows[i].to, to))
			return (ssize_t)i;
	return -1;
}

/* ---- undo ---- */

/* With room for one more of each. */
static int copy(const struct sketch_state *from, struct sketch_state *ret)
{
	struct sketch_state s = {
	        calloc(from->n_parts + 1, sizeof(*s.parts)),
	        from->n_parts,
	        calloc(from->n_arrows + 1, sizeof(*s.arrows)),
	        from->n_arrows,
	};

	if (!s.parts || !s.arrows) {
		state_release(&s);
		return -ENOMEM;
	}
	if (from->n_parts)
		memcpy(s.parts, from->parts, from->n_parts * sizeof(*s.parts));
	if (from->n_arrows)
		memcpy(s.arrows, from->arrows, from->n_arrows * sizeof(*s.arrows));
	*ret = s;
	return 0;
}

/* Takes the state; the oldest one goes when there are too many. */
static void push(struct sketch_state *stack, size_t *n, struct sketch_state s)
{
	if (*n == SKETCH_UNDO) {
		state_release(&stack[0]);
		memmove(stack, stack + 1, (SKETCH_UNDO - 1) * sizeof(*stack));
		--*n;
	}
	stack[(*n)++] = s;
}

/* Before a change: what is now goes to the undo, and `now` is a copy with room. */
static int begin(struct sketch *d)
{
	struct sketch_state fresh;
	int r = copy(&d->now, &fresh);

	if (r < 0)
		return r;
	push(d->undo, &d->n_undo, d->now);
	d->now = fresh;
	while (d->n_redo)
		state_release(&d->redo[--d->n_redo]);
	return 0;
}

static int go(struct sketch *d, struct sketch_state *from, size_t *n_from, struct sketch_state *to,
        size_t *n_to)
{
	if (!*n_from)
		return -ENOENT;
	push(to, n_to, d->now);
	d->now = from[--*n_from];
	return 0;
}

int sketch_undo(struct sketch *d)
{
	return go(d, d->undo, &d->n_undo, d->redo, &d->n_redo);
}

int sketch_redo(struct sketch *d)
{
	return go(d, d->redo, &d->n_redo, d->undo, &d->n_undo);
}

/* ---- changes ---- */

static bool is_name(const char *name)
{
	size_t n = strlen(name);

	return n && n < SKETCH_NAME && !name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-")];
}

int sketch_place(struct sketch *d, const char *part, enum diagram_band band)
{
	ssize_t at = sketch_find_part(d, part);
	struct sketch_part *p;
	int r;

	if (!is_name(part) || band >= BAND_COUNT)
		return -EINVAL;
	if (at >= 0 && d->now.parts[at].band == band)
		return -EEXIST;
	if (at < 0 && d->now.n_parts == SKETCH_PARTS)
		return -ENOSPC;
	if ((r = begin(d)) < 0)
		return r;
	p = &d->now.parts[at < 0 ? (ssize_t)d->now.n_parts++ : at];
	*p = (struct sketch_part){.band = band};
	memcpy(p->name, part, strlen(part) + 1);
	return 0;
}

int sketch_shift(struct sketch *d, const char *part, int by)
{
	ssize_t at = sketch_find_part(d, part), other = at;
	struct sketch_part kept;
	int r;

	if (at < 0)
		return -ENOENT;
	do {
		other += by < 0 ? -1 : 1;
	} while (other >= 0 && other < (ssize_t)d->now.n_parts &&
	         d->now.parts[other].band != d->now.parts[at].band);
	if (other < 0 || other >= (ssize_t)d->now.n_parts)
		return -EEXIST;
	if ((r = begin(d)) < 0)
		return r;
	kept = d->now.parts[at];
	d->now.parts[at] = d->now.parts[other];
	d->now.parts[other] = kept;
	return 0;
}

static void drop_arrow(struct sketch_state *s, size_t at)
{
	s->n_arrows--;
	memmove(&s->arrows[at], &s->arrows[at + 1], (s->n_arrows - at) * sizeof(*s->arrows));
}

int sketch_remove_part(struct sketch *d, const char *part)
{
	ssize_t at = sketch_find_part(d, part);
	struct sketch_state *s = &d->now;
	int r;

	if (at < 0)
		return -ENOENT;
	if ((r = begin(d)) < 0)
		return r;
	for (size_t i = s->n_arrows; i > 0; i--)
		if (!strcmp(s->arrows[i - 1].from, s->parts[at].name) ||
		        !strcmp(s->arrows[i - 1].to, s->parts[at].name))
			drop_arrow(s, i - 1);
	s->n_parts--;
	memmove(&s->parts[at], &s->parts[at + 1], (s->n_parts - (size_t)at) * sizeof(*s->parts));
	return 0;
}

/* One line of text that may be shown: the writer of a file is not trusted with escapes. */
static bool is_label(const char *label)
{
	if (strlen(label) >= SKETCH_LABEL)
		return false;
	for (const unsigned char *p = (const unsigned char *)label; *p; p++)
		if (*p < 0x20 || *p == 0x7f)
			return false;
	return true;
}

int sketch_connect(struct sketch *d, const char *from, const char *to, const char *label)
{
	ssize_t at = sketch_find_arrow(d, from, to);
	struct sketch_arrow *a;
	int r;

	if (sketch_find_part(d, from) < 0 || sketch_find_part(d, to) < 0)
		return -ENOENT;
	if (!strcmp(from, to))
		return -ELOOP;
	if (!is_label(label))
		return -EINVAL;
	if (at >= 0 && !strcmp(d->now.arrows[at].label, label))
		return -EEXIST;
	if (at < 0 && d->now.n_arrows == SKETCH_ARROWS)
		return -ENOSPC;
	if ((r = begin(d)) < 0)
		return r;
	a = &d->now.arrows[at < 0 ? (ssize_t)d->now.n_arrows++ : at];
	*a = (struct sketch_arrow){0};
	memcpy(a->from, from, strlen(from) + 1);
	memcpy(a->to, to, strlen(to) + 1);
	memcpy(a->label, label, strlen(label) + 1);
	return 0;
}

int sketch_disconnect(struct sketch *d, const char *from, const char *to)
{
	ssize_t at = sketch_find_arrow(d, from, to);
	int r;

	if (at < 0)
		return -ENOENT;
	if ((r = begin(d)) < 0)
		return r;
	drop_arrow(&d->now, (size_t)at);
	return 0;
}

int sketch_clear(struct sketch *d)
{
	int r;

	if (!d->now.n_parts)
		return -EEXIST;
	if ((r = begin(d)) < 0)
		return r;
	d->now.n_parts = d->now.n_arrows = 0;
	return 0;
}

void sketch_set_graded(struct sketch *d, bool graded)
{
	for (size_t i = 0; i < d->now.n_parts; i++)
		d->now.parts[i].graded = graded;
	for (size_t i = 0; i < d->now.n_arrows; i++)
		d->now.arrows[i].graded = graded;
}
