/* HTTP/2, RFC 9113, as gRPC uses it (github.com/grpc/grpc doc/PROTOCOL-HTTP2.md): a request's path
 * is the method, the answer ends with grpc-status. Frames are told apart by their heads; only those
 * with header fields are read. */
#include "kernel/base/cleanup.h"
#include "kernel/watch/wire/header_block.h"
#include "kernel/watch/wire/http2_frame.h"
#include "kernel/watch/wire/mask.h"
#include "kernel/watch/wire/unseen.h"
#include "kernel/watch/wire/wire_inner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STREAMS = 64 };

static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
enum { PREFACE = sizeof preface - 1 };

struct stream {
	uint32_t id;         /* 0 = free */
	uint64_t order, at;  /* at: when it was asked */
	int asker;           /* the side whose request it is */
	char *text, *status; /* of the request, of the answer so far */
	bool grpc, pending;
	int64_t bytes[2]; /* by side */
	struct buf body[2];
};

struct h2_side {
	struct header_table *table;
	struct unseen unseen;  /* what was put into that before we looked */
	bool preface;          /* it comes first */
	bool lost;             /* nothing is read until a write is a row of frames */
	struct frame in_block; /* whose header fields are being gathered; its type is HEADERS */
	struct buf block;
	struct stream *data; /* whose bytes are passed over just now */
	bool ends;           /* and it ends with them */
};

struct http2 {
	struct h2_side sides[2];
	struct stream streams[STREAMS];
	uint64_t order;
};

/* ---- beginning and end ----------------------------------------------------------------------- */

static enum recognised http2_recognise(const char *bytes, size_t n)
{
	if (!memcmp(bytes, preface, n < PREFACE ? n : PREFACE))
		return n < PREFACE ? WIRE_MORE : WIRE_YES;
	return n >= HEAD && frame_is_row(bytes, n) ? WIRE_YES : WIRE_NO;
}

static void stream_end(struct stream *s)
{
	free(s->text);
	free(s->status);
	buf_release(&s->body[0]);
	buf_release(&s->body[1]);
	*s = (struct stream){0};
}

static void http2_release(struct wire *w)
{
	struct http2 *h = w->state;

	for (int side = 0; side < 2; side++) {
		header_table_free(h->sides[side].table);
		buf_release(&h->sides[side].block);
	}
	for (size_t i = 0; i < STREAMS; i++)
		stream_end(&h->streams[i]);
	free(h);
}

/* The server's first frame is its SETTINGS (section 3.4), which it may send before it has seen the
 * preface; an acknowledgement, or later ones, have a flag or do not happen. */
static bool http2_begin(struct wire *w, int side, const char *bytes, size_t n)
{
	struct http2 *h = calloc(1, sizeof *h);
	bool client = !memcmp(bytes, preface, PREFACE < n ? PREFACE : n), whole = client;
	struct frame f = {0};

	if (!h)
		return false;
	if (!client) {
		f = frame_at(bytes);
		whole = f.type == SETTINGS && !f.flags;
	}
	w->state = h;
	h->sides[client ? side : !side].preface = whole;
	for (int i = 0; i < 2; i++)
		h->sides[i].table = header_table_new(whole);
	if (h->sides[0].table && h->sides[1].table)
		return true;
	http2_release(w);
	w->state = NULL;
	return false;
}

/* ---- streams --------------------------------------------------------------------------------- */

static struct stream *stream_find(struct http2 *h, uint32_t id)
{
	for (size_t i = 0; i < STREAMS; i++)
		if (h->streams[i].id == id)
			return &h->streams[i];
	return NULL;
}

/* The oldest is forgotten when there are too many. */
static struct stream *stream_new(struct http2 *h, uint32_t id)
{
	struct stream *s = stream_find(h, id);

	for (size_t i = 0; !s && i < STREAMS; i++)
		if (!h->streams[i].id)
			s = &h->streams[i];
	if (!s) {
		s = &h->streams[0];
		for (size_t i = 1; i < STREAMS; i++)
			if (h->streams[i].order < s->order)
				s = &h->streams[i];
		for (int side = 0; side < 2; side++)
			if (h->sides[side].data == s)
				h->sides[side].data = NULL;
	}
	stream_end(s);
	s->id = id;
	s->order = ++h->order;
	return s;
}

/* A message of gRPC has five bytes before it, PROTOCOL-HTTP2.md "Length-Prefixed-Message". */
static void add_body(const struct wire *w, const struct stream *s, int side, struct buf *out)
{
	size_t skip = s->grpc ? 5 : 0;

	if (w->bodies && s->body[side].len > skip)
		mask_bytes(out, s->body[side].data + skip, s->body[side].len - skip);
}

static void tell_request(struct wire *w, int side, struct stream *s, bool whole)
{
	struct wire_said said = {.api = s->grpc ? "grpc" : "http",
	        .side = side,
	        .text = s->text,
	        .bytes = whole ? s->bytes[side] : -1};
	auto_buf body = BUF_INIT;

	s->pending = false;
	add_body(w, s, side, &body);
	said.body = body.len ? buf_text(&body) : NULL;
	wire_say(w, &said);
}

static void tell_answer(struct wire *w, int side, struct stream *s, const char *status)
{
	struct wire_said said = {.api = s->grpc ? "grpc" : "http",
	        .side = side,
	        .text = status,
	        .of = s->text,
	        .asked = s->at,
	        .bytes = s->bytes[side]};
	auto_buf body = BUF_INIT;

	if (s->pending)
		tell_request(w, !side, s, false);
	add_body(w, s, side, &body);
	said.body = body.len ? buf_text(&body) : NULL;
	wire_answer(w, &said, wire_find(w, !side, s->id));
	stream_end(s);
}

static void http2_settle(struct wire *w, int side, bool end)
{
	struct http2 *h = w->state;

	(void)end;
	for (size_t i = 0; i < STREAMS; i++)
		if (h->streams[i].pending && h->streams[i].asker == side)
			tell_request(w, side, &h->streams[i], false);
}

/* ---- header fields --------------------------------------------------------------------------- */

struct fields {
	struct buf method, path, status, grpc_status, grpc_message, type;
	int unseen[2]; /* the first two that came into the table before we looked; 0 = none */
};

static void on_field(
        void *data, const char *name, size_t name_bytes, const char *value, size_t value_bytes)
{
	struct fields *f = data;
	const struct {
		const char *name;
		struct buf *to;
	} wanted[] = {{":method", &f->method}, {":path", &f->path}, {":status", &f->status},
	        {"grpc-status", &f->grpc_status}, {"grpc-message", &f->grpc_message},
	        {"content-type", &f->type}};

	if (header_unseen(name, name_bytes) && (!f->unseen[0] || !f->unseen[1]))
		f->unseen[f->unseen[0] != 0] = header_unseen(name, name_bytes);
	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
		if (strlen(wanted[i].name) == name_bytes &&
		        !memcmp(name, wanted[i].name, name_bytes)) {
			buf_reset(wanted[i].to);
			buf_add_bytes(wanted[i].to, value, value_bytes);
		}
}

static void release_fields(struct fields *f)
{
	buf_release(&f->method);
	buf_release(&f->path);
	buf_release(&f->status);
	buf_release(&f->grpc_status);
	buf_release(&f->grpc_message);
	buf_release(&f->type);
}

static bool is_grpc(const struct fields *f)
{
	/* Plain HTTP/2 over what can be read is gRPC's; browsers speak it under TLS alone. */
	if (!f->type.len)
		return f->unseen[0] != 0;
	return !strncmp(buf_text(&f->type), "application/grpc", strlen("application/grpc"));
}

static void on_request(struct wire *w, int side, uint32_t id, const struct fields *f)
{
	struct http2 *h = w->state;
	struct stream *s = stream_new(h, id);
	auto_buf text = BUF_INIT;

	s->asker = side;
	s->grpc = is_grpc(f);
	if (!s->grpc)
		buf_addf(&text, "%s ", buf_text(&f->method));
	if (f->path.len)
		mask_target(&text, f->path.data, f->path.len);
	else if (f->unseen[0])
		unseen_add(&h->sides[side].unseen, f->unseen, "method", &w->given->methods, &text);
	else
		buf_add(&text, "(no path)");
	s->text = buf_steal(&text);
	if (!s->text) {
		stream_end(s);
		return;
	}
	s->pending = true;
	s->at = w->now;
	wire_ask(w, side, id, s->text);
}

static const char *grpc_code(const char *number)
{
	static const char *const names[] = {"OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT",
	        "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED",
	        "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE",
	        "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED"};
	char *end;
	unsigned long code = strtoul(number, &end, 10);

	return *number && !*end && code < sizeof names / sizeof *names ? names[code] : "";
}

static void on_answer(struct wire *w, int side, struct stream *s, const struct fields *f, bool ends)
{
	struct http2 *h = w->state;
	auto_buf text = BUF_INIT;

	if (f->status.len) {
		free(s->status);
		s->status = strdup(buf_text(&f->status));
	}
	if (!ends)
		return;
	if (f->grpc_status.len) {
		const char *number = buf_text(&f->grpc_status);
		buf_addf(&text, "grpc-status %s %s", number, grpc_code(number));
	} else if (s->grpc && f->unseen[0]) {
		unseen_add(&h->sides[side].unseen, f->unseen, "status", &w->given->statuses, &text);
	} else {
		buf_add(&text, s->status ? s->status : "(no status)");
	}
	if (f->grpc_message.len)
		buf_addf(&text, ": %.200s", buf_text(&f->grpc_message));
	tell_answer(w, side, s, buf_text(&text));
}

/* A stream has ended on one side. */
static void on_end(struct wire *w, int side, struct stream *s)
{
	if (s->pending && s->asker == side)
		tell_request(w, side, s, true);
	else if (s->status && s->asker != side)
		tell_answer(w, side, s, s->status);
}

/* The block is whole. False when it cannot be unpacked. */
static bool on_block(struct wire *w, int side)
{
	struct http2 *h = w->state;
	struct h2_side *hs = &h->sides[side];
	bool ends = hs->in_block.flags & END_STREAM;
	uint32_t id = hs->in_block.stream;
	struct fields f = {0};
	struct stream *s;
	bool read = header_table_read(hs->table, buf_text(&hs->block), hs->block.len, on_field, &f);

	hs->in_block = (struct frame){0};
	buf_reset(&hs->block);
	if (read && f.method.len)
		on_request(w, side, id, &f);
	s = read ? stream_find(h, id) : NULL;
	if (!s && read &&
	        (f.status.len || f.grpc_status.len)) { /* its request was before we looked */
		s = stream_new(h, id);
		s->asker = !side;
		s->grpc = f.grpc_status.len || is_grpc(&f);
	}
	if (s && s->asker != side)
		on_answer(w, side, s, &f, ends);
	else if (s && ends)
		on_end(w, side, s);
	release_fields(&f);
	return read;
}

/* ---- bytes ----------------------------------------------------------------------------------- */

/* Where one frame was not what it should be nothing behind it can be trusted, and of the table of
 * fields nobody knows what has come into it: from here on as if we had begun to look just now. The
 * next write that is a row of frames is taken again. */
static size_t lost(struct wire *w, int side, size_t n)
{
	struct h2_side *hs = &((struct http2 *)w->state)->sides[side];
	struct header_table *table = header_table_new(false);

	if (!table) {
		w->over = true;
		return n;
	}
	header_table_free(hs->table);
	hs->table = table;
	hs->unseen = (struct unseen){0};
	hs->preface = false;
	hs->lost = true;
	hs->data = NULL;
	hs->in_block = (struct frame){0};
	buf_reset(&hs->block);
	return n;
}

static size_t take_headers(struct wire *w, int side, const struct frame *f, const char *b)
{
	struct h2_side *hs = &((struct http2 *)w->state)->sides[side];
	size_t length = f->length, front = 0, behind = 0;

	if (f->type == HEADERS && f->flags & PADDED) {
		behind = (unsigned char)b[HEAD];
		front = 1;
	}
	if (f->type == HEADERS && f->flags & HAS_PRIORITY)
		front += 5;
	if (front + behind > length || hs->block.len + length > BLOCK_MAX)
		return lost(w, side, HEAD + length);
	if (f->type == HEADERS)
		hs->in_block = *f;
	buf_add_bytes(&hs->block, b + HEAD + front, length - front - behind);
	if (f->flags & END_HEADERS && !on_block(w, side))
		return lost(w, side, HEAD + length);
	return HEAD + length;
}

static void data_begins(struct wire *w, int side, const struct frame *f)
{
	struct http2 *h = w->state;
	struct stream *s = stream_find(h, f->stream);

	h->sides[side].data = s;
	h->sides[side].ends = f->flags & END_STREAM;
	if (!s)
		return;
	s->bytes[side] += f->length;
	w->sides[side].keep = w->bodies ? &s->body[side] : NULL;
	w->sides[side].keep_most = WIRE_FIRST + 5;
}

static void data_ended(struct wire *w, int side)
{
	struct h2_side *hs = &((struct http2 *)w->state)->sides[side];
	struct stream *s = hs->data;

	w->sides[side].keep = NULL;
	hs->data = NULL;
	if (s && hs->ends)
		on_end(w, side, s);
}

/* Who is reset by the server has got its answer. */
static void on_reset(struct wire *w, int side, uint32_t id, uint32_t code)
{
	struct stream *s = stream_find(w->state, id);
	char text[64];

	if (!s)
		return;
	snprintf(text, sizeof text, "reset, error code %u", code);
	if (s->asker != side) {
		tell_answer(w, side, s, text);
	} else {
		if (s->pending)
			tell_request(w, side, s, false);
		wire_answered(wire_find(w, side, id)); /* but one may be under way */
	}
}

static size_t take_frame(struct wire *w, int side, const char *bytes, size_t n)
{
	struct h2_side *hs = &((struct http2 *)w->state)->sides[side];
	struct frame f;

	if (n < HEAD)
		return 0;
	f = frame_at(bytes);
	/* Nothing comes between the parts of a block, section 4.3. */
	if (!frame_is_one(&f) || (hs->in_block.type == HEADERS) != (f.type == CONTINUATION) ||
	        (hs->in_block.type == HEADERS && hs->in_block.stream != f.stream))
		return lost(w, side, n);
	if (f.type == HEADERS || f.type == CONTINUATION)
		return n < HEAD + f.length ? 0 : take_headers(w, side, &f, bytes);
	if (f.type == RST_STREAM) {
		if (n < HEAD + f.length)
			return 0;
		on_reset(w, side, f.stream, wire_u32(bytes + HEAD));
		return HEAD + f.length;
	}
	if (f.type == DATA)
		data_begins(w, side, &f);
	w->sides[side].pass = f.length;
	return HEAD;
}

static size_t http2_take(struct wire *w, int side, const char *bytes, size_t n)
{
	struct h2_side *hs = &((struct http2 *)w->state)->sides[side];

	if (hs->data)
		data_ended(w, side);
	if (hs->preface) {
		if (n < PREFACE)
			return 0;
		hs->preface = false;
		if (!memcmp(bytes, preface, PREFACE))
			return PREFACE;
		lost(w, side, 0);
	}
	if (hs->lost && (n < HEAD || !frame_is_row(bytes, n)))
		return n;
	hs->lost = false;
	return take_frame(w, side, bytes, n);
}

/* A field that was not heard would be named by another one's number. */
static bool http2_busy(const struct wire *w, int side)
{
	(void)w;
	(void)side;
	return true;
}

const struct wire_protocol wire_http2 = {
        http2_recognise, http2_begin, http2_take, http2_settle, http2_release, http2_busy};
