/* The page that the learner is on: which of its commands were run, what its check says, and what
 * viewers are told about it. */
#include "shell/repl_state.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/process_id.h"
#include "shell/diagram/keep.h"
#include "shell/lab.h"
#include "shell/lesson/environment.h"
#include "shell/lesson/markdown.h"
#include "shell/lesson/verify.h"
#include "shell/repl_check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

const struct scenario_page *repl_page(const struct repl *r)
{
	return r->lesson ? &r->lesson->pages[r->page] : NULL;
}

/* ---- commands of the page ------------------------------------------------------------------- */

/* The next line of a text: *text moves behind it; blanks around it do not count. */
static bool next_line(const char **text, const char **line, size_t *n)
{
	if (!**text)
		return false;
	*line = *text + strspn(*text, " \t");
	*n = strcspn(*line, "\n");
	*text = *line + *n + ((*line)[*n] == '\n');
	while (*n && strchr(" \t", (*line)[*n - 1]))
		(*n)--;
	return true;
}

static size_t count_lines(const char *text)
{
	const char *line;
	size_t n, count = 0;

	while (next_line(&text, &line, &n))
		count++;
	return count;
}

/* How many lines of `text` are the block's lines from number `skip` on: all, or none. */
static size_t match(const char *block, size_t skip, const char *text)
{
	const char *a, *b;
	size_t n, m, count = 0;

	while (skip--)
		if (!next_line(&block, &a, &n))
			return 0;
	while (next_line(&text, &b, &m)) {
		if (!next_line(&block, &a, &n) || n != m || memcmp(a, b, n))
			return 0;
		count++;
	}
	return count;
}

static void add_line(const char *block, size_t number, struct buf *out)
{
	const char *line;
	size_t n;

	do
		if (!next_line(&block, &line, &n))
			return;
	while (number--);
	buf_add_bytes(out, line, n);
}

/* The first command of the page that is yet to be run; -1 = none. */
static ptrdiff_t next_block(const struct repl *r)
{
	const struct scenario_page *page = repl_page(r);

	for (size_t i = 0; page && i < page->n_blocks; i++)
		if (!r->blocks[i].done && md_is_command(&page->blocks[i]))
			return (ptrdiff_t)i;
	return -1;
}

/* The same command may stand on a page more than once: the first one not run is meant. */
static ptrdiff_t find_block(const struct repl *r, const char *text, size_t *lines)
{
	const struct scenario_page *page = repl_page(r);

	for (size_t i = 0; page && i < page->n_blocks; i++)
		if (page->blocks[i].kind == MD_TYPE && !r->blocks[i].done &&
		        !strncmp(page->blocks[i].text, text, strlen(page->blocks[i].text))) {
			*lines = count_lines(page->blocks[i].text); /* and what was added */
			return (ptrdiff_t)i;
		} else if (!r->blocks[i].done &&
		           (*lines = match(page->blocks[i].text, r->blocks[i].lines_done, text)))
			return (ptrdiff_t)i;
	return -1;
}

static struct repl_block *blocks_of(const struct repl *r, size_t number)
{
	size_t first = 0;

	for (size_t i = 0; i < number; i++)
		first += r->lesson->pages[i].n_blocks;
	return r->marks + first;
}

int repl_page_marks(const struct scenario *lesson, struct repl_block **ret)
{
	size_t n = 1;

	for (size_t i = 0; i < lesson->n_pages; i++)
		n += lesson->pages[i].n_blocks;
	*ret = calloc(n, sizeof(**ret));
	return *ret ? 0 : -ENOMEM;
}

void repl_page_mark(struct repl *r, size_t number, bool done)
{
	const struct scenario_page *page = &r->lesson->pages[number];
	struct repl_block *blocks = blocks_of(r, number);

	for (size_t i = 0; i < page->n_blocks; i++)
		blocks[i] = (struct repl_block){.done = done && md_is_command(&page->blocks[i])};
}

bool repl_page_has_more(const struct repl *r)
{
	return next_block(r) >= 0;
}

bool repl_page_awaits(const struct repl *r, const char *text)
{
	size_t lines;

	return find_block(r, text, &lines) >= 0;
}

void repl_page_ran(struct repl *r, const char *text)
{
	size_t lines;
	ptrdiff_t i = find_block(r, text, &lines);

	if (i < 0)
		return;
	r->blocks[i].lines_done += lines;
	r->blocks[i].done = r->blocks[i].lines_done >= count_lines(repl_page(r)->blocks[i].text);
}

void repl_page_propose(struct repl *r, struct buf *out)
{
	ptrdiff_t i = next_block(r);
	const struct scenario_page *page = repl_page(r);

	if (!page)
		return;
	if (repl_foreign_waits(r))
		buf_add(out, "setup run");
	else if (i >= 0)
		add_line(page->blocks[i].text, r->blocks[i].lines_done, out);
	else if (repl_foreign_has_question(r))
		buf_add(out, "answer");
	else if (page->kind == PAGE_FINISH)
		buf_add(out, "quit");
	else if (page->quiz && !r->passed)
		buf_add(out, "quiz");
	else if (page->verify.text && !r->passed)
		buf_add(out, "check");
	else
		buf_add(out, "next");
}

void repl_page_continue(const struct repl *r, const char *text, struct buf *out)
{
	size_t lines;
	ptrdiff_t i = find_block(r, text, &lines);

	if (i >= 0)
		add_line(repl_page(r)->blocks[i].text, r->blocks[i].lines_done + lines, out);
}

void repl_page_solution(const struct scenario_page *page, struct buf *out)
{
	if (page->solution.text) {
		buf_add(out, page->solution.text);
		return;
	}
	for (size_t i = 0; i < page->n_blocks; i++)
		if (md_is_command(&page->blocks[i]))
			buf_addf(out, "%s\n", page->blocks[i].text);
}

/* ---- the text ---------------------------------------------------------------------------------
 */

static int terminal_width(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col < 1)
		return 80;
	return size.ws_col < 100 ? size.ws_col : 100; /* longer lines are hard to read */
}

void repl_page_print(struct repl *r)
{
	const struct scenario_page *page = repl_page(r);
	struct md_options options = {.width = terminal_width(), .plain = !r->colour};
	struct md_text text;

	if (!page || markdown_layout(page->parsed, &options, &text) < 0)
		return;
	repl_say(r, "\n");
	md_text_write(&text, r->colour, &r->said);
	repl_say(r, "\n");
	md_text_release(&text);
}

static void set_view(struct repl *r, const struct scenario_page *page)
{
	buf_reset(&r->view);
	buf_add(&r->view, page->view && *page->view ? page->view : "host");
	buf_reset(&r->subject);
	buf_add(&r->subject, page->subject ? page->subject : "");
}

/* What the page needs and the machine does not have, before anything fails for it. */
static void say_missing(struct repl *r, const struct scenario_page *page)
{
	auto_buf missing = BUF_INIT;

	if (environment_tell(page->needs, page->n_needs, &missing))
		repl_say(r,
		        "This page needs what is missing here; the rest of the lesson may do.\n%s",
		        buf_text(&missing));
}

void repl_page_start(struct repl *r, size_t number)
{
	const struct scenario_page *page;

	if (!r->lesson)
		return;
	r->page = number;
	page = repl_page(r);
	r->blocks = blocks_of(r, number);
	r->asked = r->passed = r->tried = r->opened = r->allowed = false;
	r->answered = 0;
	r->answer = -1;
	r->hints = 0;
	r->step_serial++;
	set_view(r, page);
	keep_task_open(page->diagram);
	buf_reset(&r->prefill);
	if (!r->options.stage)
		repl_page_print(r);
	say_missing(r, page);
	repl_foreign_say(r);
	repl_page_look(r);
	repl_lesson_keep(r);
}

/* ---- the check ------------------------------------------------------------------------------ */

bool repl_page_look(struct repl *r)
{
	return (!r->foreign || r->allowed) && repl_page_check(r);
}

bool repl_page_check(struct repl *r)
{
	bool before = r->passed;
	size_t missing = r->n_unmet;

	repl_check_run(r);
	if (r->n_unmet != missing)
		r->hints = 0; /* something changed: hints begin anew */
	if (r->passed && !before)
		repl_lesson_keep(r);
	return r->passed && !before;
}

void repl_page_say_unmet(struct repl *r)
{
	if (r->n_unmet)
		repl_say(r, "Still missing:\n");
	for (size_t i = 0; i < r->n_unmet;
	        i++) /* all that is asked of an absent container is one fault */
		if (i == 0 || strcmp(r->unmet[i].text, r->unmet[i - 1].text) != 0)
			repl_say(r, "  - %s\n", r->unmet[i].text);
	if (!r->n_unmet && r->complaint.len)
		repl_say(r, "Still missing: %s\n", buf_text(&r->complaint));
	else if (!r->n_unmet)
		repl_say(r, "The check of this page has not passed yet.\n");
}

/* ---- for viewers ---------------------------------------------------------------------------- */

void repl_publish(struct repl *r)
{
	const struct scenario_page *page = repl_page(r);
	struct process_id self = {0};
	struct error err = {0};
	bool *done = NULL;
	struct lab_state state = {
	        .lesson_number = r->lesson_number,
	        .passed = r->passed,
	        .unmet = r->unmet,
	        .n_unmet = r->passed ? 0 : r->n_unmet,
	        .view = buf_text(&r->view),
	        .subject = buf_text(&r->subject),
	        .message = buf_text(&r->message),
	        .serial = ++r->serial,
	        .step_serial = r->step_serial,
	};

	if (!page)
		state.markdown =
		        "# No lesson\n\nNo lesson is open. `lessons` says which there are, "
		        "or why there are none.\n\nThe terminal, the drawing and the "
		        "commands of `cutaway --help` work as always.\n";
	process_id_read(getpid(), &self);
	state.shell_pid = self.pid;
	state.shell_start = self.start_time;
	if (page && (done = calloc(page->n_blocks + 1, sizeof(*done)))) {
		for (size_t i = 0; i < page->n_blocks; i++)
			done[i] = r->blocks[i].done;
		state.done = done;
		state.n_done = page->n_blocks;
		state.lesson = r->lesson->name;
		state.lesson_title = r->lesson->title;
		state.step = (int)r->page;
		state.steps = (int)r->lesson->n_pages;
		state.step_title = page->title;
		state.markdown = page->markdown;
		state.checked = scenario_page_asks(page);
	}
	if (lab_state_write(lab_directory_fd(r->options.lab), &state, &err) < 0)
		repl_say_error(r, &err);
	free(done);
}
