/* What tells watch.c of changes. Internal to kernel/observe. */
#pragma once

#include "kernel/observe/changes.h"

#include <stdbool.h>

/* The kernel's proc connector: every fork, exec and exit on the machine. Wants CAP_NET_ADMIN in the
 * initial user namespace, and to be in the initial pid namespace. A descriptor, or -1 when it is
 * not to be had. */
int watch_processes_open(void);
/* Takes up to `limit` events. 1 when one of them may show in the model, 0 when none, negative when
 * the kernel refuses to tell. Adds whom they are about. */
int watch_processes_drain(int fd, int limit, struct observer_changes *changes);

/* inotify(7) on the containers of ours below `runtime` and on our control groups. */
int watch_files_open(const char *runtime);
/* True when something changed; follows directories that came. */
bool watch_files_drain(int fd, const char *runtime);

/* Where the proc connector is not to be had: a descriptor that is readable when a program starts or
 * ends, and one that is exceptional (POLLPRI) when a host name is set; -1 when there is none. */
int watch_programs_open(void);
bool watch_programs_drain(int fd);
int watch_names_open(void);
