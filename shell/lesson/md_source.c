#include "shell/lesson/md_source.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static size_t blanks(const char *text, size_t n)
{
	size_t i = 0;

	while (i < n && (text[i] == ' ' || text[i] == '\t'))
		i++;
	return i;
}

static bool word_is(const char *word, size_t n, const char *name)
{
	return n == strlen(name) && !strncasecmp(word, name, n);
}

/* One word of an action; false when it may not be the first one. */
static bool action_word(const char *word, size_t n, struct md_action *action)
{
	if (word_is(word, n, "exec") || word_is(word, n, "execute"))
		action->kind = MD_EXEC;
	else if (word_is(word, n, "copy") || word_is(word, n, "open"))
		action->kind = MD_COPY;
	else if (word_is(word, n, "interrupt"))
		action->kind = MD_INTERRUPT;
	else if (n == 2 && (word[0] == 'T' || word[0] == 't') && word[1] >= '1' && word[1] <= '9')
		action->terminal = word[1] - '0';
	else
		return false;
	return true;
}

size_t md_action_parse(const char *text, size_t n, struct md_action *ret)
{
	struct md_action action = {.kind = MD_EXEC, .terminal = 1};
	size_t i = blanks(text, n);
	bool first = true;

	if (n - i < 4 || strncmp(text + i, "{{", 2))
		return 0;
	for (i += 2;;) {
		size_t start;

		i += blanks(text + i, n - i);
		if (n - i >= 2 && !strncmp(text + i, "}}", 2))
			break;
		start = i;
		while (i < n && !isspace((unsigned char)text[i]) && text[i] != '}' &&
		        text[i] != '{')
			i++;
		/* Words after the first may be any: other players have more of them than we do. */
		if (i == start || (!action_word(text + start, i - start, &action) && first))
			return 0;
		first = false;
	}
	if (first)
		return 0;
	*ret = action;
	return i + 2;
}

static const char comment_format[] = "<!--cutaway action %d %d-->";

bool md_action_parse_comment(const char *html, struct md_action *ret)
{
	int kind, terminal;

	if (sscanf(html, comment_format, &kind, &terminal) != 2 || kind < MD_EXEC ||
	        kind > MD_INTERRUPT)
		return false;
	*ret = (struct md_action){.kind = (enum md_block_kind)kind, .terminal = terminal};
	return true;
}

/* Where we are: outside of code, or inside a fence that was opened so. */
struct scanner {
	struct md_source *out;
	int line;        /* of the source, from 1 */
	char fence;      /* '`' or '~'; 0 = outside */
	size_t length;   /* of the opening fence */
	char prefix[64]; /* what stands before the fence: blanks and '>' */
	bool marked;     /* the opening fence carried an action */
	bool sentence;   /* code began on the opening line: ```ls \ */
	bool closed;     /* just behind a fence without action: the next line may be one */
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
	char comment[64];
	int n = snprintf(comment, sizeof comment, comment_format, action->kind, action->terminal);

	put_line(s, s->prefix, comment, (size_t)n);
}

static void put_fence(struct scanner *s)
{
	char fence[64];
	size_t n = s->length < sizeof fence ? s->length : sizeof fence;

	memset(fence, s->fence, n);
	put_line(s, s->prefix, fence, n);
}

static size_t run_of(const char *text, size_t n, char c)
{
	size_t i = 0;

	while (i < n && text[i] == c)
		i++;
	return i;
}

static size_t trimmed(const char *text, size_t n)
{
	while (n && isspace((unsigned char)text[n - 1]))
		n--;
	return n;
}

/* Length of blanks, quote marks and (at an opening fence) list markers. */
static size_t container_prefix(const char *text, size_t n, bool markers)
{
	size_t i = 0;

	for (;;) {
		size_t j;

		i += blanks(text + i, n - i);
		j = i;
		if (j < n && text[j] == '>') {
			i++;
			continue;
		}
		if (!markers)
			return i;
		if (j < n && strchr("-+*", text[j]))
			j++;
		else {
			while (j < n && isdigit((unsigned char)text[j]))
				j++;
			if (j == i || j == n || (text[j] != '.' && text[j] != ')'))
				return i;
			j++;
		}
		if (j == n || (text[j] != ' ' && text[j] != '\t'))
			return i;
		i = j;
	}
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
	size_t end = trimmed(text, n);

	for (size_t i = end; i-- > 0;)
		if (text[i] == '{' && i && text[i - 1] == '{')
			return md_action_parse(text + i - 1, end - i + 1, action) == end - i + 1
			               ? i - 1
			               : n;
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
	return container_prefix(start, (size_t)(fence - start), false) < (size_t)(fence - start);
}

static bool has_space(const char *text, size_t n)
{
	return memchr(text, ' ', n) || memchr(text, '\\', n);
}

/* A line outside of fences. `rest` is the text after it. */
static void outside(struct scanner *s, const char *text, size_t n, const char *rest)
{
	size_t i = container_prefix(text, n, true), length, at, end = trimmed(text, n);
	struct md_action action;

	if (s->closed && (at = md_action_parse(text + i, n - i, &action))) {
		put_action(s, &action);
		s->closed = false;
		if (i + at < end)
			put_line(s, s->prefix, text + i + at, end - i - at);
		return;
	}
	s->closed = s->closed && i >= end;
	length = i < n && (text[i] == '`' || text[i] == '~') ? run_of(text + i, n - i, text[i]) : 0;
	if (length < 3 || (text[i] == '`' && memchr(text + i + length, '`', n - i - length))) {
		put_line(s, "", text, n);
		return;
	}
	s->fence = text[i];
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

/* A line inside of a fence. */
static void inside(struct scanner *s, const char *text, size_t n)
{
	size_t i = container_prefix(text, n, false), end = trimmed(text, n), length, at, ticks;
	struct md_action action;

	length = run_of(text + i, n - i, s->fence);
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
	ticks = trimmed(text, at < n ? at : end);
	if ((at < n || s->sentence) && ticks >= 3 && !strncmp(text + ticks - 3, "```", 3)) {
		while (ticks && text[ticks - 1] == '`')
			ticks--;
		put_line(s, "", text, ticks);
		close_fence(s, at < n ? &action : NULL);
		return;
	}
	put_line(s, "", text, n);
}

int md_source_normalise(const char *text, struct md_source *ret)
{
	struct scanner s = {.out = ret, .line = 1};

	while (*text) {
		const char *end = strchrnul(text, '\n');
		size_t n = (size_t)(end - text);

		if (s.fence)
			inside(&s, text, n);
		else
			outside(&s, text, n, end);
		text = *end ? end + 1 : end;
		s.line++;
	}
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
