#include "shell/lesson/lint.h"

#include "kernel/base/cleanup.h"
#include "shell/lesson/clean.h"
#include "shell/lesson/folder.h"
#include "shell/lesson/lint_files.h"
#include "shell/lesson/lint_index.h"
#include "shell/lesson/lint_words.h"
#include "shell/lesson/markdown.h"
#include "shell/lesson/md_source.h"
#include "shell/lesson/replay.h"
#include "shell/lesson/scenario_json.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

enum {
	FILE_LIMIT = 1 << 20,
	PAGE_WORDS = 500,       /* more does not fit beside a terminal without losing the reader */
	WORDS_A_MINUTE = 130,   /* technical text, slowly */
	SECONDS_A_COMMAND = 40, /* type it, wait, look at the drawing */
};

void lint_tell(struct lint *l, const char *path, int line, const char *format, ...)
{
	auto_buf message = BUF_INIT, file = BUF_INIT;
	va_list args;

	va_start(args, format);
	buf_addv(&message, format, args);
	va_end(args);
	buf_addf(&file, "%s/%s", l->folder, path);
	l->finding(l->data, buf_text(&file), line, buf_text(&message));
	l->n++;
}

/* ---- a lesson that cannot even be read ------------------------------------------------------- */

static int line_of_place(const char *text, const char *at)
{
	int line = 1;

	for (const char *p = text; at && p < at; p++)
		line += *p == '\n';
	return line;
}

/* Line of the first place where `what` stands in the text. */
static int line_of(const char *text, const char *what)
{
	return line_of_place(text, strstr(text, what));
}

/* The error's object is FOLDER/index.json:LINE:COLUMN. */
static void tell_error(struct lint *l, const struct error *err)
{
	const char *json = strstr(err->object, "/index.json:");

	lint_tell(l, "index.json", json ? (int)strtol(json + 12, NULL, 10) : 1, "%s", err->cause);
}

static void tell_problem(struct lint *l, const struct scenario_problem *problem, const char *index)
{
	bool file = strcmp(problem->file, "index.json") != 0;

	lint_tell(l, "index.json", file ? line_of(index, problem->file) : 1, "%s%s%s",
	        file ? problem->file : "", file ? ": " : "", problem->text);
}

/* ---- pages ---------------------------------------------------------------------------------- */

static size_t count_words(const char *text)
{
	size_t n = 0;

	for (bool inside = false; *text; text++) {
		bool letter = !isspace((unsigned char)*text);
		n += letter && !inside;
		inside = letter;
	}
	return n;
}

static bool is_elsewhere(const char *url)
{
	return !strncmp(url, "http://", 7) || !strncmp(url, "https://", 8) ||
	       !strncmp(url, "mailto:", 7) || *url == '#' || !*url;
}

static void look_at_links(struct lint *l, int fd, const struct scenario_page *page)
{
	size_t n, directory;
	const char *const *links = markdown_links(page->parsed, &n);
	const char *slash = page->path ? strrchr(page->path, '/') : NULL;

	directory = slash ? (size_t)(slash - page->path) + 1 : 0;
	for (size_t i = 0; i < n; i++) {
		auto_free char *path = NULL;
		struct error err = {0};
		int found;

		if (is_elsewhere(links[i]) ||
		        asprintf(&path, "%.*s%.*s", (int)directory, page->path ? page->path : "",
		                (int)strcspn(links[i], "#?"), links[i]) < 0)
			continue;
		found = folder_open(fd, path, SIZE_MAX, &err);
		if (found >= 0)
			close(found);
		else
			lint_tell(l, page->path ? page->path : "index.json",
			        line_of(page->markdown, links[i]),
			        "the link to '%s' leads nowhere: %s", links[i], err.cause);
	}
}

/* `ls`{{exce}}: what stands behind code like a mark and is none leaves a command that nobody runs.
 * In code itself two braces may be a template's. */
static void look_at_marks(struct lint *l, const struct scenario_page *page)
{
	const char *text = page->markdown;

	for (const char *at = strstr(text, "{{"); at; at = strstr(at + 2, "{{")) {
		const char *before = at;
		struct md_action action;

		while (before > text && before[-1] == ' ')
			before--;
		if (before == text || before[-1] != '`' || md_action_parse(at, strlen(at), &action))
			continue;
		lint_tell(l, page->path ? page->path : "index.json", line_of_place(text, at),
		        "'%.*s' is no mark of a command: there are {{exec}}, {{exec interrupt}} "
		        "and {{copy}}",
		        (int)strcspn(at, "\n") > 40 ? 40 : (int)strcspn(at, "\n"), at);
	}
}

/* `whole`: all that index.json names could be read, so what is not there was not named. */
static void look_at_page(struct lint *l, int fd, const struct scenario_page *page, bool whole)
{
	const char *path = page->path ? page->path : "index.json";
	size_t words = count_words(page->markdown);
	int line = clean_find(page->markdown, strlen(page->markdown));

	if (line)
		lint_tell(l, path, line,
		        "the text has control characters or escape sequences for the terminal in "
		        "it");
	if (words > PAGE_WORDS)
		lint_tell(l, path, 1, "the page has %zu words; more than %d are not read", words,
		        PAGE_WORDS);
	if (whole && page->n_blocks && !page->verify.path && !page->quiz)
		for (size_t i = 0; i < page->n_blocks; i++)
			if (md_is_command(&page->blocks[i])) {
				lint_tell(l, path, page->blocks[i].line,
				        "the page has commands but no check (\"verify\")");
				break;
			}
	look_at_links(l, fd, page);
	look_at_marks(l, page);
	lint_files(l, fd, page);
}

/* Whether the time that the lesson tells can be right. */
static void look_at_time(struct lint *l, const struct scenario *s, const char *index)
{
	size_t words = 0, commands = 0, seconds;
	long told = strtol(s->time, NULL, 10) * 60;

	for (size_t i = 0; i < s->n_pages; i++) {
		words += count_words(s->pages[i].markdown);
		commands += s->pages[i].n_blocks;
	}
	seconds = words * 60 / WORDS_A_MINUTE + commands * SECONDS_A_COMMAND;
	if (told <= 0)
		lint_tell(l, "index.json", scenario_json_line(index, "time"),
		        "time: should begin with the minutes, as in \"20 minutes\"");
	else if (seconds > (size_t)told * 3 / 2 || seconds * 4 < (size_t)told)
		lint_tell(l, "index.json", scenario_json_line(index, "time"),
		        "time: says '%s'; %zu words and %zu commands take about %zu minutes",
		        s->time, words, commands, (seconds + 59) / 60);
}

static void look_at_assets(struct lint *l, int fd, const struct scenario *s, const char *index)
{
	for (size_t i = 0; i < s->n_assets; i++) {
		auto_free char *path = NULL;
		int found;

		if (strpbrk(s->assets[i].file, "*?[") ||
		        asprintf(&path, "assets/%s", s->assets[i].file) < 0)
			continue;
		found = folder_open(fd, path, SIZE_MAX, NULL);
		if (found >= 0)
			close(found);
		else if (found != -EISDIR)
			lint_tell(l, "index.json", scenario_json_line(index, "details.assets"),
			        "details.assets: there is no file %s", path);
	}
}

void lint_static(struct lint *l)
{
	auto_close fd = open(l->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_buf index = BUF_INIT;
	struct scenario *s = NULL;
	struct error err = {0};
	json_t *root = NULL;
	bool json;

	if (fd < 0) {
		lint_tell(l, "index.json", 1, "%s", strerror(errno));
		return;
	}
	json = scenario_json_read(fd, l->folder, "index.json", FILE_LIMIT, &root, &err) == 0;
	if (!json)
		tell_error(l, &err);
	if (folder_read(fd, "index.json", FILE_LIMIT, &index, NULL) == 0 && json)
		lint_index(l, buf_text(&index), root);
	json_decref(root);
	/* What is not quite JSON opens all the same, and may have more to be told. */
	if (scenario_load(l->folder, &s, json ? &err : NULL) < 0) {
		if (json)
			tell_error(l, &err);
		return;
	}
	for (size_t i = 0; i < s->n_problems; i++)
		tell_problem(l, &s->problems[i], buf_text(&index));
	for (size_t i = 0; i < s->n_pages; i++)
		look_at_page(l, fd, &s->pages[i], !s->n_problems);
	if (*s->time)
		look_at_time(l, s, buf_text(&index));
	look_at_assets(l, fd, s, buf_text(&index));
	lint_words(l, s);
	scenario_free(s);
}

/* ---- proof ---------------------------------------------------------------------------------- */

struct proof {
	struct lint *lint;
	const char *round; /* "", " the second time", " by the solution" */
};

static void take_point(void *data, const struct replay_point *p)
{
	struct proof *proof = data;
	const struct scenario_page *page =
	        p->page < p->lesson->n_pages ? &p->lesson->pages[p->page] : NULL;
	const char *file = !page               ? "index.json"
	                   : page->verify.path ? page->verify.path
	                                       : page->path;

	if (p->skipped && proof->lint->skipped)
		proof->lint->skipped(
		        proof->lint->data, page ? page->title : p->lesson->title, p->skipped);
	if (!p->holds)
		lint_tell(proof->lint, file ? file : "index.json", 1, "does not hold%s: %s\n%s",
		        proof->round, p->what, p->diagnostics);
}

static void prove(struct lint *l, const struct scenario *s, const char *round, bool solutions)
{
	struct proof proof = {l, round};
	struct replay_options options = {.point = take_point,
	        .data = &proof,
	        .hints = !*round,
	        .solutions = solutions,
	        .after_step = *round ? NULL : l->after_step};
	struct error err = {0};
	auto_buf text = BUF_INIT;

	if (replay_lesson(s, &options, &err) == 0)
		return;
	error_format(&err, &text);
	lint_tell(l, "index.json", 1, "cannot be tried: %s", buf_text(&text));
}

void lint_proof(struct lint *l)
{
	struct scenario *s;
	struct error err = {0};
	bool solutions = false;
	size_t before = l->n;

	if (scenario_load(l->folder, &s, &err) < 0) {
		tell_error(l, &err);
		return;
	}
	for (size_t i = 0; i < s->n_pages; i++)
		solutions |= s->pages[i].solution.path != NULL;
	prove(l, s, "", false);
	if (l->n == before) /* a second round tells nothing about what failed in the first */
		prove(l, s, " the second time", false);
	if (solutions)
		prove(l, s, " by the solution", true);
	scenario_free(s);
}
