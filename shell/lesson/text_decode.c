#include "shell/lesson/text_decode.h"

#include "kernel/base/cleanup.h"
#include "render/glyph.h"

#include <stdbool.h>
#include <string.h>

static void add_code(struct buf *out, uint32_t code)
{
	char text[5];

	buf_add_bytes(out, text, glyph_encode(code, text));
}

/* The sixteenth rows 8 and 9, where Latin-1 has control characters. */
static uint32_t from_1252(unsigned char byte)
{
	static const uint16_t high[32] = {0x20ac, 0x81, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020,
	        0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8d, 0x017d, 0x8f, 0x90, 0x2018,
	        0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a,
	        0x0153, 0x9d, 0x017e, 0x0178};

	return byte >= 0x80 && byte < 0xa0 ? high[byte - 0x80] : byte;
}

static void decode_utf16(const unsigned char *bytes, size_t n, bool big, struct buf *out)
{
	uint32_t high = 0;

	for (size_t i = 0; i + 1 < n; i += 2) {
		uint32_t unit = big ? (uint32_t)bytes[i] << 8 | bytes[i + 1]
		                    : (uint32_t)bytes[i + 1] << 8 | bytes[i];

		if (unit >= 0xdc00 && unit < 0xe000 && high)
			add_code(out, 0x10000 + ((high - 0xd800) << 10) + (unit - 0xdc00));
		else if (unit < 0xd800 || unit > 0xdfff)
			add_code(out, unit);
		high = unit >= 0xd800 && unit < 0xdc00 ? unit : 0;
	}
}

static void decode_bytes(const char *bytes, size_t n, struct buf *out)
{
	auto_buf text = BUF_INIT; /* ended by NUL, as glyph_decode() wants it */

	buf_add_bytes(&text, bytes, n);
	for (size_t i = 0; i < text.len;) {
		uint32_t code;
		size_t length;

		if (!text.data[i]) {
			i++;
			continue;
		}
		length = glyph_decode(text.data + i, &code);
		if (length == 1 && code == GLYPH_REPLACEMENT)
			add_code(out, from_1252((unsigned char)text.data[i]));
		else
			buf_add_bytes(out, text.data + i, length);
		i += length;
	}
	out->failed |= buf_failed(&text);
}

/* CR LF and CR alone end a line as LF does. */
static void add_lines(const char *text, size_t n, struct buf *out)
{
	for (size_t i = 0; i < n; i++) {
		if (text[i] != '\r')
			buf_addc(out, text[i]);
		else if (i + 1 == n || text[i + 1] != '\n')
			buf_addc(out, '\n');
	}
}

void text_decode(const char *bytes, size_t n, struct buf *out)
{
	auto_buf text = BUF_INIT;

	if (n >= 2 && (!memcmp(bytes, "\xff\xfe", 2) || !memcmp(bytes, "\xfe\xff", 2)))
		decode_utf16((const unsigned char *)bytes + 2, n - 2, bytes[0] == '\xfe', &text);
	else if (n >= 3 && !memcmp(bytes, "\xef\xbb\xbf", 3))
		decode_bytes(bytes + 3, n - 3, &text);
	else
		decode_bytes(bytes, n, &text);
	add_lines(buf_text(&text), text.len, out);
	out->failed |= buf_failed(&text);
}
