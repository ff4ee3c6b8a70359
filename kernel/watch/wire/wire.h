/* What two processes say to each other over one connection, taken from the bytes that each of them
 * writes: HTTP/1.1 (RFC 9112), gRPC over HTTP/2 (RFC 9113), ttrpc (its PROTOCOL.md) and D-Bus (its
 * specification). The bytes say which one it is; what is none of them is not told, and nothing is
 * guessed: of a connection that began before the first byte that was seen, what depends on the
 * earlier ones is told to be not known: "(method A: named before we looked)", of each a letter.
 *
 * Bodies are passed over by their sizes. What would be a secret is masked, mask.h. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One thing said. The texts are valid during the call, and may hold any byte but NUL. */
struct wire_said {
	const char *api;  /* "http", "grpc", "ttrpc", "dbus" */
	int side;         /* who said it */
	bool answer;      /* else a request */
	const char *text; /* "POST /v1.41/containers/create"; "201 Created" */
	const char *of;   /* of an answer: the request's text; NULL = it was not seen */
	const char *to;   /* whom the message itself names as who shall get it, or NULL */
	int64_t bytes;    /* of its body; -1 = there is none, or its size is not known yet */
	uint64_t asked;   /* of an answer with `of`: when that was said */
	const char *body; /* masked; NULL = not asked for, or there is none */
};

typedef void wire_tell(void *data, const struct wire_said *said);

struct wire;

/* With `bodies` the beginning of each is told as well. NULL when memory is out. */
struct wire *wire_new(bool bodies, wire_tell *tell, void *data);
/* Letters that were given to what could not be read (http2.c): with one that several connections
 * share, which stays as long as they do, no two of them use the same. */
struct wire_given {
	unsigned methods, statuses;
};
void wire_share_given(struct wire *w, struct wire_given *given);
/* Who is told from now on; NULL = nobody. */
void wire_set_tell(struct wire *w, wire_tell *tell, void *data);
/* What waits for its end is told as it is. NULL is none. */
void wire_free(struct wire *w);

/* Side 0 or 1 has said these bytes, in one write or read; `now` in microseconds. */
void wire_bytes(struct wire *w, int side, uint64_t now, const char *bytes, size_t n);
/* Of the next `n` bytes of that side, how many need not be read at all: they count as said. */
size_t wire_pass(struct wire *w, int side, size_t n);
/* Nothing more will be told: it is none of these, or it has become something else, as after
 * docker's attach. */
bool wire_over(const struct wire *w);
/* Whether that side must go on to be listened to: it has been asked and has not answered to the
 * end, or what comes later could not be understood. */
bool wire_owes(const struct wire *w, int side);
/* How many requests of that side have no answer yet. */
size_t wire_waiting(const struct wire *w, int side);
