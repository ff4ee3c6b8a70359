/* The marks behind code that say what it is for. */
#include "shell/lesson/md_source.h"

#include "shell/lesson/md_line.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* "T2", "host01": the number behind a name; 0 = it is none. */
static int numbered(const char *word, size_t n, const char *name)
{
	size_t length = strlen(name), i = length;
	int number = 0;

	if (n <= length || n > length + 2 || strncasecmp(word, name, length) != 0)
		return 0;
	for (; i < n && isdigit((unsigned char)word[i]); i++)
		number = number * 10 + (word[i] - '0');
	return i == n ? number : 0;
}

/* One word of an action; false when it may not be the first one. */
static bool action_word(const char *word, size_t n, struct md_action *action)
{
	static const struct {
		const char *name;
		enum md_block_kind kind;
	} words[] = {
	        {"exec", MD_EXEC},
	        {"execute", MD_EXEC},
	        {"copy", MD_COPY},
	        {"open", MD_OPEN},
	        {"interrupt", MD_INTERRUPT},
	        {"no-newline", MD_TYPE},
	        {"ctrl-seq", MD_KEY},
	};
	int number;

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (n == strlen(words[i].name) && !strncasecmp(word, words[i].name, n)) {
			action->kind = words[i].kind;
			return true;
		}
	if ((number = numbered(word, n, "T")))
		action->terminal = number;
	else if ((number = numbered(word, n, "HOST")))
		action->host = number;
	return number != 0;
}

size_t md_action_parse(const char *text, size_t n, struct md_action *ret)
{
	struct md_action action = {.kind = MD_EXEC, .terminal = 1, .host = 1};
	size_t i = md_blanks(text, n), braces = 0;
	bool first = true;

	while (i < n && text[i] == '{')
		i++, braces++;
	if (braces < 2 || braces > 4)
		return 0;
	for (;;) {
		size_t start, end;

		i += md_blanks(text + i, n - i);
		for (end = i; end < n && text[end] == '}' && end - i < braces; end++)
			;
		if (end - i >= 2) {
			i = end;
			break;
		}
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
		action.kind = MD_NONE;
	*ret = action;
	return i;
}

static const char comment_format[] = "<!--cutaway action %d %d %d-->";

int md_action_comment(const struct md_action *action, char out[MD_ACTION_COMMENT])
{
	return snprintf(out, MD_ACTION_COMMENT, comment_format, action->kind, action->terminal,
	        action->host);
}

bool md_action_parse_comment(const char *html, struct md_action *ret)
{
	int kind, terminal, host;

	if (sscanf(html, comment_format, &kind, &terminal, &host) != 3 || kind < MD_EXEC ||
	        kind > MD_NONE || terminal < 1 || host < 1)
		return false;
	*ret = (struct md_action){
	        .kind = (enum md_block_kind)kind, .terminal = terminal, .host = host};
	return true;
}
