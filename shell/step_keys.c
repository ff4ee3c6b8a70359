#include "shell/step_keys.h"

#include "kernel/do/session.h"
#include "shell/step_text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* One key without waiting for Enter, and without showing it. Ctrl-C and the end of input are 'q'.
 */
static char read_key(void)
{
	struct termios saved, one;
	char key = 'q';
	ssize_t n;

	if (tcgetattr(0, &saved) < 0)
		return 'q';
	one = saved;
	one.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG);
	one.c_cc[VMIN] = 1;
	one.c_cc[VTIME] = 0;
	tcsetattr(0, TCSADRAIN, &one);
	do
		n = read(0, &key, 1);
	while (n < 0 && errno == EINTR);
	tcsetattr(0, TCSADRAIN, &saved);
	return n == 1 && key != 3 && key != 4 ? key : 'q';
}

static const char *verb_of(char key)
{
	switch (key) {
	case '\n':
	case '\r':
	case ' ':
	case 'n':
		return "next";
	case 'b':
		return "back";
	case 'a':
		return "all";
	case 'l':
		return "list";
	default:
		return NULL;
	}
}

static void show(const json_t *answer, const char *verb)
{
	if (!strcmp(verb, "list"))
		step_text_list(answer, stdout);
	else
		step_text_answer(answer, !strcmp(verb, "back"), stdout);
}

static int ask(struct container *c, const char *verb, struct error *err)
{
	json_t *request = json_pack("{s:s}", "do", verb), *answer = NULL;
	int r = request ? session_answer(c, request, &answer) : -ENOMEM;

	if (answer)
		show(answer, verb);
	json_decref(request);
	json_decref(answer);
	return r < 0 ? error_set(err, -r, "step through container", c->name, NULL) : 0;
}

int step_keys(struct container *c, struct error *err)
{
	int r = container_write_state(c, err);

	if (r < 0)
		return r;
	printf("%zu steps to container %s.\n", c->plan->n, c->name);
	while (!c->executor.program) {
		const char *verb;
		char key;
		fputs("Enter next · b back · a all · l list · q quit ", stdout);
		fflush(stdout);
		key = read_key();
		fputs("\r\033[K", stdout);
		if (key == 'q')
			return 1;
		verb = verb_of(key);
		if (!verb)
			continue;
		r = ask(c, verb, err);
		if (r < 0)
			return r;
		fflush(stdout);
	}
	return 0;
}
