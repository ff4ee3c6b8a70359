#include "shell/lesson/page_question.h"

#include "kernel/base/cleanup.h"
#include "shell/lesson/choice_order.h"
#include "shell/lesson/clean.h"

#include <ctype.h>
#include <errno.h>
#include <regex.h>
#include <string.h>
#include <strings.h>

enum { QUESTIONS = 100, CHOICES = CHOICE_ORDER_MOST };

struct line {
	const char *text;
	size_t n;
};

/* The next line, without the blanks around it; *text moves behind it. */
static bool next_line(const char **text, struct line *ret)
{
	if (!**text)
		return false;
	ret->text = *text;
	ret->n = strcspn(*text, "\n");
	*text += ret->n + ((*text)[ret->n] == '\n');
	while (ret->n && isspace((unsigned char)*ret->text))
		ret->text++, ret->n--;
	while (ret->n && isspace((unsigned char)ret->text[ret->n - 1]))
		ret->n--;
	return true;
}

/* >>Q1: question << ; what stands between. */
static bool is_question(const struct line *l, struct line *ret)
{
	if (l->n < 5 || strncmp(l->text, ">>", 2) != 0 || l->text[2] == '>' ||
	        strncmp(l->text + l->n - 2, "<<", 2) != 0)
		return false;
	ret->text = l->text + 2;
	ret->n = l->n - 4;
	while (ret->n && isspace((unsigned char)*ret->text))
		ret->text++, ret->n--;
	while (ret->n && isspace((unsigned char)ret->text[ret->n - 1]))
		ret->n--;
	return ret->n > 0;
}

enum answer { ANSWER_NONE, ANSWER_ONE, ANSWER_SEVERAL, ANSWER_TEXT, ANSWER_PATTERN };

/* "(*) text", "[ ] text", "=== text", "=~= text". */
static enum answer answer_of(const struct line *l, bool *ret_right, struct line *ret)
{
	const char *t = l->text;
	enum answer kind = ANSWER_NONE;

	if (l->n < 3)
		return ANSWER_NONE;
	if (!strncmp(t, "===", 3))
		kind = ANSWER_TEXT;
	else if (!strncmp(t, "=~=", 3))
		kind = ANSWER_PATTERN;
	else if (strchr("([", t[0]) && t[2] == (t[0] == '(' ? ')' : ']') && strchr(" *xX", t[1]))
		kind = t[0] == '(' ? ANSWER_ONE : ANSWER_SEVERAL;
	*ret_right = kind == ANSWER_TEXT || kind == ANSWER_PATTERN || t[1] != ' ';
	ret->text = t + 3;
	ret->n = l->n - 3;
	while (ret->n && isspace((unsigned char)*ret->text))
		ret->text++, ret->n--;
	return ret->n ? kind : ANSWER_NONE;
}

static const char *keep(struct arena *arena, const struct line *l)
{
	auto_buf clean = BUF_INIT;

	clean_text(l->text, l->n, false, &clean);
	return arena_strdup(arena, buf_text(&clean));
}

/* As they are shown, choice_order.h. */
static void put_in_order(struct page_question *q)
{
	struct page_choice as_written[CHOICES];
	const char *texts[CHOICES];
	size_t order[CHOICES];

	if (!q->n_choices)
		return;
	for (size_t i = 0; i < q->n_choices; i++) {
		as_written[i] = q->choices[i];
		texts[i] = as_written[i].text;
	}
	choice_order(q->question, texts, q->n_choices, order);
	for (size_t i = 0; i < q->n_choices; i++)
		q->choices[i] = as_written[order[i]];
}

/* What stands below a question; *text moves behind its answers. */
static int read_answers(const char **text, struct arena *arena, struct page_question *q)
{
	const char *at = *text;
	struct line line, answer;
	bool right;

	q->choices = arena_alloc(arena, CHOICES * sizeof *q->choices);
	if (!q->choices)
		return -ENOMEM;
	while (next_line(&at, &line)) {
		enum answer kind = answer_of(&line, &right, &answer);
		const char *kept;

		if (!line.n && !q->n_choices && !q->answer)
			continue; /* a blank line may come before the answers */
		if (kind == ANSWER_NONE || q->answer)
			break;
		if (!(kept = keep(arena, &answer)))
			return -ENOMEM;
		if (kind == ANSWER_TEXT || kind == ANSWER_PATTERN) {
			q->answer = kept;
			q->pattern = kind == ANSWER_PATTERN;
		} else if (q->n_choices < CHOICES) {
			q->several |= kind == ANSWER_SEVERAL;
			q->choices[q->n_choices++] = (struct page_choice){kept, right};
		}
		*text = at;
	}
	put_in_order(q);
	return 0;
}

static bool can_be_answered(const struct page_question *q)
{
	bool right = q->answer != NULL;

	for (size_t i = 0; i < q->n_choices; i++)
		right |= q->choices[i].right;
	return right;
}

/* Whether a fence begins or ends at the line: what is code asks nothing. */
static bool is_fence(const struct line *l)
{
	return l->n >= 3 && (!strncmp(l->text, "```", 3) || !strncmp(l->text, "~~~", 3)) &&
	       !memchr(l->text + 3, '`', l->n - 3);
}

int page_questions_read(
        const char *text, struct arena *arena, struct page_question **ret, size_t *n)
{
	struct page_question *all = NULL;
	struct line line, question;
	bool code = false;

	*n = 0;
	*ret = NULL;
	while (next_line(&text, &line) && *n < QUESTIONS) {
		struct page_question q = {0};

		code ^= is_fence(&line);
		if (code || !is_question(&line, &question))
			continue;
		if (!all && !(all = arena_alloc(arena, QUESTIONS * sizeof *all)))
			return -ENOMEM;
		q.question = keep(arena, &question);
		if (!q.question || read_answers(&text, arena, &q) < 0)
			return -ENOMEM;
		if (can_be_answered(&q))
			all[(*n)++] = q;
	}
	*ret = all;
	return 0;
}

void page_questions_hide(const char *text, struct buf *out)
{
	struct arena arena = {0};
	struct line line, question;
	bool code = false;

	while (*text) {
		const char *start = text, *behind;
		struct page_question q = {0};

		next_line(&text, &line);
		behind = text;
		code ^= is_fence(&line);
		if (code || !is_question(&line, &question) ||
		        !(q.question = keep(&arena, &question)) ||
		        read_answers(&behind, &arena, &q) < 0 || !can_be_answered(&q)) {
			buf_add_bytes(out, start, (size_t)(text - start));
			continue;
		}
		buf_add(out, "\n**Question: ");
		buf_add_bytes(out, question.text, question.n);
		buf_add(out, "**\n\n");
		for (size_t i = 0; i < q.n_choices; i++)
			buf_addf(out, "%zu. %s\n", i + 1, q.choices[i].text);
		buf_add(out, q.n_choices ? "\n" : "");
		text = behind;
	}
	arena_release(&arena);
}

/* Text alone, without the marks of Markdown, capitals and blanks that do not matter. */
static void plain(const char *text, struct buf *out)
{
	for (; *text; text++) {
		if (isspace((unsigned char)*text)) {
			if (out->len && out->data[out->len - 1] != ' ')
				buf_addc(out, ' ');
		} else if (!strchr("`*", *text)) {
			buf_addc(out, (char)tolower((unsigned char)*text));
		}
	}
	while (out->len && strchr(" .", out->data[out->len - 1]))
		out->data[--out->len] = '\0';
}

static bool same(const char *a, const char *b)
{
	auto_buf x = BUF_INIT, y = BUF_INIT;

	plain(a, &x);
	plain(b, &y);
	return x.len && !strcmp(buf_text(&x), buf_text(&y));
}

static bool matches(const char *pattern, const char *given)
{
	regex_t regex;
	bool found;

	if (strlen(pattern) > 300 || regcomp(&regex, pattern, REG_EXTENDED | REG_ICASE | REG_NOSUB))
		return same(pattern, given);
	found = regexec(&regex, given, 0, NULL, 0) == 0;
	regfree(&regex);
	return found;
}

/* The numbers in what was given, as a set; false when it is something else. */
static bool numbers(const char *given, size_t n, bool chosen[CHOICES])
{
	bool any = false;

	while (*(given += strspn(given, " ,;\t"))) {
		char *end;
		unsigned long number = strtoul(given, &end, 10);

		if (end == given || number < 1 || number > n)
			return false;
		chosen[number - 1] = any = true;
		given = end;
	}
	return any;
}

bool page_question_is_right(const struct page_question *q, const char *given)
{
	bool chosen[CHOICES] = {false};

	if (q->answer)
		return q->pattern ? matches(q->answer, given) : same(q->answer, given);
	if (!numbers(given, q->n_choices, chosen))
		for (size_t i = 0; i < q->n_choices; i++)
			chosen[i] = same(q->choices[i].text, given);
	for (size_t i = 0; i < q->n_choices; i++)
		if (chosen[i] != q->choices[i].right)
			return false;
	return true;
}

void page_question_solution(const struct page_question *q, struct buf *out)
{
	bool any = false;

	if (q->answer)
		buf_addf(out, "%s%s", q->pattern ? "what matches " : "", q->answer);
	for (size_t i = 0; i < q->n_choices; i++)
		if (q->choices[i].right) {
			buf_addf(out, "%s%zu) %s", any ? "; " : "", i + 1, q->choices[i].text);
			any = true;
		}
}
