#include "render/terminfo.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <term.h>
#include <unistd.h>

static const char *capability(const char *name)
{
	const char *text = tigetstr(name);

	return text == (const char *)-1 ? NULL : text;
}

int terminfo_check(struct error *err)
{
	const char *term = getenv("TERM");
	int state = 0, r;
	bool can_place;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		r = error_set(err, ENOTTY, "open terminal", "standard input and output",
		        "they are not a terminal");
		error_advise(err, "run it in a terminal, or use 'cutaway shell' or 'cutaway draw'");
		return r;
	}
	if (!term || !*term) {
		r = error_set(err, EOPNOTSUPP, "open terminal", "TERM", "it is not set");
		error_advise(err, "say what your terminal is: export TERM=xterm-256color");
		return r;
	}
	if (setupterm(NULL, STDOUT_FILENO, &state) != 0 || state != 1) {
		r = error_set(err, EOPNOTSUPP, "open terminal", term,
		        "the terminal database has no entry of this name");
		error_advise(err, "say what your terminal is: export TERM=xterm-256color");
		return r;
	}
	can_place = capability("cup") != NULL;
	del_curterm(cur_term); /* curses reads its own copy */
	if (!can_place) {
		r = error_set(err, EOPNOTSUPP, "open terminal", term,
		        "a terminal of this kind cannot place the cursor");
		error_advise(err, "use 'cutaway shell', which needs only lines of text");
		return r;
	}
	return 0;
}

/* Leaves out padding marks "$<5>": no terminal of today has to be waited for. */
static size_t append(char *out, size_t used, size_t size, const char *text)
{
	while (text && *text && used + 1 < size) {
		const char *end = !strncmp(text, "$<", 2) ? strchr(text, '>') : NULL;
		if (end)
			text = end + 1;
		else
			out[used++] = *text++;
	}
	out[used] = '\0';
	return used;
}

void terminfo_restore_text(char *out, size_t size)
{
	static const char *const names[] = {"sgr0", "rmkx", "cnorm", "rmcup"};
	size_t used = append(out, 0, size, TERMINFO_PASTE_OFF TERMINFO_MOUSE_OFF);

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		used = append(out, used, size, capability(names[i]));
}
