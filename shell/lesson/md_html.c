#include "shell/lesson/md_html.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* The name of the tag at p, behind '<' and '/'. */
static bool tag_is(const char *p, const char *name)
{
	size_t n = strlen(name);

	p += *p == '<';
	p += *p == '/';
	return !strncasecmp(p, name, n) && !isalnum((unsigned char)p[n]);
}

static bool is_tag(const char *p)
{
	return p[0] == '<' && (isalpha((unsigned char)p[1]) || p[1] == '!' || p[1] == '?' ||
	                              (p[1] == '/' && isalpha((unsigned char)p[2])));
}

/* Past the tag or comment at p; attribute values in quotes may hold '>'. No tag is longer than a
 * few kilobytes, so that a page full of '<' is still read in linear time. */
static const char *skip_tag(const char *p)
{
	const char *limit = p + strnlen(p, 4096), *end;
	char quote = 0;

	if (!strncmp(p, "<!--", 4)) {
		end = strstr(p + 4, "-->");
		return end ? end + 3 : p + strlen(p);
	}
	for (const char *q = p; q < limit; q++) {
		if (quote ? *q == quote : *q == '"' || *q == '\'')
			quote = quote ? 0 : *q;
		else if (*q == '>' && !quote)
			return q + 1;
	}
	/* An odd quote: the first '>' ends it, else it is no tag and only '<' goes. */
	end = memchr(p, '>', (size_t)(limit - p));
	return end ? end + 1 : p + 1;
}

static void add_image(const char *tag, const char *end, struct buf *out)
{
	for (const char *p = tag; p < end; p++) {
		const char *text;

		if (strncasecmp(p, "alt=", 4) || (p[4] != '"' && p[4] != '\''))
			continue;
		text = p + 5;
		buf_addc(out, '[');
		buf_add_bytes(out, text, strcspn(text, p[4] == '"' ? "\">" : "'>"));
		buf_addc(out, ']');
		return;
	}
}

static bool ends_line(const char *tag)
{
	static const char *const names[] = {"br", "p", "li", "tr", "div", "h1", "h2", "h3", "h4",
	        "h5", "h6", "summary", "ul", "ol", "table", "details", "hr"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (tag_is(tag, names[i]))
			return true;
	return false;
}

/* Past the content of <script> or <style>, which is no text; one that is not closed goes to the
 * end.
 */
static const char *skip_content(const char *tag, const char *end)
{
	const char *name = tag_is(tag, "script")  ? "</script"
	                   : tag_is(tag, "style") ? "</style"
	                                          : NULL;
	const char *close;

	if (!name || tag[1] == '/')
		return end;
	close = strcasestr(end, name);
	return close ? skip_tag(close) : end + strlen(end);
}

void md_html_inline(const char *tag, struct buf *out)
{
	if (tag_is(tag, "br"))
		buf_addc(out, '\n');
	else if (tag_is(tag, "img"))
		add_image(tag, tag + strlen(tag), out);
}

void md_html_text(const char *html, struct buf *out)
{
	for (const char *p = html; *p;) {
		const char *end;

		if (!is_tag(p)) {
			buf_addc(out, *p++);
			continue;
		}
		end = skip_tag(p);
		if (tag_is(p, "img"))
			add_image(p, end, out);
		else if (tag_is(p, "td") || tag_is(p, "th"))
			buf_addc(out, ' ');
		else if (tag_is(p, "li") && p[1] != '/')
			buf_add(out, "\n- ");
		else if (ends_line(p))
			buf_add(out, "\n\n");
		p = skip_content(p, end);
	}
}

void md_html_decode(const char *text, struct buf *out)
{
	static const struct {
		const char *entity;
		char c;
	} entities[] = {
	        {"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&quot;", '"'}, {"&#39;", '\''}};

	while (*text) {
		size_t i = 0, n = sizeof entities / sizeof *entities;

		while (i < n && strncmp(text, entities[i].entity, strlen(entities[i].entity)))
			i++;
		buf_addc(out, i < n ? entities[i].c : *text);
		text += i < n ? strlen(entities[i].entity) : 1;
	}
}

bool md_html_is_preformatted(const char *html)
{
	return tag_is(html + strspn(html, " \t\n"), "pre");
}
