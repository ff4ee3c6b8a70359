#include "kernel/base/signal_name.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Those are named by how far they are from an end. */
static int real_time(const char *text)
{
	int from = !strncasecmp(text, "RTMIN", 5) ? SIGRTMIN : SIGRTMAX;
	char *end = (char *)text + 5;
	long n = *end ? strtol(text + 5, &end, 10) : 0;

	if (*end || n < SIGRTMIN - SIGRTMAX || n > SIGRTMAX - SIGRTMIN)
		return -1;
	n += from;
	return n >= SIGRTMIN && n <= SIGRTMAX ? (int)n : -1;
}

int signal_by_name(const char *text)
{
	char *end;
	long number = strtol(text, &end, 10);

	if (end != text && !*end)
		return number > 0 && number < NSIG ? (int)number : -1;
	if (!strncasecmp(text, "sig", 3))
		text += 3;
	if (!strncasecmp(text, "RTMIN", 5) || !strncasecmp(text, "RTMAX", 5))
		return real_time(text);
	for (int i = 1; i < NSIG; i++) {
		const char *name = sigabbrev_np(i);
		if (name && !strcasecmp(name, text))
			return i;
	}
	return -1;
}
