/* ttrpc, github.com/containerd/ttrpc PROTOCOL.md: what containerd and its shims speak. A message is
 * a head of ten bytes and one of protobuf (protobuf.dev, "Encoding"). */
#include "kernel/base/cleanup.h"
#include "kernel/watch/wire/mask.h"
#include "kernel/watch/wire/wire_inner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEAD = 10, MESSAGE_MAX = 4 << 20, NAME_MAX_BYTES = 256 };
enum { REQUEST = 1, RESPONSE = 2, DATA = 3 };

/* What is read of a message: the beginning is enough, payloads come behind. */
enum { READ_MOST = 4096 };

struct head {
	uint32_t length, stream;
	int type, flags;
};

static struct head head_at(const char *b)
{
	return (struct head){
	        wire_u32(b), wire_u32(b + 4), (unsigned char)b[8], (unsigned char)b[9]};
}

static bool is_head(const struct head *h)
{
	return h->length <= MESSAGE_MAX && h->stream % 2 == 1 && h->stream < 1u << 31 &&
	       h->type >= REQUEST && h->type <= DATA && h->flags < 8;
}

/* ---- protobuf -------------------------------------------------------------------------------- */

struct field {
	uint64_t number, value; /* value: of a varint; of a string, how long it is */
	const char *bytes;      /* NULL: not all of it is at hand */
	int type;
};

static bool varint(const char **at, const char *end, uint64_t *ret)
{
	uint64_t value = 0;

	for (int shift = 0; *at < end && shift < 64; shift += 7) {
		unsigned char c = (unsigned char)*(*at)++;
		value |= (uint64_t)(c & 0x7f) << shift;
		if (!(c & 0x80)) {
			*ret = value;
			return true;
		}
	}
	return false;
}

/* The next field, and behind it; false at the end or where there is none. */
static bool next_field(const char **at, const char *end, struct field *f)
{
	uint64_t key;

	if (*at >= end || !varint(at, end, &key))
		return false;
	*f = (struct field){.number = key >> 3, .type = (int)(key & 7)};
	if (f->type == 0)
		return varint(at, end, &f->value);
	if (f->type != 2 || !varint(at, end, &f->value))
		return false;
	if (f->value <= (uint64_t)(end - *at))
		f->bytes = *at;
	*at = f->bytes ? f->bytes + f->value : end;
	return true;
}

static bool is_name(const struct field *f)
{
	if (f->type != 2 || !f->bytes || !f->value || f->value > NAME_MAX_BYTES)
		return false;
	for (uint64_t i = 0; i < f->value; i++)
		if (f->bytes[i] <= ' ' || f->bytes[i] >= 0x7f)
			return false;
	return true;
}

/* Request: 1 service, 2 method, 3 payload. */
struct request {
	struct field service, method, payload;
};

static bool read_request(const char *bytes, size_t n, struct request *ret)
{
	const char *at = bytes, *end = bytes + n;
	struct request r = {0};
	struct field f;

	while (next_field(&at, end, &f)) {
		if (f.number == 1)
			r.service = f;
		else if (f.number == 2)
			r.method = f;
		else if (f.number == 3)
			r.payload = f;
	}
	if (!is_name(&r.service) || !is_name(&r.method))
		return false;
	*ret = r;
	return true;
}

/* ---- telling --------------------------------------------------------------------------------- */

static void add_body(const struct wire *w, struct buf *out, const struct field *payload)
{
	if (w->bodies && payload->bytes && payload->value)
		mask_bytes(out, payload->bytes,
		        payload->value < WIRE_FIRST ? (size_t)payload->value : WIRE_FIRST);
}

static void on_request(struct wire *w, int side, uint32_t id, const char *bytes, size_t n)
{
	struct wire_said said = {.api = "ttrpc", .side = side};
	auto_buf text = BUF_INIT, body = BUF_INIT;
	struct request r;

	if (!read_request(bytes, n, &r))
		return;
	buf_addf(&text, "/%.*s/%.*s", (int)r.service.value, r.service.bytes, (int)r.method.value,
	        r.method.bytes);
	said.text = buf_text(&text);
	said.bytes = (int64_t)r.payload.value;
	add_body(w, &body, &r.payload);
	said.body = body.len ? buf_text(&body) : NULL;
	wire_ask(w, side, id, said.text);
	wire_say(w, &said);
}

/* Response: 1 status (google.rpc.Status: 1 code, 2 message), 2 payload. */
static void on_response(struct wire *w, int side, uint32_t id, const char *bytes, size_t n)
{
	const char *at = bytes, *end = bytes + n, *inner, *inner_end;
	struct field f, g, message = {0}, payload = {0};
	struct wire_said said = {.api = "ttrpc", .side = side};
	auto_buf text = BUF_INIT, body = BUF_INIT;
	uint64_t code = 0;

	while (next_field(&at, end, &f)) {
		if (f.number == 2 && f.type == 2)
			payload = f;
		if (f.number != 1 || !f.bytes)
			continue;
		inner = f.bytes;
		inner_end = f.bytes + f.value;
		while (next_field(&inner, inner_end, &g)) {
			if (g.number == 1 && g.type == 0)
				code = g.value;
			else if (g.number == 2 && g.bytes)
				message = g;
		}
	}
	buf_addf(&text, "status %u", (unsigned)code);
	if (!code)
		buf_add(&text, " OK");
	if (message.bytes && message.value)
		buf_addf(&text, ": %.*s", message.value < 200 ? (int)message.value : 200,
		        message.bytes);
	said.text = buf_text(&text);
	said.bytes = (int64_t)payload.value;
	add_body(w, &body, &payload);
	said.body = body.len ? buf_text(&body) : NULL;
	wire_answer(w, &said, wire_find(w, !side, id));
}

/* ---- bytes ----------------------------------------------------------------------------------- */

static bool is_row_of_messages(const char *bytes, size_t n)
{
	while (n >= HEAD) {
		struct head h = head_at(bytes);
		if (!is_head(&h) || h.length > n - HEAD)
			return false;
		bytes += HEAD + h.length;
		n -= HEAD + h.length;
	}
	return n == 0;
}

/* A request is known by the names in it. An answer says nothing of the kind: it must be there as a
 * whole. */
static enum recognised ttrpc_recognise(const char *bytes, size_t n)
{
	struct request r;
	struct head h;

	if (n < HEAD)
		return WIRE_NO;
	h = head_at(bytes);
	if (!is_head(&h))
		return WIRE_NO;
	if (h.type == REQUEST && n == HEAD)
		return WIRE_MORE;
	if (h.type == REQUEST)
		return read_request(bytes + HEAD, h.length < n - HEAD ? h.length : n - HEAD, &r)
		               ? WIRE_YES
		               : WIRE_NO;
	return h.length && is_row_of_messages(bytes, n) ? WIRE_YES : WIRE_NO;
}

static bool ttrpc_begin(struct wire *w, int side, const char *bytes, size_t n)
{
	(void)w;
	(void)side;
	(void)bytes;
	(void)n;
	return true;
}

static size_t ttrpc_take(struct wire *w, int side, const char *bytes, size_t n)
{
	size_t wanted;
	struct head h;

	if (n < HEAD)
		return 0;
	h = head_at(bytes);
	if (!is_head(&h)) /* lost: the next write begins with a head */
		return n;
	wanted = h.length < READ_MOST ? h.length : READ_MOST;
	if (n < HEAD + wanted)
		return 0;
	if (h.type == REQUEST)
		on_request(w, side, h.stream, bytes + HEAD, wanted);
	else if (h.type == RESPONSE)
		on_response(w, side, h.stream, bytes + HEAD, wanted);
	w->sides[side].pass = h.length - wanted;
	return HEAD + wanted;
}

static void ttrpc_settle(struct wire *w, int side, bool end)
{
	(void)w;
	(void)side;
	(void)end;
}

static void ttrpc_release(struct wire *w)
{
	(void)w;
}

const struct wire_protocol wire_ttrpc = {
        ttrpc_recognise, ttrpc_begin, ttrpc_take, ttrpc_settle, ttrpc_release, NULL};
