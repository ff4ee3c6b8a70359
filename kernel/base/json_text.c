#include "kernel/base/json_text.h"

#include "kernel/base/cleanup.h"

#include <errno.h>

int json_text_add(json_t *root, size_t flags, struct buf *out)
{
	auto_free char *text = root ? json_dumps(root, flags) : NULL;

	json_decref(root);
	if (!text)
		return -ENOMEM;
	buf_add(out, text);
	buf_addc(out, '\n');
	return buf_failed(out) ? -ENOMEM : 0;
}

/* What has a letter of its own, RFC 8259 section 7. */
static char letter_of(char c)
{
	switch (c) {
	case '"':
	case '\\':
		return c;
	case '\b':
		return 'b';
	case '\f':
		return 'f';
	case '\n':
		return 'n';
	case '\r':
		return 'r';
	case '\t':
		return 't';
	default:
		return 0;
	}
}

void json_text_add_string(struct buf *out, const char *text)
{
	const char *plain = text;

	buf_addc(out, '"');
	for (; *text; text++) {
		char letter = letter_of(*text);
		if (!letter && (unsigned char)*text >= 0x20)
			continue;
		buf_add_bytes(out, plain, (size_t)(text - plain));
		plain = text + 1;
		if (letter)
			buf_addf(out, "\\%c", letter);
		else
			buf_addf(out, "\\u%04X", (unsigned char)*text);
	}
	buf_add_bytes(out, plain, (size_t)(text - plain));
	buf_addc(out, '"');
}
