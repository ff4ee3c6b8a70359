#include "shell/watch/level.h"

#include <string.h>

const char *const watch_level_names[WATCH_LEVELS] = {"api", "processes", "kernel", "all"};

bool watch_level_find(const char *name, enum watch_level *ret)
{
	for (int i = 0; i < WATCH_LEVELS; i++)
		if (!strcmp(name, watch_level_names[i])) {
			*ret = (enum watch_level)i;
			return true;
		}
	return false;
}

enum watch_level watch_level_of_call(const char *call, const char *arguments, const char *failure)
{
	/* Calls that say what becomes of a process, and little of isolation. */
	static const char *const rest[] = {
	        "fork", "vfork", "setsid", "pidfd_open", "openat2", NULL};

	/* Who looks along PATH for a program finds most often nothing: that is no news. */
	if (!strncmp(call, "execve", 6))
		return !strcmp(failure, "ENOENT") ? WATCH_LEVEL_ALL : WATCH_LEVEL_PROCESSES;
	if (!strncmp(call, "clone", 5))
		return strstr(arguments, "CLONE_NEW") ? WATCH_LEVEL_KERNEL : WATCH_LEVEL_ALL;
	if (!strcmp(call, "connect"))
		return strstr(arguments, "AF_UNIX") ? WATCH_LEVEL_KERNEL : WATCH_LEVEL_ALL;
	for (size_t i = 0; rest[i]; i++)
		if (!strcmp(call, rest[i]))
			return WATCH_LEVEL_ALL;
	return WATCH_LEVEL_KERNEL;
}

enum watch_level watch_level_of(const struct watch_event *e)
{
	switch (e->kind) {
	case WATCH_CALL:
		return watch_level_of_call(e->name, e->text, e->failure);
	case WATCH_API:
	case WATCH_FINISH:
	case WATCH_OTHER: /* nobody knows how much it matters */
		return WATCH_LEVEL_API;
	case WATCH_START:
	case WATCH_END:
	case WATCH_LOST:
	case WATCH_MISSED:
		return WATCH_LEVEL_PROCESSES;
	case WATCH_IN:
		break;
	}
	return WATCH_LEVEL_KERNEL;
}
