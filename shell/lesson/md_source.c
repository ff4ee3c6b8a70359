#include "shell/lesson/md_source.h"

#include "kernel/base/cleanup.h"
#include "shell/lesson/md_line.h"
#include "shell/lesson/md_pipe.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Where we are: outside of code, or inside a fence that was opened so. */
struct scanner {
	struct md_source *out;
	int line;        /* of the source, from 1 */
	char fence;      /* '`' or '~'; 0 = outside */
	size_t length;   /* of the opening fence */
	int opened;      /* its line */
	char prefix[64]; /* what stands before the fence: blanks and '>' */
	bool marked;     /* the opening fence carried an action */
	bool sentence;   /* code began on the opening line: ```ls \ */
	bool closed;     /* just behind a fence without action: the next line may be one */
	const char *raw; /* what ends the lines that are left alone: "</pre", "-->" */
	size_t shift;    /* columns that they are moved to the right, to stay in their list item */
	size_t item;     /* columns where the text of the list item at hand begins; 0 = no list */
	bool inner;    /* a shorter fence was opened in this one: it shows how fences are written */
	size_t left;   /* length of the fence that is still to come, when a shorter one closed it */
	size_t dedent; /* columns that the lines of this fence are moved to the left */
	struct md_action action;
};

static void put_line(struct scanner *s, const char *prefix, const char *text, size_t n)
{
	struct md_source *out = s->out;

	if (out->n_lines == out->room) {
		size_t room = out->room ? out->room * 2 : 256;
		int *lines = realloc(out->lines, room * sizeof *lines);

		if (!lines) {
			out->failed = true;
			return;
		}
		out->lines = lines;
		out->room = room;
	}
	out->lines[out->n_lines++] = s->line;
	buf_add(&out->text, prefix);
	buf_add_bytes(&out->text, text, n);
	buf_addc(&out->text, '\n');
}

static void put_action(struct scanner *s, const struct md_action *action)
{
	char comment[MD_ACTION_COMMENT];
	int n = md_action_comment(action, comment);

	put_line(s, s->prefix, comment, (size_t)n);
}

static void put_fence(struct scanner *s)
{
	char fence[64];
	size_t n = s->length < sizeof fence ? s->length : sizeof fence;

	memset(fence, s->fence, n);
	put_line(s, s->prefix, fence, n);
}

/* The prefix for lines that follow in the same containers: list markers become blanks. */
static void keep_prefix(struct scanner *s, const char *text, size_t n)
{
	size_t i = 0;

	for (; i < n && i < sizeof s->prefix - 1; i++)
		s->prefix[i] = text[i] == '>' || text[i] == '\t' ? text[i] : ' ';
	s->prefix[i] = '\0';
}

/* Finds an action at the end of a line: its offset, or n. */
static size_t action_at_end(const char *text, size_t n, struct md_action *action)
{
	size_t end = md_trimmed(text, n);

	for (size_t i = end; i-- > 0;)
		if (text[i] == '{' && i && text[i - 1] == '{') {
			while (i > 1 && text[i - 2] == '{')
				i--;
			return md_action_parse(text + i - 1, end - i + 1, action) == end - i + 1
			               ? i - 1
			               : n;
		}
	return n;
}

/* Whether code that begins on its opening line also ends on a line of code: foo```. Looks no
 * further than the next fence, so that a page is read in linear time. */
static bool ends_in_line(const char *rest)
{
	const char *fence = strstr(rest, "```"), *start = fence;

	if (!fence)
		return false;
	while (start > rest && start[-1] != '\n')
		start--;
	return md_container_prefix(start, (size_t)(fence - start), false) < (size_t)(fence - start);
}

static bool has_space(const char *text, size_t n)
{
	return memchr(text, ' ', n) || memchr(text, '\\', n);
}

/* Whether lines begin here that are not Markdown: what ends them, NULL when none do. */
static const char *begins_raw(const char *text, size_t n, const char *rest)
{
	static const char *const names[][2] = {{"<pre", "</pre"}, {"<script", "</script"},
	        {"<style", "</style"}, {"<textarea", "</textarea"}};
	const char *comment = memmem(text, n, "<!--", 4);
	size_t i = md_container_prefix(text, n, true), ticks = 0;

	for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
		size_t length = strlen(names[k][0]);

		if (n - i > length && !strncasecmp(text + i, names[k][0], length) &&
		        !isalnum((unsigned char)text[i + length]))
			return strcasestr(text + i, names[k][1]) ? names[k][1] : NULL;
	}
	for (const char *p = text; comment && p < comment; p++)
		ticks += *p == '`';
	/* One that ends on its line is an ordinary part of it. */
	if (!comment || ticks % 2 || memmem(comment, (size_t)(text + n - comment), "-->", 3))
		return NULL;
	return strstr(rest, "-->") ? "-->" : NULL;
}

/* How far the lines from `rest` to the end of a <pre> move to the right: not at all, or as far as
 * the list item that it began in when one of them stands left of it, and would end it. */
static size_t shift_of(const struct scanner *s, const char *text, size_t n, const char *rest)
{
	const char *end = strcasestr(text, s->raw);

	if (!s->item || md_indent_of(text, n) < s->item || !end)
		return 0;
	while (rest < end && *rest) {
		size_t length = strcspn(++rest, "\n");

		if (md_trimmed(rest, length) && md_indent_of(rest, length) < s->item)
			return s->item;
		rest += length;
	}
	return 0;
}

/* A line that is left alone; the marks behind the end are still read, by md_html.c. */
static void raw(struct scanner *s, const char *text, size_t n)
{
	static const char blanks[] = "                ";
	size_t length = strlen(s->raw), room = sizeof blanks - 1;
	const char *prefix = blanks + room - (s->shift < room ? s->shift : room);

	for (size_t i = 0; i + length <= n; i++)
		if (!strncasecmp(text + i, s->raw, length)) {
			s->raw = NULL;
			break;
		}
	put_line(s, prefix, text, n);
}

/* The end of such code: the next run of as many back-ticks, with an action behind it. No fence may
 * come before it, and it is not looked for further than code reaches. */
static const char *close_ticks(
        const char *rest, size_t length, size_t *ret_behind, struct md_action *action)
{
	const char *limit = rest + strnlen(rest, 16384);

	for (const char *p = rest; p < limit;) {
		size_t other = md_run_of(p, (size_t)(limit - p), '`'), line;

		if (!other) {
			p++;
			continue;
		}
		if (other == length) {
			line = strcspn(p + other, "\n");
			*ret_behind = other + md_action_parse(p + other, line, action);
			return *ret_behind > other ? p : NULL;
		}
		if (other >= 3)
			return NULL;
		p += other;
	}
	return NULL;
}

/* The opening fence of a block that stood in a sentence: on a line of its own, below the words
 * before it; or right behind the marker of a list, which may not stand alone. */
static void begin_block(struct scanner *s, const char *text, size_t at, size_t prefix)
{
	static const char fence[] = "````````";
	auto_buf line = BUF_INIT;

	buf_add_bytes(&line, text, md_trimmed(text, at));
	if (prefix >= at) {
		buf_reset(&line);
		buf_add_bytes(&line, text, at);
		buf_add_bytes(&line, fence, s->length);
	}
	put_line(s, "", buf_text(&line), line.len);
	if (prefix >= at)
		return;
	put_line(s, s->prefix, "", 0);
	put_fence(s);
}

/* Code of several lines in a sentence, with an action: becomes a block. Where the text goes on,
 * NULL when there is no such code on this line. */
static const char *block_of_sentence(struct scanner *s, const char *text, size_t n)
{
	size_t length, at = md_open_ticks(text, n, &length), behind = 0, prefix, end;
	struct md_action action;
	const char *close =
	        at < n && text[n] ? close_ticks(text + n, length, &behind, &action) : NULL;

	if (!close || action.kind == MD_NONE)
		return NULL;
	prefix = md_container_prefix(text, n, true);
	keep_prefix(s, text, prefix < at ? prefix : at);
	s->fence = '`';
	s->length = 8; /* longer than what is in the code */
	begin_block(s, text, at, prefix);
	for (const char *p = text + at + length; p < close; p += (size_t)(p < close)) {
		if (p > text + at + length) /* what the container has put there */
			for (const char *q = s->prefix; *q && (*p == ' ' || *p == '\t'); q++)
				p++;
		end = strcspn(p, "\n");
		if (p + end > close)
			end = (size_t)(close - p);
		put_line(s, s->prefix, p, end);
		p += end;
		s->line += *p == '\n';
	}
	put_fence(s);
	put_action(s, &action);
	put_line(s, s->prefix, "", 0);
	s->fence = 0;
	return close + behind;
}

/* Keeps account of where the text of list items begins. */
static void follow_lists(struct scanner *s, const char *text, size_t n)
{
	size_t first = md_blanks(text, n), behind = md_container_prefix(text, n, true);

	if (md_trimmed(text, n) == 0)
		return;
	if (behind > first && text[first] != '>')
		s->item = md_indent_of(text, first) + behind - first;
	else if (md_indent_of(text, n) == 0)
		s->item = 0;
}

/* How far a line stands too much to the right: CommonMark takes four columns for code as it is, but
 * who writes a fence or an action there means it. */
static size_t excess(const struct scanner *s, const char *text, size_t n)
{
	size_t indent = md_indent_of(text, n), first = md_blanks(text, n);
	struct md_action action;

	if (indent < s->item + 4 || first == n || (text[first] != '`' && text[first] != '~'))
		return 0;
	if (md_run_of(text + first, n - first, text[first]) >= 3)
		return indent - s->item;
	for (const char *mark = memmem(text, n, "{{", 2); mark;
	        mark = memmem(mark + 2, (size_t)(text + n - mark) - 2, "{{", 2))
		if (md_action_parse(mark, (size_t)(text + n - mark), &action))
			return indent - s->item;
	return 0;
}

/* A line that is a command with a mark, but without back-ticks: it is given them. */
static bool put_bare_command(struct scanner *s, const char *text, size_t n)
{
	size_t i = md_container_prefix(text, n, true), at;
	struct md_action action;
	auto_buf line = BUF_INIT;

	at = action_at_end(text, n, &action);
	if (at == n || at <= i || isspace((unsigned char)text[at - 1]) || memchr(text, '`', n) ||
	        memchr(text, '<', n) || memchr(text, '[', n) || memchr(text, '~', n) ||
	        text[i] == '|' || action.kind == MD_NONE || text[i] == '#')
		return false;
	buf_add_bytes(&line, text, i);
	buf_addc(&line, '`');
	buf_add_bytes(&line, text + i, at - i);
	buf_addc(&line, '`');
	buf_add_bytes(&line, text + at, n - at);
	put_line(s, "", buf_text(&line), line.len);
	return true;
}

/* A line as it stands; one with bars may be a row of a table. */
static void put_text(struct scanner *s, const char *text, size_t n)
{
	auto_buf line = BUF_INIT;

	if (!memmem(text, n, "\\|", 2) && !memmem(text, n, "&#124;", 6)) {
		put_line(s, "", text, n);
		return;
	}
	md_pipes_hide(text, n, &line);
	s->out->failed |= buf_failed(&line);
	put_line(s, "", buf_text(&line), line.len);
}

/* A line outside of fences. `rest` is the text after it. */
static void outside(struct scanner *s, const char *text, size_t n, const char *rest)
{
	size_t i = md_container_prefix(text, n, true), length, at, end = md_trimmed(text, n);
	struct md_action action;

	/* The long fence behind a block that a short one has closed already. */
	if (s->left && i < end && md_run_of(text + i, n - i, '`') == s->left &&
	        i + s->left == end) {
		s->left = 0;
		return;
	}
	if (put_bare_command(s, text, n))
		return;
	if (s->closed && (at = md_action_parse(text + i, n - i, &action))) {
		put_action(s, &action);
		s->closed = false;
		if (i + at < end)
			put_line(s, s->prefix, text + i + at, end - i - at);
		return;
	}
	s->closed = s->closed && i >= end;
	length = i < n && (text[i] == '`' || text[i] == '~') ? md_run_of(text + i, n - i, text[i])
	                                                     : 0;
	if (length < 3 || (text[i] == '`' && memchr(text + i + length, '`', n - i - length))) {
		put_text(s, text, n);
		return;
	}
	s->fence = text[i];
	s->opened = s->line;
	s->inner = false;
	s->length = length;
	keep_prefix(s, text, i);
	at = action_at_end(text, n, &s->action);
	s->marked = at < n;
	end = s->marked ? at : end;
	i += length;
	s->sentence =
	        s->fence == '`' && !s->marked && has_space(text + i, end - i) && ends_in_line(rest);
	put_line(s, "", text, s->sentence ? i : end);
	if (s->sentence)
		put_line(s, s->prefix, text + i, end - i);
}

static void close_fence(struct scanner *s, const struct md_action *action)
{
	put_fence(s);
	if (action)
		put_action(s, action);
	else if (s->marked)
		put_action(s, &s->action);
	s->closed = !action && !s->marked;
	s->fence = 0;
}

/* Whether a fence longer than the usual one is closed by its like. */
static bool closes_later(const struct scanner *s, const char *rest)
{
	const char *limit = rest + strnlen(rest, 16384);

	for (; s->length > 3 && rest < limit; rest += strcspn(rest, "\n")) {
		rest++;
		if (md_run_of(rest + md_blanks(rest, (size_t)(limit - rest)),
		            (size_t)(limit - rest), s->fence) >= s->length)
			return true;
	}
	return false;
}

/* A line inside of a fence. */
static void inside(struct scanner *s, const char *text, size_t n)
{
	size_t i = md_container_prefix(text, n, false), end = md_trimmed(text, n), length, at,
	       ticks;
	struct md_action action;

	length = md_run_of(text + i, n - i, s->fence);
	if (length >= s->length) {
		i += length;
		at = md_action_parse(text + i, n - i, &action);
		if (at || i >= end) {
			close_fence(s, at ? &action : NULL);
			if (at && i + at < end)
				put_line(s, s->prefix, text + i + at, end - i - at);
			return;
		}
	}
	/* The closing fence on the last line of code. */
	at = action_at_end(text, n, &action);
	ticks = md_trimmed(text, at < n ? at : end);
	if ((at < n || s->sentence) && ticks >= 3 && !strncmp(text + ticks - 3, "```", 3) &&
	        !(s->inner && closes_later(s, text + n))) {
		size_t left = closes_later(s, text + n) ? s->length : 0;

		while (ticks && text[ticks - 1] == '`')
			ticks--;
		put_line(s, "", text, ticks);
		close_fence(s, at < n ? &action : NULL);
		s->left = left;
		return;
	}
	s->inner |= length >= 3;
	/* ```bash in ```: who writes it takes the first for closed. */
	if (length == s->length && !s->out->open_fence && isalpha((unsigned char)text[i]) &&
	        !memchr(text + i, s->fence, n - i)) {
		s->out->open_fence = s->opened;
		s->out->next_fence = s->line;
	}
	put_line(s, "", text, n);
}

/* Whether a fence opens on this line. */
static bool opens_fence(const char *text, size_t n)
{
	size_t i = md_container_prefix(text, n, true);
	size_t length = i < n && strchr("`~", text[i]) ? md_run_of(text + i, n - i, text[i]) : 0;

	return length >= 3 && (text[i] == '~' || !memchr(text + i + length, '`', n - i - length));
}

/* One line, or the lines of a block that a sentence had in it; where the text goes on. */
static const char *take_line(struct scanner *s, const char *text)
{
	const char *end = strchrnul(text, '\n'), *next;
	size_t n = (size_t)(end - text), skip;

	if (!s->fence && !s->raw) {
		follow_lists(s, text, n);
		s->dedent = excess(s, text, n);
		if (s->dedent && opens_fence(text, n)) /* ends the paragraph that it stands in */
			put_line(s, "", "", 0);
	}
	skip = md_blanks_of(text, n, s->dedent);
	text += skip;
	n -= skip;
	if (s->fence) {
		inside(s, text, n);
	} else if (s->raw) {
		raw(s, text, n);
	} else if (!opens_fence(text, n) && (s->raw = begins_raw(text, n, end))) {
		size_t shift = shift_of(s, text, n, end);

		s->closed = false;
		s->shift = 0;
		raw(s, text, n);
		s->shift = shift;
	} else if (!opens_fence(text, n) && (next = block_of_sentence(s, text, n))) {
		s->closed = false;
		return next;
	} else {
		outside(s, text, n, end);
	}
	s->line++;
	return *end ? end + 1 : end;
}

int md_source_normalise(const char *text, struct md_source *ret)
{
	struct scanner s = {.out = ret, .line = 1};

	while (*text)
		text = take_line(&s, text);
	if (s.fence && !ret->open_fence)
		ret->open_fence = s.opened;
	if (ret->failed || buf_failed(&ret->text)) {
		md_source_release(ret);
		return -ENOMEM;
	}
	return 0;
}

void md_source_release(struct md_source *s)
{
	buf_release(&s->text);
	free(s->lines);
	*s = (struct md_source){0};
}
