#include "shell/lesson/json_mend.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

struct mender {
	const char *p, *end;
	struct buf *out;
	bool value; /* a value or a key has just ended */
	bool comma; /* a comma was read and is not written yet */
	bool any;   /* the object or list at hand has begun with something */
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

static void take(struct mender *m)
{
	char c = *m->p;

	if (c == ',') {
		m->comma = true;
		m->p++;
	} else if (c == ':') {
		m->value = m->comma = false;
		buf_addc(m->out, *m->p++);
	} else if (c == '{' || c == '[') {
		begin_value(m);
		m->any = false;
		buf_addc(m->out, *m->p++);
	} else if (c == '}' || c == ']') {
		m->comma = false;
		m->value = m->any = true;
		buf_addc(m->out, *m->p++);
	} else if (c == '"' || c == '\'') {
		begin_value(m);
		add_text(m);
		m->value = true;
	} else {
		begin_value(m);
		do
			buf_addc(m->out, *m->p++);
		while (m->p < m->end && !isspace((unsigned char)*m->p) &&
		        !strchr(",:{}[]\"'/", *m->p));
		m->value = true;
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
