#include "shell/lesson/clean.h"

#include "render/glyph.h"

#include <string.h>

/* Length of the escape sequence at p (which starts with ESC): ECMA-48 5.4 (CSI), 8.3.89 (OSC and
 * its like, ended by BEL or ESC \), 7.3 (ESC, intermediates, final). A string that is not ended on
 * its line is no sequence: only ESC goes, so that no text is lost. */
static size_t escape_length(const char *p, size_t n)
{
	size_t i = 1;

	if (n < 2)
		return 1;
	if (p[1] == '[') {
		for (i = 2; i < n && p[i] >= 0x20 && p[i] <= 0x3f; i++)
			;
		return i < n && p[i] >= 0x40 && p[i] <= 0x7e ? i + 1 : 1;
	}
	if (memchr("]PX^_", p[1], 5)) {
		for (i = 2; i < n && p[i] != '\n'; i++) {
			if (p[i] == '\a')
				return i + 1;
			if (p[i] == '\033' && i + 1 < n && p[i + 1] == '\\')
				return i + 2;
		}
		return 1;
	}
	while (i < n && p[i] >= 0x20 && p[i] <= 0x2f)
		i++;
	return i < n && p[i] >= 0x30 && p[i] <= 0x7e ? i + 1 : 1;
}

static bool is_hostile(uint32_t c)
{
	return (c < 0x20 && c != '\n' && c != '\t') || (c >= 0x7f && c <= 0x9f) || c == 0xfeff ||
	       c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069) || c == 0x2028 || c == 0x2029;
}

void clean_text(const char *text, size_t n, bool lines, struct buf *out)
{
	for (size_t i = 0; i < n && text[i];) {
		uint32_t c;
		size_t length;

		if (text[i] == '\033') {
			i += escape_length(text + i, n - i);
			continue;
		}
		length = glyph_decode(text + i, &c);
		if (length == 1 && c == GLYPH_REPLACEMENT)
			buf_add(out, "\xef\xbf\xbd");
		else if ((c == '\n' || c == '\t') && !lines)
			buf_addc(out, ' ');
		else if (!is_hostile(c))
			buf_add_bytes(out, text + i, length);
		i += length;
	}
}

int clean_find(const char *text, size_t n)
{
	int line = 1;

	for (size_t i = 0; i < n && text[i];) {
		uint32_t c;
		size_t length = glyph_decode(text + i, &c);

		if ((length == 1 && c == GLYPH_REPLACEMENT) || is_hostile(c))
			return line;
		if (c == '\n')
			line++;
		i += length;
	}
	return 0;
}
