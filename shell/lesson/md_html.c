#include "shell/lesson/md_html.h"

#include "kernel/base/cleanup.h"
#include "shell/lesson/md_source.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

/* The tags of HTML, also those that are gone from it (HTML 4, section 7 ff.; HTML, section 4): what
 * is none of them is text. */
static const char known[] =
        " a abbr acronym address applet area article aside audio b base basefont bdi bdo big "
        "blink blockquote body br button canvas caption center cite code col colgroup data "
        "datalist dd del details dfn dialog dir div dl dt em embed fieldset figcaption figure font "
        "footer form frame frameset h1 h2 h3 h4 h5 h6 head header hr html i iframe img input ins "
        "kbd label legend li link main map mark marquee menu meta meter nav nobr noscript object "
        "ol optgroup option output p param picture pre progress q rp rt ruby s samp script section "
        "select small source span strike strong style sub summary sup svg table tbody td template "
        "textarea tfoot th thead time title tr track tt u ul var video wbr ";

/* The length of the name of the tag at p, which begins with '<'. */
static size_t name_length(const char *p)
{
	size_t n = 0;

	p += 1 + (p[1] == '/');
	while (isalnum((unsigned char)p[n]))
		n++;
	return n;
}

/* The name of the tag at p, behind '<' and '/'. */
static bool tag_is(const char *p, const char *name)
{
	size_t n = strlen(name);

	p += *p == '<';
	p += *p == '/';
	return !strncasecmp(p, name, n) && !isalnum((unsigned char)p[n]);
}

bool md_html_is(const char *tag, const char *name)
{
	bool closes = name[1] == '/';

	return (tag[1] == '/') == closes && tag_is(tag, name + 1 + closes);
}

static bool is_tag(const char *p)
{
	char name[16];
	size_t n;

	if (p[0] != '<')
		return false;
	if (p[1] == '!' || p[1] == '?')
		return true;
	n = name_length(p);
	if (!n || n > 12 || !strchr(" \t\n/>", p[1 + (p[1] == '/') + n]))
		return false;
	name[0] = ' ';
	for (size_t i = 0; i < n; i++)
		name[i + 1] = (char)tolower((unsigned char)p[1 + (p[1] == '/') + i]);
	name[n + 1] = ' ';
	name[n + 2] = '\0';
	return strstr(known, name) != NULL;
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

/* Appends the value of an attribute of the tag; false when it has none of that name. */
static bool add_attribute(const char *tag, const char *end, const char *name, struct buf *out)
{
	size_t n = strlen(name);

	for (const char *p = tag; p + n < end; p++) {
		const char *text = p + n;
		char quote;

		if (strncasecmp(p, name, n) != 0 || !isspace((unsigned char)p[-(p > tag)]))
			continue;
		text += strspn(text, " \t\n");
		if (*text != '=')
			continue;
		text += 1 + strspn(text + 1, " \t\n");
		quote = *text == '"' || *text == '\'' ? *text++ : '\0';
		for (; text < end && (quote ? *text != quote : !strchr(" \t\n>", *text)); text++)
			buf_addc(out, *text);
		return true;
	}
	return false;
}

static void add_image(const char *tag, const char *end, struct buf *out)
{
	auto_buf text = BUF_INIT;

	if (!add_attribute(tag, end, "alt", &text) || !text.len)
		add_attribute(tag, end, "src", &text);
	if (text.len)
		buf_addf(out, "[picture: %s]", buf_text(&text));
}

static bool ends_line(const char *tag)
{
	static const char *const names[] = {"br", "p", "li", "tr", "div", "h1", "h2", "h3", "h4",
	        "h5", "h6", "summary", "ul", "ol", "table", "details", "hr", "dt", "dd", "center",
	        "blockquote", "section", "article", "header", "footer"};

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

/* The address of a link that is now closed, unless the text has it already. */
static void add_address(struct buf *address, struct buf *out)
{
	if (address->len && *buf_text(address) != '#' && !strstr(buf_text(out), buf_text(address)))
		buf_addf(out, " (%s)", buf_text(address));
	buf_reset(address);
}

void md_html_inline(const char *tag, struct buf *address, struct buf *out)
{
	const char *end = tag + strlen(tag);

	if (!is_tag(tag))
		buf_add(out, tag);
	else if (tag_is(tag, "br"))
		buf_addc(out, '\n');
	else if (tag_is(tag, "img"))
		add_image(tag, end, out);
	else if (md_html_is(tag, "</a"))
		add_address(address, out);
	else if (md_html_is(tag, "<a")) {
		buf_reset(address);
		add_attribute(tag, end, "href", address);
	} else if (md_html_is(tag, "<iframe") || md_html_is(tag, "<video") ||
	           md_html_is(tag, "<embed") || md_html_is(tag, "<source"))
		add_image(tag, end, out);
}

static void decode(const char *text, size_t n, struct buf *out)
{
	static const struct {
		const char *entity;
		char c;
	} entities[] = {{"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&quot;", '"'},
	        {"&#39;", '\''}, {"&apos;", '\''}, {"&nbsp;", ' '}};
	size_t k = sizeof entities / sizeof *entities;

	for (const char *end = text + n; text < end;) {
		size_t i = 0;

		while (i < k && strncmp(text, entities[i].entity, strlen(entities[i].entity)) != 0)
			i++;
		buf_addc(out, i < k ? entities[i].c : *text);
		text += i < k ? strlen(entities[i].entity) : 1;
	}
}

/* What a block says of itself: Katacoda's editor put such ones into a file. */
static void add_file_name(const char *tag, const char *end, struct buf *out)
{
	auto_buf file = BUF_INIT, target = BUF_INIT, marker = BUF_INIT;

	if (!add_attribute(tag, end, "data-filename", &file))
		return;
	add_attribute(tag, end, "data-target", &target);
	add_attribute(tag, end, "data-marker", &marker);
	buf_addf(out, "For the file `%s`", buf_text(&file));
	if (target.len && strcasecmp(buf_text(&target), "clipboard") != 0)
		buf_addf(out, " (%s%s%s%s)", buf_text(&target), marker.len ? " at `" : "",
		        buf_text(&marker), marker.len ? "`" : "");
	buf_add(out, ":\n\n");
}

/* <![CDATA[ text ]]> at p, of a <pre> that ends at `close`: the text as it stands. Past it, or p.
 */
static const char *add_cdata(const char *p, const char *close, struct buf *out)
{
	static const char open[] = "<![CDATA[";
	const char *text = p + strlen(open), *end;

	if (close - p < (ptrdiff_t)strlen(open) || strncmp(p, open, strlen(open)) != 0)
		return p;
	end = memmem(text, (size_t)(close - text), "]]>", 3);
	if (!end)
		return p;
	text += *text == '\n';
	buf_add_bytes(out, text, end > text ? (size_t)(end - text) : 0);
	return end + 3;
}

/* Whether p is a tag that a <pre> may leave out: <?php and <!DOCTYPE are lines of the file that it
 * shows. */
static bool is_markup(const char *p)
{
	return is_tag(p) && p[1] != '?' && (p[1] != '!' || !strncmp(p, "<!--", 4));
}

/* <pre>: a fence around its text, and the action; past </pre>. */
static const char *add_preformatted(const char *tag, const char *end, struct buf *out)
{
	const char *close = strcasestr(end, "</pre"), *p = end, *behind;
	struct md_action action = {.kind = MD_COPY, .terminal = 1, .host = 1};
	char comment[MD_ACTION_COMMENT];
	auto_buf class = BUF_INIT;
	bool file = add_attribute(tag, end, "class", &class) && strstr(buf_text(&class), "file");
	size_t taken;

	if (!close)
		close = end + strlen(end);
	behind = *close ? skip_tag(close) : close;
	taken = md_action_parse(behind, strcspn(behind, "\n"), &action);
	buf_add(out, "\n\n");
	add_file_name(tag, end, out);
	buf_add(out, "````````\n");
	while (p < close) {
		const char *less = memchr(p, '<', (size_t)(close - p));

		/* <b> and the like inside of it; what is no tag stays. */
		if (!less)
			less = close;
		decode(p, (size_t)(less - p), out);
		p = less < close ? add_cdata(less, close, out) : less;
		if (p != less)
			continue;
		if (p < close && is_markup(p) && skip_tag(p) <= close)
			p = skip_tag(p);
		else if (p < close)
			buf_addc(out, *p++);
	}
	buf_add(out, "\n````````\n");
	if ((taken || file) && action.kind != MD_NONE) {
		md_action_comment(&action, comment);
		buf_addf(out, "%s\n", comment);
	}
	buf_addc(out, '\n');
	return behind + taken;
}

/* All between back-ticks as it stands; past it. */
static const char *add_code(const char *p, struct buf *out)
{
	size_t n = strspn(p, "`");
	const char *q = p + n;

	while (*q && (*q != '`' || strspn(q, "`") != n))
		q += *q == '`' ? strspn(q, "`") : 1;
	if (!*q)
		q = p; /* not closed: the ticks alone */
	buf_add_bytes(out, p, (size_t)(q - p) + n);
	return q + n;
}

static const char *add_tag(const char *p, struct buf *address, struct buf *out)
{
	const char *end = skip_tag(p);
	struct md_action action;

	if (md_html_is(p, "<pre"))
		return add_preformatted(p, end, out);
	if (md_action_parse_comment(p, &action)) {
		buf_add(out, "\n");
		buf_add_bytes(out, p, (size_t)(end - p));
		buf_add(out, "\n\n");
	} else if (tag_is(p, "td") || tag_is(p, "th")) {
		buf_addc(out, ' ');
	} else if (md_html_is(p, "<li")) {
		buf_add(out, "\n- ");
	} else if (tag_is(p, "code") || tag_is(p, "tt")) {
		buf_addc(out, '`');
	} else if (ends_line(p)) {
		buf_add(out, "\n\n");
	} else {
		auto_free char *tag = strndup(p, (size_t)(end - p));
		if (tag)
			md_html_inline(tag, address, out);
	}
	return skip_content(p, end);
}

/* Tags that stand to the right of others are no Markdown that would say something by it. */
static void drop_indent(struct buf *out)
{
	size_t n = out->len;

	while (n && (out->data[n - 1] == ' ' || out->data[n - 1] == '\t'))
		n--;
	if (n < out->len && (!n || out->data[n - 1] == '\n'))
		out->data[out->len = n] = '\0';
}

void md_html_text(const char *html, struct buf *out)
{
	auto_buf address = BUF_INIT;

	for (const char *p = html; *p;) {
		if (*p == '`') {
			p = add_code(p, out);
		} else if (is_tag(p)) {
			drop_indent(out);
			p = add_tag(p, &address, out);
		} else {
			if (*p == '<')
				buf_addc(out, '\\');
			buf_addc(out, *p++);
		}
	}
}

/* Text that Markdown leaves alone. Of "&#8212;" nothing is escaped. */
static void add_escaped(const char *text, size_t n, bool entities, struct buf *out)
{
	for (size_t i = 0; i < n; i++) {
		char c = text[i];
		bool entity = entities && (c == '&' || (c == '#' && i && text[i - 1] == '&'));

		if (ispunct((unsigned char)c) && c != ';' && !entity)
			buf_addc(out, '\\');
		buf_addc(out, c == '\n' ? ' ' : c);
	}
}

static const char *add_line_tag(const char *tag, struct buf *out)
{
	const char *end = skip_tag(tag);
	auto_free char *copy = strndup(tag, (size_t)(end - tag));
	auto_buf address = BUF_INIT, text = BUF_INIT;

	if (copy)
		md_html_inline(copy, &address, &text);
	add_escaped(buf_text(&text), text.len, false, out);
	return end;
}

void md_html_line(const char *line, struct buf *out)
{
	for (const char *p = line; *p;) {
		auto_buf code = BUF_INIT;
		size_t n = strcspn(p + 1, "<`") + 1;

		if (is_tag(p)) {
			p = add_line_tag(p, out);
		} else if (*p == '`') {
			p = add_code(p, &code);
			add_escaped(buf_text(&code), code.len, false, out);
		} else {
			add_escaped(p, n, true, out);
			p += n;
		}
	}
}
