#include "kernel/do/namespace_kind.h"

#include <sched.h>
#include <string.h>

const struct namespace_kind namespace_kinds[NAMESPACE_KINDS] = {
        {"cgroup", "cgroup", "CLONE_NEWCGROUP", CLONE_NEWCGROUP},
        {"ipc", "ipc", "CLONE_NEWIPC", CLONE_NEWIPC},
        {"mount", "mnt", "CLONE_NEWNS", CLONE_NEWNS},
        {"network", "net", "CLONE_NEWNET", CLONE_NEWNET},
        {"pid", "pid", "CLONE_NEWPID", CLONE_NEWPID},
        {"time", "time", "CLONE_NEWTIME", CLONE_NEWTIME},
        {"user", "user", "CLONE_NEWUSER", CLONE_NEWUSER},
        {"uts", "uts", "CLONE_NEWUTS", CLONE_NEWUTS},
};

const struct namespace_kind *namespace_kind_of_type(const char *type)
{
	for (size_t i = 0; type && i < NAMESPACE_KINDS; i++)
		if (!strcmp(type, namespace_kinds[i].type))
			return &namespace_kinds[i];
	return NULL;
}

const struct namespace_kind *namespace_kind_of_flag(unsigned long flag)
{
	for (size_t i = 0; i < NAMESPACE_KINDS; i++)
		if (flag == namespace_kinds[i].flag)
			return &namespace_kinds[i];
	return NULL;
}
