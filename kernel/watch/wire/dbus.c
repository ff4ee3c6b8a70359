/* D-Bus, dbus.freedesktop.org/doc/dbus-specification.html: "Message Format" and "Authentication
 * Protocol". Of a call its interface, member, signature and object are told, of an answer whether
 * it is a return or an error; signals ask nothing and are not told. Bodies are not read. */
#include "kernel/base/cleanup.h"
#include "kernel/watch/wire/wire_inner.h"

#include <stdlib.h>
#include <string.h>

enum { HEAD = 16, FIELDS_MAX = 64 << 10, MESSAGE_MAX = 128 << 20, LINE_MAX_BYTES = 16 << 10 };
enum { CALL = 1, RETURN, ERROR, SIGNAL };
enum { NO_REPLY = 0x1 };
/* Codes of header fields. */
enum {
	PATH = 1,
	INTERFACE,
	MEMBER,
	ERROR_NAME,
	REPLY_SERIAL,
	DESTINATION,
	SENDER,
	SIGNATURE,
	FIELDS
};

struct dbus {
	bool messages[2]; /* the side is past authentication */
};

struct head {
	bool big;
	int type, flags;
	uint32_t body, serial, fields;
};

static uint32_t u32(const char *b, bool big)
{
	return big ? wire_u32(b)
	           : (uint32_t)(unsigned char)b[0] | (uint32_t)(unsigned char)b[1] << 8 |
	                       (uint32_t)(unsigned char)b[2] << 16 |
	                       (uint32_t)(unsigned char)b[3] << 24;
}

static bool head_at(const char *b, struct head *h)
{
	if ((b[0] != 'l' && b[0] != 'B') || b[1] < CALL || b[1] > SIGNAL || b[3] != 1)
		return false;
	*h = (struct head){.big = b[0] == 'B', .type = b[1], .flags = (unsigned char)b[2]};
	h->body = u32(b + 4, h->big);
	h->serial = u32(b + 8, h->big);
	h->fields = u32(b + 12, h->big);
	return h->body <= MESSAGE_MAX && h->serial && h->fields <= FIELDS_MAX;
}

static size_t aligned(size_t n, size_t to)
{
	return (n + to - 1) / to * to;
}

/* ---- header fields --------------------------------------------------------------------------- */

struct fields {
	struct {
		const char *text;
		size_t n;
	} of[FIELDS];
	uint32_t reply_to;
};

/* An array of structures of a byte and a variant, each aligned to 8 from the message's begin, which
 * `bytes` stands HEAD behind. False when it is none. */
static bool read_fields(const struct head *h, const char *bytes, struct fields *ret)
{
	struct fields f = {0};
	size_t at = 0, n = h->fields, length;

	for (; at < n; at = aligned(at, 8)) {
		unsigned char code = (unsigned char)bytes[at];
		char type;
		if (n - at < 5 || bytes[at + 1] != 1 || bytes[at + 3])
			return false;
		type = bytes[at + 2];
		if (type != 'g' && n - at < 8)
			return false;
		at += 4;
		if (type == 'g') {
			length = (unsigned char)bytes[at++];
		} else if (type == 's' || type == 'o' || type == 'u') {
			length = u32(bytes + at, h->big);
			at += 4;
		} else {
			return false;
		}
		if (type == 'u') {
			if (code == REPLY_SERIAL)
				f.reply_to = (uint32_t)length;
			continue;
		}
		if (length >= n - at || bytes[at + length])
			return false;
		if (code < FIELDS) {
			f.of[code].text = bytes + at;
			f.of[code].n = length;
		}
		at += length + 1;
	}
	*ret = f;
	return true;
}

/* ---- telling --------------------------------------------------------------------------------- */

static void add(
        struct buf *out, const char *before, const struct fields *f, int code, const char *behind)
{
	if (!f->of[code].text)
		return;
	buf_add(out, before);
	buf_add(out, f->of[code].text);
	buf_add(out, behind);
}

static void on_message(struct wire *w, int side, const struct head *h, const struct fields *f)
{
	struct wire_said said = {.api = "dbus", .side = side, .bytes = h->body};
	auto_buf text = BUF_INIT;

	if (h->type == CALL) {
		add(&text, "", f, INTERFACE, ".");
		add(&text, "", f, MEMBER, "(");
		add(&text, "", f, SIGNATURE, "");
		add(&text, ") ", f, PATH, "");
		said.text = buf_text(&text);
		said.to = f->of[DESTINATION].text;
		if (!(h->flags & NO_REPLY))
			wire_ask(w, side, h->serial, said.text);
		wire_say(w, &said);
	} else if (h->type == RETURN || h->type == ERROR) {
		buf_add(&text, h->type == RETURN ? "returns (" : "error ");
		if (h->type == ERROR)
			add(&text, "", f, ERROR_NAME, "");
		else
			add(&text, "", f, SIGNATURE, "");
		if (h->type == RETURN)
			buf_addc(&text, ')');
		said.text = buf_text(&text);
		said.to = f->of[DESTINATION].text;
		wire_answer(w, &said, wire_find(w, !side, f->reply_to));
	}
}

/* ---- bytes ----------------------------------------------------------------------------------- */

static bool is_row_of_messages(const char *bytes, size_t n)
{
	struct head h;
	size_t length;

	while (n >= HEAD && head_at(bytes, &h)) {
		length = HEAD + aligned(h.fields, 8) + h.body;
		if (length > n)
			return false;
		bytes += length;
		n -= length;
	}
	return n == 0;
}

/* A NUL comes before all, and, together or by itself, AUTH. */
static enum recognised dbus_recognise(const char *bytes, size_t n)
{
	static const char auth[] = "\0AUTH";
	const size_t length = sizeof auth - 1;

	if (!memcmp(bytes, auth, n < length ? n : length))
		return n < length ? WIRE_MORE : WIRE_YES;
	return n >= HEAD && is_row_of_messages(bytes, n) ? WIRE_YES : WIRE_NO;
}

static bool dbus_begin(struct wire *w, int side, const char *bytes, size_t n)
{
	struct dbus *d = calloc(1, sizeof *d);

	(void)side;
	(void)n;
	if (d)
		d->messages[0] = d->messages[1] = *bytes != 0;
	w->state = d;
	return d != NULL;
}

static void dbus_release(struct wire *w)
{
	free(w->state);
}

static void dbus_settle(struct wire *w, int side, bool end)
{
	(void)w;
	(void)side;
	(void)end;
}

/* Lines, until the client says BEGIN; its server writes none from then on. */
static size_t take_line(struct dbus *d, int side, const char *bytes, size_t n)
{
	const char *end = memchr(bytes, '\n', n);
	size_t length;

	if (!end)
		return n > LINE_MAX_BYTES ? n : 0;
	length = (size_t)(end + 1 - bytes);
	if (length == 7 && !memcmp(bytes, "BEGIN\r\n", 7))
		d->messages[side] = true;
	return length;
}

static size_t dbus_take(struct wire *w, int side, const char *bytes, size_t n)
{
	struct dbus *d = w->state;
	struct fields f;
	struct head h;

	if (!n)
		return 0;
	if (!d->messages[side] && *bytes == 'l')
		d->messages[side] = true; /* lines begin with capital letters */
	if (!d->messages[side])
		return take_line(d, side, bytes, n);
	if (n < HEAD)
		return 0;
	if (!head_at(bytes, &h)) /* lost: the next write begins with a message */
		return n;
	if (n < HEAD + aligned(h.fields, 8))
		return 0;
	if (read_fields(&h, bytes + HEAD, &f))
		on_message(w, side, &h, &f);
	w->sides[side].pass = h.body;
	return HEAD + aligned(h.fields, 8);
}

const struct wire_protocol wire_dbus = {
        dbus_recognise, dbus_begin, dbus_take, dbus_settle, dbus_release, NULL};
