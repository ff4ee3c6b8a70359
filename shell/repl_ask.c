/* The page's question: a guess before the page's first command runs, compared with what happened
 * once all its commands have run. */
#include "shell/repl_state.h"

#include "kernel/base/cleanup.h"
#include "shell/lesson/progress.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A choice by its number or by how it begins ("three"), if no other begins so. -1 = none. */
static int choice_of(const struct scenario_predict *p, const char *text)
{
	size_t n = strlen(text);
	int found = -1;
	char *end;
	long number = strtol(text, &end, 10);

	if (!*end && number >= 1 && (size_t)number <= p->n_choices)
		return (int)number - 1;
	for (size_t i = 0; i < p->n_choices; i++) {
		if (strncasecmp(p->choices[i], text, n))
			continue;
		if (found >= 0)
			return -1;
		found = (int)i;
	}
	return found;
}

/* Who goes on typing commands shall not lose one to the question. */
static bool is_command(const struct repl *r, const char *text)
{
	struct tutor_call call;
	char word[64];
	size_t n = strcspn(text, " \t\n;|&");

	if (tutor_parse(text, &call) || repl_page_awaits(r, text))
		return true;
	if (!n || n >= sizeof(word))
		return false;
	memcpy(word, text, n);
	word[n] = '\0';
	return word[strspn(word, "0123456789")] && repl_is_program(word);
}

static void say_question(struct repl *r, const struct scenario_predict *p)
{
	repl_say(r, "A guess first: %s\n", p->question);
	for (size_t i = 0; i < p->n_choices; i++)
		repl_say(r, "  %zu) %s\n", i + 1, p->choices[i]);
}

static void trim(struct buf *text)
{
	size_t lead = strspn(buf_text(text), " \t\n");

	while (text->len && strchr(" \t\n", text->data[text->len - 1]))
		text->data[--text->len] = '\0';
	if (text->len && lead) {
		memmove(text->data, text->data + lead, text->len - lead + 1);
		text->len -= lead;
	}
}

/* One answer that is not about the question alone: what it means for the command at hand. */
static enum repl_asked end_of_question(struct repl *r, enum line_result result)
{
	switch (result) {
	case LINE_SIGNAL:
		r->ended_by = SIGTERM;
		r->quitting = true;
		return ASKED_DROP;
	case LINE_INTERRUPTED:
		r->status = 130;
		return ASKED_DROP;
	default: /* Ctrl-D: no guess */
		return ASKED_ON;
	}
}

enum repl_asked repl_ask(struct repl *r, struct buf *other)
{
	const struct scenario_page *page = repl_page(r);
	uint64_t serial = r->step_serial;
	auto_buf answer = BUF_INIT, typed = BUF_INIT;

	if (!page || r->asked || r->passed || !page->predict.question || !line_is_terminal(r->line))
		return ASKED_NOT;
	r->asked = true;
	say_question(r, &page->predict);
	for (;;) {
		enum line_result result;

		repl_speak(r);
		result = line_read(r->line,
		        "Your guess (a number; Enter leaves it out): ", buf_text(&typed), &answer);
		buf_reset(&typed);
		/* A key may have turned the page or opened another lesson meanwhile. */
		if (result == LINE_STOPPED && (r->quitting || r->step_serial != serial))
			return ASKED_DROP;
		if (result == LINE_STOPPED) {
			buf_add(&typed, buf_text(&answer));
			continue;
		}
		if (result != LINE_TEXT)
			return end_of_question(r, result);
		trim(&answer);
		if (!answer.len)
			return ASKED_ON;
		if ((r->answer = choice_of(&page->predict, buf_text(&answer))) >= 0)
			return ASKED_ON;
		if (is_command(r, buf_text(&answer))) {
			buf_add(other, buf_text(&answer));
			return ASKED_OTHER;
		}
		repl_say(r, "A number from 1 to %zu, please, or Enter alone.\n",
		        page->predict.n_choices);
	}
}

void repl_ask_compare(struct repl *r)
{
	const struct scenario_predict *p = &repl_page(r)->predict;

	if (r->answer < 0 || p->answer < 0 || (size_t)p->answer >= p->n_choices)
		return;
	progress_guess(r->progress, r->lesson->name, r->page, r->answer == p->answer);
	if (r->answer == p->answer)
		repl_say(r, "  You guessed right: %s.", p->choices[p->answer]);
	else
		repl_say(r, "  You guessed \"%s\"; it is: %s.", p->choices[r->answer],
		        p->choices[p->answer]);
	repl_say(r, "%s%s\n", p->because ? " " : "", p->because ? p->because : "");
	r->answer = -1;
}
