/* HTTP/1.1: RFC 9112. Of a request its line is told, of an answer its status; which answer belongs
 * to which request is their order (section 9.3). */
#include "kernel/base/cleanup.h"
#include "kernel/watch/wire/mask.h"
#include "kernel/watch/wire/wire_inner.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { HEAD_MAX = 64 << 10, LINE_MAX_BYTES = 8192 };

enum at {
	AT_HEAD,
	AT_BODY,      /* of known size */
	AT_CHUNK,     /* before the line that tells the size of one, section 7.1 */
	AT_CHUNK_END, /* in one, whose end is a line's end */
	AT_TRAILER,
	AT_NOWHERE, /* a request to become another protocol waits for its answer */
	AT_REST,    /* the body goes on until the connection ends */
};

struct http1_side {
	enum at at;
	bool pending, patient; /* something is to be told; it may wait for its body */
	bool json, chunked;
	char *text;
	char type[64];
	int64_t bytes;
	struct buf body;
};

struct http1 {
	struct http1_side sides[2];
	bool upgrade, connect, again; /* of the last request: it asks for another protocol; which is
	                                 HTTP/2, which we know */
	bool head;
};

static const char *const methods[] = {
        "GET ", "POST ", "PUT ", "DELETE ", "HEAD ", "PATCH ", "OPTIONS ", "CONNECT ", NULL};

static enum recognised begins(const char *bytes, size_t n, const char *with)
{
	size_t length = strlen(with);

	if (memcmp(bytes, with, n < length ? n : length) != 0)
		return WIRE_NO;
	return n < length ? WIRE_MORE : WIRE_YES;
}

static enum recognised http1_recognise(const char *bytes, size_t n)
{
	enum recognised r = begins(bytes, n, "HTTP/1.");
	const char *end;

	for (size_t i = 0; methods[i] && r == WIRE_NO; i++) {
		r = begins(bytes, n, methods[i]);
		if (r != WIRE_YES)
			continue;
		end = memchr(bytes, '\n', n);
		if (!end)
			return n < LINE_MAX_BYTES ? WIRE_MORE : WIRE_NO;
		if (end - bytes < 10 || !memmem(bytes, (size_t)(end - bytes), " HTTP/1.", 8))
			return WIRE_NO;
	}
	return r;
}

static bool http1_begin(struct wire *w, int side, const char *bytes, size_t n)
{
	(void)side;
	(void)bytes;
	(void)n;
	w->state = calloc(1, sizeof(struct http1));
	return w->state != NULL;
}

static void http1_release(struct wire *w)
{
	struct http1 *h = w->state;

	for (int side = 0; side < 2; side++) {
		free(h->sides[side].text);
		buf_release(&h->sides[side].body);
	}
	free(h);
}

/* ---- telling --------------------------------------------------------------------------------- */

static void add_body(const struct http1_side *s, struct buf *out, bool whole)
{
	if (!s->body.len && s->bytes <= 0)
		return;
	if (s->json && whole && mask_json(out, buf_text(&s->body), s->body.len))
		return;
	if (s->json && s->bytes > WIRE_BODY)
		buf_addf(out, "(longer than %d bytes: not told)", WIRE_BODY);
	else
		buf_addf(out, "(%s: not told)",
		        s->json ? "no whole JSON" : (*s->type ? s->type : "of no type"));
}

static void tell(struct wire *w, int side, bool whole)
{
	struct http1_side *s = &((struct http1 *)w->state)->sides[side];
	struct wire_said said = {.api = "http",
	        .side = side,
	        .text = s->text,
	        .bytes = s->chunked && !whole ? -1 : s->bytes};
	auto_buf body = BUF_INIT;

	if (!s->pending || !s->text)
		return;
	s->pending = false;
	if (w->bodies)
		add_body(s, &body, whole);
	if (body.len)
		said.body = buf_text(&body);
	if (isdigit((unsigned char)*s->text))
		wire_answer(w, &said, wire_oldest(w, !side));
	else
		wire_say(w, &said);
}

static void http1_settle(struct wire *w, int side, bool end)
{
	struct http1_side *s = &((struct http1 *)w->state)->sides[side];

	if (s->pending && (end || !s->patient))
		tell(w, side, false);
}

static void message_ends(struct wire *w, int side)
{
	struct http1 *h = w->state;
	struct http1_side *s = &h->sides[side];

	tell(w, side, true);
	w->sides[side].keep = NULL;
	buf_reset(&s->body);
	s->at = AT_HEAD;
}

/* ---- heads ----------------------------------------------------------------------------------- */

struct head {
	int64_t length; /* -1 = not told */
	bool chunked, upgrade, again;
	const char *type;
	size_t type_bytes;
};

static bool is_field(const char *line, size_t n, const char *name, const char **value, size_t *rest)
{
	size_t length = strlen(name);

	if (n <= length || strncasecmp(line, name, length) != 0 || line[length] != ':')
		return false;
	*value = line + length + 1;
	*rest = n - length - 1;
	while (*rest && (**value == ' ' || **value == '\t')) {
		++*value;
		--*rest;
	}
	return true;
}

static bool has_word(const char *value, size_t n, const char *word)
{
	for (size_t i = 0; i + strlen(word) <= n; i++)
		if (!strncasecmp(value + i, word, strlen(word)))
			return true;
	return false;
}

/* At most 2^53: what is longer is none. */
static int64_t number(const char *value, size_t n, int base)
{
	int64_t r = 0;
	size_t i = 0;

	for (; i < n && isxdigit((unsigned char)value[i]); i++) {
		int digit = isdigit((unsigned char)value[i])
		                    ? value[i] - '0'
		                    : tolower((unsigned char)value[i]) - 'a' + 10;
		if (digit >= base || r > (INT64_C(1) << 53) / base)
			return -1;
		r = r * base + digit;
	}
	return i ? r : -1;
}

static struct head read_fields(const char *bytes, size_t n)
{
	struct head head = {.length = -1};
	const char *end, *value;
	size_t rest;

	for (; n && (end = memchr(bytes, '\n', n));
	        n -= (size_t)(end + 1 - bytes), bytes = end + 1) {
		size_t length = (size_t)(end - bytes);
		if (length && bytes[length - 1] == '\r')
			length--;
		if (is_field(bytes, length, "content-length", &value, &rest)) {
			head.length = number(value, rest, 10);
		} else if (is_field(bytes, length, "transfer-encoding", &value, &rest)) {
			head.chunked |= has_word(value, rest, "chunked");
		} else if (is_field(bytes, length, "upgrade", &value, &rest)) {
			head.upgrade = true;
			head.again = has_word(value, rest, "h2c");
		} else if (is_field(bytes, length, "content-type", &value, &rest)) {
			head.type = value;
			head.type_bytes = rest;
		}
	}
	return head;
}

static void keep_body(struct wire *w, int side, const struct head *head)
{
	struct http1_side *s = &((struct http1 *)w->state)->sides[side];
	size_t n = 0;

	while (n < head->type_bytes && n < sizeof s->type - 1 && head->type[n] > ' ' &&
	        head->type[n] < 0x7f && head->type[n] != ';') {
		s->type[n] = head->type[n];
		n++;
	}
	s->type[n] = 0;
	s->json = has_word(s->type, n, "json");
	buf_reset(&s->body);
	w->sides[side].keep = w->bodies && s->json ? &s->body : NULL;
	w->sides[side].keep_most = WIRE_BODY + 1;
	s->patient = w->bodies && s->json && (s->chunked || s->bytes <= WIRE_BODY);
}

/* What comes behind a head: section 6.3. */
static void body_follows(struct wire *w, int side, const struct head *head, bool none, bool rest)
{
	struct http1_side *s = &((struct http1 *)w->state)->sides[side];

	s->chunked = head->chunked && !none;
	s->bytes = none ? -1 : head->chunked ? 0 : head->length;
	keep_body(w, side, head);
	if (s->chunked) {
		s->at = AT_CHUNK;
	} else if (!none && head->length > 0) {
		s->at = AT_BODY;
		w->sides[side].pass = (uint64_t)head->length;
	} else if (!none && head->length < 0 && rest) {
		s->patient = false;
		s->at = AT_REST;
	} else {
		message_ends(w, side);
	}
}

static void request_head(struct wire *w, int side, const char *bytes, size_t line, size_t n)
{
	struct http1 *h = w->state;
	struct http1_side *s = &h->sides[side];
	const char *target =
	        memchr(bytes, ' ', line) ? (char *)memchr(bytes, ' ', line) + 1 : bytes;
	const char *end = memrchr(bytes, ' ', line);
	struct head head = read_fields(bytes + line, n - line);
	auto_buf text = BUF_INIT;

	buf_add_bytes(&text, bytes, (size_t)(target - bytes));
	if (end > target)
		mask_target(&text, target, (size_t)(end - target));
	h->upgrade = head.upgrade;
	h->again = head.again;
	h->connect = !strncmp(bytes, "CONNECT ", 8);
	h->head = !strncmp(bytes, "HEAD ", 5);
	free(s->text);
	s->text = buf_steal(&text);
	s->pending = true;
	if (s->text)
		wire_ask(w, side, h->head, s->text);
	body_follows(w, side, &head, false, false);
	if (s->at == AT_HEAD && (h->upgrade || h->connect))
		s->at = AT_NOWHERE;
}

static void answer_head(struct wire *w, int side, const char *bytes, size_t line, size_t n)
{
	struct http1 *h = w->state;
	struct http1_side *s = &h->sides[side];
	struct head head = read_fields(bytes + line, n - line);
	const struct wire_asked *asked = wire_oldest(w, !side);
	int64_t status = line > 12 ? number(bytes + 9, 3, 10) : -1;
	auto_buf text = BUF_INIT;
	bool none;

	while (line && (bytes[line - 1] == '\r' || bytes[line - 1] == '\n'))
		line--;
	if (status < 100 ||
	        (status < 200 && status != 101)) /* "100 Continue": the answer follows */
		return;
	tell(w, !side, false); /* it waits for a body in vain */
	buf_add_bytes(&text, bytes + 9, line - 9);
	free(s->text);
	s->text = buf_steal(&text);
	s->pending = true;
	none = status == 101 || status == 204 || status == 304 || (asked && asked->id);
	if (h->sides[!side].at == AT_NOWHERE && !w->sides[!side].pass)
		h->sides[!side].at = AT_HEAD;
	body_follows(w, side, &head, none, !(h->connect && status < 300));
	/* From here on it is something else, RFC 9110 section 7.8; docker's attach before that. */
	if (status == 101 || (h->upgrade && s->at == AT_REST) || (h->connect && status < 300)) {
		tell(w, side, false);
		w->over = !(status == 101 && h->again);
		w->anew = !w->over;
		s->at = AT_NOWHERE;
		h->sides[!side].at = AT_NOWHERE;
	}
}

/* ---- bytes ----------------------------------------------------------------------------------- */

static size_t take_head(struct wire *w, int side, const char *bytes, size_t n)
{
	const char *end = memmem(bytes, n, "\r\n\r\n", 4), *line = memchr(bytes, '\n', n);

	if (http1_recognise(bytes, n) == WIRE_NO || (!end && n > HEAD_MAX))
		return n; /* we have lost it: the next write may begin with one */
	if (!end)
		return 0;
	if (bytes[0] == 'H' && bytes[1] == 'T')
		answer_head(w, side, bytes, (size_t)(line - bytes) + 1, (size_t)(end + 4 - bytes));
	else
		request_head(w, side, bytes, (size_t)(line - bytes), (size_t)(end + 4 - bytes));
	return (size_t)(end + 4 - bytes);
}

static size_t take_chunk(struct wire *w, int side, const char *bytes, size_t n)
{
	struct http1_side *s = &((struct http1 *)w->state)->sides[side];
	const char *end = memchr(bytes, '\n', n);
	int64_t size;

	if (!end)
		return n > LINE_MAX_BYTES ? n : 0;
	if (s->at == AT_TRAILER) {
		if (end - bytes <= 1)
			message_ends(w, side);
		return (size_t)(end + 1 - bytes);
	}
	if (s->at == AT_CHUNK_END) {
		s->at = AT_CHUNK;
		return (size_t)(end + 1 - bytes);
	}
	size = number(bytes, (size_t)(end - bytes), 16);
	if (size < 0) { /* no chunk: we have lost it */
		tell(w, side, false);
		s->at = AT_HEAD;
		return n;
	}
	s->bytes += size;
	if (s->bytes > WIRE_BODY)
		s->patient = false;
	w->sides[side].pass = (uint64_t)size;
	s->at = size ? AT_CHUNK_END : AT_TRAILER;
	return (size_t)(end + 1 - bytes);
}

static size_t http1_take(struct wire *w, int side, const char *bytes, size_t n)
{
	struct http1 *h = w->state;
	struct http1_side *s = &h->sides[side];

	if (s->at == AT_BODY) {
		message_ends(w, side);
		if (h->upgrade && h->sides[side].text && !isdigit((unsigned char)*s->text))
			s->at = AT_NOWHERE;
	}
	if (!n)
		return 0;
	switch (s->at) {
	case AT_HEAD:
		return take_head(w, side, bytes, n);
	case AT_CHUNK:
	case AT_CHUNK_END:
	case AT_TRAILER:
		return take_chunk(w, side, bytes, n);
	default:
		return n;
	}
}

/* In the middle of a body whose end can be known. */
static bool http1_busy(const struct wire *w, int side)
{
	enum at at = ((const struct http1 *)w->state)->sides[side].at;

	return at == AT_BODY || at == AT_CHUNK || at == AT_CHUNK_END || at == AT_TRAILER;
}

const struct wire_protocol wire_http1 = {
        http1_recognise, http1_begin, http1_take, http1_settle, http1_release, http1_busy};
