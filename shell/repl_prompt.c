/* What stands before the command: where the learner is, in the lesson and on the machine. */
#include "shell/repl_state.h"

#include "kernel/base/cleanup.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The directory, short: ~ for home, and no more than its last two names. */
static void add_directory(const struct repl *r, struct buf *out)
{
	const char *path = bash_session_directory(r->bash), *home = getenv("HOME");
	size_t n = home ? strlen(home) : 0;
	const char *last, *shown = path;
	bool in_home = n > 1 && !strncmp(path, home, n) && (!path[n] || path[n] == '/');

	if (in_home)
		shown = path + n;
	last = strrchr(shown, '/');
	while (last && last > shown && last[-1] != '/')
		last--;
	if (last && last > shown + 1)
		buf_addf(out, "…/%s", last);
	else
		buf_addf(out, "%s%s", in_home ? "~" : "", shown);
}

void repl_prompt_make(const struct repl *r, struct buf *out)
{
	const char *on = r->colour ? "\001\033[36m\002" : "";
	const char *done = r->colour ? "\001\033[32m\002" : "";
	const char *off = r->colour ? "\001\033[0m\002" : "";

	if (r->lesson) {
		const char *title = r->lesson->title;
		int width = 24;

		buf_addf(out, "%s[", on);
		if (r->lesson_number)
			buf_addf(out, "%d ", r->lesson_number);
		if (r->options.stage) /* which shows the title beside us */
			width = 0;
		for (; *title && (width > 0 || (*title & 0xc0) == 0x80) && !r->options.stage;
		        title++) {
			buf_addc(out, *title);
			width -= (title[1] & 0xc0) != 0x80;
		}
		if (*title && !r->options.stage)
			buf_add(out, "…");
		if (!r->options.stage)
			buf_addc(out, ' ');
		buf_addf(out, "%zu/%zu]%s ", r->page, r->lesson->n_pages - 1, off);
		if (r->passed)
			buf_addf(out, "%s✓%s ", done, off);
	}
	add_directory(r, out);
	buf_add(out, geteuid() ? " $ " : " # ");
}

void repl_prompt_echo(struct repl *r, const char *text)
{
	auto_buf prompt = BUF_INIT;

	repl_prompt_make(r, &prompt);
	for (const char *c = buf_text(&prompt); *c; c++)
		if (*c != '\001' && *c != '\002')
			buf_addc(&r->said, *c);
	repl_say(r, "%s\n", text);
	repl_speak(r);
}
