/* What the protocols share. Internal to kernel/watch/wire. */
#pragma once

#include "kernel/base/buf.h"
#include "kernel/watch/wire/wire.h"

enum {
	WIRE_ASKED = 64,         /* requests that wait for an answer; the oldest are forgotten */
	WIRE_BUFFER = 256 << 10, /* of what comes in pieces */
	WIRE_BODY = 16 << 10,    /* of a body that is told */
	WIRE_FIRST = 32,         /* of one that is not JSON */
};

enum recognised { WIRE_NO, WIRE_MORE, WIRE_YES };

struct wire_protocol {
	/* Whether these are the first bytes of a write in this protocol; it changes nothing. */
	enum recognised (*recognise)(const char *bytes, size_t n);
	/* Makes w->state, recognised by bytes of that side. False when memory is out. */
	bool (*begin)(struct wire *w, int side, const char *bytes, size_t n);
	/* Takes what it can from the front, and may set `pass` for what comes behind it; how many
	 * bytes, 0 = more are needed. Called also without any, when all were passed over. */
	size_t (*take)(struct wire *w, int side, const char *bytes, size_t n);
	/* A write has ended, or, with `end`, all: what has not been told is. */
	void (*settle)(struct wire *w, int side, bool end);
	void (*release)(struct wire *w);
	/* Whether the next bytes of that side must be heard though nothing is asked; NULL = no. */
	bool (*busy)(const struct wire *w, int side);
};

extern const struct wire_protocol wire_http1, wire_http2, wire_ttrpc, wire_dbus;

struct wire_side {
	struct buf in;    /* not taken yet */
	uint64_t pass;    /* to be passed over */
	struct buf *keep; /* what is passed over is kept there, up to `keep_most` */
	size_t keep_most;
};

struct wire_asked {
	bool used;
	int side;
	uint64_t id, at, order;
	char *text;
};

struct wire {
	const struct wire_protocol *protocol; /* NULL = not recognised yet */
	void *state;                          /* the protocol's */
	struct wire_side sides[2];
	struct wire_asked asked[WIRE_ASKED];
	uint64_t now, order;
	int misses; /* writes that were nothing known */
	bool bodies, over;
	struct wire_given *given, own_given;
	bool anew; /* what comes now is another protocol */
	wire_tell *tell;
	void *data;
};

/* Tells it to who listens. */
void wire_say(struct wire *w, const struct wire_said *said);
/* A request of that side waits for its answer from now on. */
void wire_ask(struct wire *w, int side, uint64_t id, const char *text);
/* The one that waits with this id, or NULL. */
struct wire_asked *wire_find(struct wire *w, int side, uint64_t id);
/* The one that has waited longest, or NULL. */
struct wire_asked *wire_oldest(struct wire *w, int side);
/* It need not wait any more. NULL is none. */
void wire_answered(struct wire_asked *a);
/* Tells an answer; `asked` may be NULL, and is answered then. */
void wire_answer(struct wire *w, struct wire_said *said, struct wire_asked *asked);

static inline uint32_t wire_u24(const char *bytes)
{
	const unsigned char *b = (const unsigned char *)bytes;

	return (uint32_t)b[0] << 16 | (uint32_t)b[1] << 8 | b[2];
}

static inline uint32_t wire_u32(const char *bytes)
{
	return (uint32_t)(unsigned char)bytes[0] << 24 | wire_u24(bytes + 1);
}
