/* A system call as two runs can be compared by it: what only one run can have is left out. */
#pragma once

#include "kernel/base/buf.h"
#include "kernel/watch/recording.h"

/* Appends "mount("proc", "/proc/self/fd/N", "proc", 0, NULL)". Numbers of descriptors and of
 * processes become N, addresses ADDRESS, ids of containers ID, names that end in random letters
 * NAME.…; of execve(2) the variables are left out. Numbers that are a user, a mode, a flag or a
 * size stay. */
void watch_normal(struct buf *out, const struct watch_event *e);
