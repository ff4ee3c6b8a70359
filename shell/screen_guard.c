#include "shell/screen_guard.h"

#include "render/screen.h"

#include <signal.h>
#include <stddef.h>

/* For the handler of fatal signals, which is given nothing but a number. */
static struct screen *screen_of_process;

static void on_crash(int signal_number)
{
	if (screen_of_process)
		screen_restore(screen_of_process);
	signal(signal_number, SIG_DFL);
	raise(signal_number);
}

void screen_guard(struct screen *s)
{
	static const int fatal[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

	screen_of_process = s;
	for (size_t i = 0; s && i < sizeof fatal / sizeof *fatal; i++)
		signal(fatal[i], on_crash);
}
