#include "shell/lesson/json_mend.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

enum { DEPTH = 64 };

struct mender {
	const char *p, *end;
	struct buf *out;
	bool value;        /* a value or a key has just ended */
	bool comma;        /* a comma was read and is not written yet */
	bool any;          /* the object or list at hand has begun with something */
	bool text;         /* that value is a text, and begins in `out` */
	size_t text_at;    /* here */
	bool lists[DEPTH]; /* of what is open: whether it is a list; no more are counted */
	size_t depth;
};

static char at(const struct mender *m, size_t i)
{
	return (size_t)(m->end - m->p) > i ? m->p[i] : '\0';
}

/* Past one comment, whose lines stay; false when there is none. */
static bool skip_comment(struct mender *m)
{
	if (at(m, 0) == '#' || (at(m, 0) == '/' && at(m, 1) == '/')) {
		while (m->p < m->end && *m->p != '\n')
			m->p++;
		return true;
	}
	if (at(m, 0) != '/' || at(m, 1) != '*')
		return false;
	for (m->p += 2; m->p < m->end && !(at(m, 0) == '*' && at(m, 1) == '/'); m->p++)
		if (*m->p == '\n')
			buf_addc(m->out, '\n');
	m->p += m->p < m->end ? 2 : 0;
	return true;
}

/* Whether the quote at hand ends its text: after it comes what can follow a text. */
static bool ends_text(const struct mender *m)
{
	size_t i = 1;

	while (at(m, i) == ' ' || at(m, i) == '\t')
		i++;
	return strchr(",:}]\r\n/#", at(m, i)) != NULL; /* also the end of all */
}

static void add_escape(struct mender *m)
{
	char next = at(m, 1);
	bool known = next && strchr("\"\\/bfnrt", next);

	if (next == 'u')
		known = isxdigit((unsigned char)at(m, 2)) && isxdigit((unsigned char)at(m, 3)) &&
		        isxdigit((unsigned char)at(m, 4)) && isxdigit((unsigned char)at(m, 5));
	buf_add(m->out, known ? "\\" : "\\\\");
	if (known) {
		buf_addc(m->out, next);
		m->p++;
	}
}

static void add_text(struct mender *m)
{
	char quote = *m->p++;

	buf_addc(m->out, '"');
	for (; m->p < m->end; m->p++) {
		unsigned char c = (unsigned char)*m->p;

		if (c == (unsigned char)quote && ends_text(m))
			break;
		if (c == '"')
			buf_add(m->out, "\\\"");
		else if (c == '\\')
			add_escape(m);
		else if (c == '\n')
			buf_add(m->out, "\\n");
		else if (c == '\t')
			buf_add(m->out, "\\t");
		else if (c < 0x20)
			buf_addf(m->out, "\\u%04x", c);
		else
			buf_addc(m->out, (char)c);
	}
	buf_addc(m->out, '"');
	m->p += m->p < m->end;
}

/* Before a value or a key: the comma, if something stands before it. */
static void begin_value(struct mender *m)
{
	if (m->any && (m->value || m->comma))
		buf_addc(m->out, ',');
	m->comma = m->value = false;
	m->any = true;
}

/* A colon: the text before it was a key, which an item of a list cannot have. */
static void take_colon(struct mender *m)
{
	bool in_list = m->depth && m->depth <= DEPTH && m->lists[m->depth - 1];

	if (in_list && m->text && m->text_at < m->out->len) {
		m->out->len = m->text_at;
		m->out->data[m->text_at] = '\0';
	} else {
		buf_addc(m->out, ':');
	}
	m->value = m->comma = m->text = false;
	m->p++;
}

static void take_bracket(struct mender *m)
{
	bool opens = *m->p == '{' || *m->p == '[';

	if (opens) {
		begin_value(m);
		if (m->depth++ < DEPTH)
			m->lists[m->depth - 1] = *m->p == '[';
	} else {
		m->comma = false;
		m->depth -= m->depth > 0;
	}
	m->any = m->value = !opens;
	m->text = false;
	buf_addc(m->out, *m->p++);
}

static void take(struct mender *m)
{
	char c = *m->p;

	if (c == ',') {
		m->comma = true;
		m->p++;
	} else if (c == ':') {
		take_colon(m);
	} else if (c == '{' || c == '}' || c == '[' || c == ']') {
		take_bracket(m);
	} else if (c == '"' || c == '\'') {
		begin_value(m);
		m->text_at = m->out->len;
		add_text(m);
		m->value = m->text = true;
	} else {
		begin_value(m);
		do
			buf_addc(m->out, *m->p++);
		while (m->p < m->end && !isspace((unsigned char)*m->p) &&
		        !strchr(",:{}[]\"'/", *m->p));
		m->value = true;
		m->text = false;
	}
}

void json_mend(const char *text, size_t n, struct buf *out)
{
	struct mender m = {.p = text, .end = text + n, .out = out};

	while (m.p < m.end) {
		if (isspace((unsigned char)*m.p))
			buf_addc(out, *m.p++);
		else if (!skip_comment(&m))
			take(&m);
	}
}
