#include "render/glyph.h"

#include "kernel/base/buf.h"
#include "kernel/base/cleanup.h"
#include "render/glyph_table.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Well-formed UTF-8 as in table 3-7 of the Unicode standard: what follows the first byte has a
 * range of its own, which rules out overlong forms, surrogates and what lies above U+10FFFF. */
size_t glyph_decode(const char *text, uint32_t *ret_code)
{
	const unsigned char *s = (const unsigned char *)text;
	unsigned char low = 0x80, high = 0xBF;
	size_t more;
	uint32_t code;

	*ret_code = GLYPH_REPLACEMENT;
	if (s[0] < 0x80) {
		*ret_code = s[0];
		return 1;
	}
	if (s[0] < 0xC2 || s[0] > 0xF4)
		return 1;
	more = s[0] >= 0xF0 ? 3 : s[0] >= 0xE0 ? 2 : 1;
	code = s[0] & (0x3Fu >> more);
	if (s[0] == 0xE0)
		low = 0xA0;
	else if (s[0] == 0xED)
		high = 0x9F;
	else if (s[0] == 0xF0)
		low = 0x90;
	else if (s[0] == 0xF4)
		high = 0x8F;
	for (size_t i = 1; i <= more; i++) {
		if (s[i] < low || s[i] > high)
			return 1;
		code = code << 6 | (s[i] & 0x3F);
		low = 0x80;
		high = 0xBF;
	}
	*ret_code = code;
	return more + 1;
}

size_t glyph_encode(uint32_t code, char out[5])
{
	size_t n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
	static const unsigned char first[] = {0, 0, 0xC0, 0xE0, 0xF0};

	for (size_t i = n; i-- > 1; code >>= 6)
		out[i] = (char)(0x80 | (code & 0x3F));
	out[0] = (char)(first[n] | code);
	out[n] = '\0';
	return n;
}

static bool in_table(const struct glyph_range *table, size_t n, uint32_t code)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (code > table[middle].last)
			low = middle + 1;
		else if (code < table[middle].first)
			high = middle;
		else
			return true;
	}
	return false;
}

int glyph_width(uint32_t code)
{
	if (code < 0x300)
		return 1;
	if (in_table(glyphs_without_width, COUNT(glyphs_without_width), code))
		return 0;
	return in_table(glyphs_of_two_cells, COUNT(glyphs_of_two_cells), code) ? 2 : 1;
}

size_t glyph_next(const char *text, char out[GLYPH_MAX], int *ret_width)
{
	uint32_t code;
	size_t taken, kept;

	out[0] = '\0';
	*ret_width = 0;
	if (!*text)
		return 0;
	taken = glyph_decode(text, &code);
	*ret_width = glyph_width(code);
	if (!*ret_width) { /* a mark with nothing to stand on: give it a blank */
		out[0] = ' ';
		kept = 1 + glyph_encode(code, out + 1);
		*ret_width = 1;
	} else {
		kept = glyph_encode(code, out);
	}
	while (text[taken]) {
		size_t n = glyph_decode(text + taken, &code);
		if (glyph_width(code))
			break;
		if (kept + 4 < GLYPH_MAX)
			kept += glyph_encode(code, out + kept);
		taken += n;
	}
	return taken;
}

char glyph_ascii(uint32_t code)
{
	static const struct {
		uint32_t code;
		char ascii;
	} known[] = {
	        {0x00B7, '.'}, /* middle dot */
	        {0x2013, '-'}, /* dashes */
	        {0x2014, '-'},
	        {0x2026, '~'}, /* ellipsis */
	        {0x2190, '<'}, /* arrows */
	        {0x2191, '^'},
	        {0x2192, '>'},
	        {0x21c4, '='}, /* a pair: both ways */
	        {0x2193, 'v'},
	        {0x2713, 'v'}, /* check mark */
	        {0x2717, '!'}, /* ballot x: failed */
	        {0x25C6, '*'}, /* black diamond: changed */
	        {0x25C7, '?'}, /* white diamond: asked for */
	        {0x00D7, 'x'}, /* times: gone */
	        {0x25CB, 'o'}, /* white circle: to come */
	        {0x00AB, ']'}, /* what was searched for */
	        {0x00BB, '['},
	        {0x25B2, '^'}, /* arrow heads */
	        {0x25B6, '>'},
	        {0x25BC, 'v'},
	        {0x25C0, '<'},
	        {0x2581, '_'}, /* how something went: from low to high */
	        {0x2582, '.'},
	        {0x2583, ','},
	        {0x2584, '-'},
	        {0x2585, '='},
	        {0x2586, '+'},
	        {0x2587, '*'},
	        {0x2588, '#'}, /* meters */
	        {0x2591, '.'},
	        {0x2502, '|'}, /* the tree of processes */
	        {0x2500, '-'},
	        {0x2504, '.'}, /* a dashed line */
	        {0x2514, '`'},
	        {0x252C, '+'},
	        {0x251C, '|'},
	};

	if (code < 0x80)
		return (char)code;
	for (size_t i = 0; i < COUNT(known); i++)
		if (known[i].code == code)
			return known[i].ascii;
	return '?';
}

int text_width(const char *text)
{
	char glyph[GLYPH_MAX];
	int width, sum = 0;
	size_t n;

	for (; (n = glyph_next(text, glyph, &width)); text += n)
		sum += width;
	return sum;
}

size_t text_fit(const char *text, int width)
{
	char glyph[GLYPH_MAX];
	size_t n, taken = 0;
	int w;

	while ((n = glyph_next(text + taken, glyph, &w)) && w <= width) {
		taken += n;
		width -= w;
	}
	return taken;
}

size_t text_break(const char *text, int width, size_t *ret_next)
{
	size_t line = strcspn(text, "\n"), n = text_fit(text, width < 1 ? 1 : width), at;

	if (n >= line) { /* the rest of the line fits */
		*ret_next = line + (text[line] == '\n');
		return line;
	}
	for (at = n; at > 0 && text[at] != ' '; at--)
		;
	if (at == 0) { /* a word alone; at least one character of it, so that there is an end */
		uint32_t code;
		n = n ? n : glyph_decode(text, &code);
		*ret_next = n;
		return n;
	}
	*ret_next = at + strspn(text + at, " ");
	return at;
}

/* Whether a terminal or a reader of SVG would act upon it instead of showing it. */
static bool is_hostile(uint32_t code)
{
	return code < 0x20 || (code >= 0x7F && code < 0xA0) || /* C0, DEL, C1 */
	       (code >= 0x200B && code <= 0x200F) ||           /* zero width, direction marks */
	       (code >= 0x2028 && code <= 0x202E) ||           /* separators, overrides */
	       (code >= 0x2060 && code <= 0x206F) ||           /* isolates, invisible operators */
	       code == 0xFEFF || (code >= 0xE0000 && code <= 0xE007F) ||
	       (code & 0xFFFE) == 0xFFFE; /* no characters, not allowed in XML */
}

const char *text_clean(struct arena *a, const char *text, size_t limit)
{
	auto_buf out = BUF_INIT;
	size_t taken = 0;

	while (taken < limit && text[taken]) {
		uint32_t code;
		size_t n = glyph_decode(text + taken, &code);
		char utf8[5];

		taken += n;
		if (!is_hostile(code)) {
			glyph_encode(code, utf8);
			buf_add(&out, utf8);
		} else if (code < 0x100) {
			buf_addf(&out, "\\x%02x", (unsigned)code);
		} else {
			buf_addf(&out, "\\u{%x}", (unsigned)code);
		}
	}
	if (text[taken])
		buf_add(&out, "…");
	return buf_failed(&out) ? NULL : arena_strdup(a, buf_text(&out));
}
