#include "kernel/watch/wire/wire_inner.h"

#include <stdlib.h>
#include <string.h>

/* After so many writes that were nothing known it is something else. */
enum { MISSES = 64 };

struct wire *wire_new(bool bodies, wire_tell *tell, void *data)
{
	struct wire *w = calloc(1, sizeof *w);

	if (w) {
		w->bodies = bodies;
		w->given = &w->own_given;
		w->tell = tell;
		w->data = data;
	}
	return w;
}

void wire_share_given(struct wire *w, struct wire_given *given)
{
	w->given = given;
}

void wire_set_tell(struct wire *w, wire_tell *tell, void *data)
{
	w->tell = tell;
	w->data = data;
}

void wire_say(struct wire *w, const struct wire_said *said)
{
	if (w->tell)
		w->tell(w->data, said);
}

/* Back to where nothing is known of it. */
static void forget(struct wire *w)
{
	for (int side = 0; w->protocol && side < 2; side++)
		w->protocol->settle(w, side, true);
	if (w->protocol)
		w->protocol->release(w);
	w->protocol = NULL;
	w->state = NULL;
	for (int side = 0; side < 2; side++) {
		buf_release(&w->sides[side].in);
		w->sides[side] = (struct wire_side){0};
	}
	for (size_t i = 0; i < WIRE_ASKED; i++)
		wire_answered(&w->asked[i]);
}

void wire_free(struct wire *w)
{
	if (w)
		forget(w);
	free(w);
}

bool wire_over(const struct wire *w)
{
	return w->over;
}

/* ---- who waits ------------------------------------------------------------------------------- */

size_t wire_waiting(const struct wire *w, int side)
{
	size_t n = 0;

	for (size_t i = 0; i < WIRE_ASKED; i++)
		n += w->asked[i].used && w->asked[i].side == side;
	return n;
}

bool wire_owes(const struct wire *w, int side)
{
	const struct wire_side *s = &w->sides[side];

	return wire_waiting(w, !side) || s->pass || s->in.len ||
	       (w->protocol && w->protocol->busy && w->protocol->busy(w, side));
}

void wire_answered(struct wire_asked *a)
{
	if (!a)
		return;
	free(a->text);
	*a = (struct wire_asked){0};
}

void wire_ask(struct wire *w, int side, uint64_t id, const char *text)
{
	struct wire_asked *slot = &w->asked[0];

	for (size_t i = 0; i < WIRE_ASKED && slot->used; i++)
		if (!w->asked[i].used || w->asked[i].order < slot->order)
			slot = &w->asked[i];
	wire_answered(slot);
	*slot = (struct wire_asked){.used = true,
	        .side = side,
	        .id = id,
	        .at = w->now,
	        .order = ++w->order,
	        .text = strdup(text)};
}

struct wire_asked *wire_find(struct wire *w, int side, uint64_t id)
{
	for (size_t i = 0; i < WIRE_ASKED; i++)
		if (w->asked[i].used && w->asked[i].side == side && w->asked[i].id == id)
			return &w->asked[i];
	return NULL;
}

struct wire_asked *wire_oldest(struct wire *w, int side)
{
	struct wire_asked *oldest = NULL;

	for (size_t i = 0; i < WIRE_ASKED; i++)
		if (w->asked[i].used && w->asked[i].side == side &&
		        (!oldest || w->asked[i].order < oldest->order))
			oldest = &w->asked[i];
	return oldest;
}

void wire_answer(struct wire *w, struct wire_said *said, struct wire_asked *asked)
{
	said->answer = true;
	if (asked) {
		said->of = asked->text;
		said->asked = asked->at;
	}
	wire_say(w, said);
	wire_answered(asked);
}

/* ---- bytes ----------------------------------------------------------------------------------- */

static const struct wire_protocol *const protocols[] = {
        &wire_http2, &wire_http1, &wire_dbus, &wire_ttrpc};

/* Looks at what has come from a side so far. Whether the protocol is known now. */
static bool recognise(struct wire *w, int side, const char *bytes, size_t n, bool *more)
{
	for (size_t i = 0; i < sizeof protocols / sizeof *protocols; i++) {
		enum recognised r = protocols[i]->recognise(bytes, n);
		*more |= r == WIRE_MORE;
		if (r != WIRE_YES)
			continue;
		if (!protocols[i]->begin(w, side, bytes, n))
			break;
		w->protocol = protocols[i];
		return true;
	}
	return false;
}

static void pass_over(struct wire_side *s, const char *bytes, size_t n)
{
	size_t room = s->keep && s->keep->len < s->keep_most ? s->keep_most - s->keep->len : 0;

	if (room)
		buf_add_bytes(s->keep, bytes, n < room ? n : room);
	s->pass -= n;
}

/* How many bytes were taken. */
static size_t take_all(struct wire *w, int side, const char *bytes, size_t n)
{
	const struct wire_protocol *p = w->protocol;
	struct wire_side *s = &w->sides[side];
	size_t at = 0, used;

	do {
		used = s->pass < n - at ? (size_t)s->pass : n - at;
		if (used)
			pass_over(s, bytes + at, used);
		at += used;
		if (!s->pass)
			at += used = p->take(w, side, bytes + at, n - at);
	} while (used && !w->over && !w->anew);
	return at;
}

void wire_bytes(struct wire *w, int side, uint64_t now, const char *bytes, size_t n)
{
	struct wire_side *s = &w->sides[side];
	bool more = false, kept = s->in.len > 0;
	size_t used;

	if (w->over || !n)
		return;
	w->now = now;
	if (kept) {
		buf_add_bytes(&s->in, bytes, n);
		if (buf_failed(&s->in)) {
			w->over = true;
			return;
		}
		bytes = s->in.data;
		n = s->in.len;
	}
	if (!w->protocol && !recognise(w, side, bytes, n, &more)) {
		w->over = ++w->misses > MISSES;
		used = more ? 0 : n;
	} else {
		used = take_all(w, side, bytes, n);
	}
	if (w->protocol && !w->over && !w->anew)
		w->protocol->settle(w, side, false);
	if (w->over || w->anew) {
		w->anew = false;
		forget(w);
	} else if (n - used > WIRE_BUFFER) {
		w->over = true;
		forget(w);
	} else if (kept && s->in.data) {
		memmove(s->in.data, s->in.data + used, n - used);
		s->in.len = n - used;
	} else if (!kept) {
		buf_add_bytes(&s->in, bytes + used, n - used);
	}
}

size_t wire_pass(struct wire *w, int side, size_t n)
{
	struct wire_side *s = &w->sides[side];

	if (w->over)
		return n;
	/* The last one is left: with it the protocol sees that it has come to the end. */
	if (s->pass < 2 || (s->keep && s->keep->len < s->keep_most))
		return 0;
	if (n > s->pass - 1)
		n = (size_t)s->pass - 1;
	s->pass -= n;
	return n;
}
