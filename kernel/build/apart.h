/* Work in a process that is root of mounts of its own: what it mounts is gone when it ends, however
 * it ends. As root that takes a mount namespace; an ordinary user becomes root in a user namespace,
 * with subordinate ids where there are some (kernel/do/subid.h). */
#pragma once

#include "kernel/base/error.h"

/* Calls work(argument, err) there and returns what that returned. It is a copy of this process, as
 * by fork(2): what it has to tell it writes to memory from apart_memory(), or to a file. */
int apart_run(int (*work)(void *argument, struct error *err), void *argument, struct error *err);

/* Zeroed memory that both see; NULL when there is none. */
void *apart_memory(size_t n);
void apart_memory_free(void *memory, size_t n);
