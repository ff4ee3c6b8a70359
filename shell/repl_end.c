/* Leaving the lab by habit: Ctrl-D, and the word by which one leaves any shell. */
#include "shell/repl_state.h"

#include <stdio.h>
#include <string.h>

static bool leaves(const char *text)
{
	size_t n;

	text += strspn(text, " \t");
	n = strcspn(text, " \t");
	return !text[n + strspn(text + n, " \t")] &&
	       ((n == 4 && !strncmp(text, "exit", n)) || (n == 6 && !strncmp(text, "logout", n)));
}

bool repl_end_asked(struct repl *r, const char *text)
{
	bool asked = r->asked_end;

	r->asked_end = false;
	if (asked || (text && !leaves(text)) || !line_is_terminal(r->line))
		return false;
	r->asked_end = true;
	if (!text)
		putchar('\n'); /* behind the prompt, which stands alone */
	repl_say(r, "%s once more, or 'quit', ends the lab; what it made goes with it.\n",
	        text ? "'exit'" : "Ctrl-D");
	return true;
}
