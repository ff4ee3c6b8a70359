/* What takes the place of a command that cannot be run or followed on this machine: a recorded
 * watch (kernel/watch/record.h), said to be one. */
#pragma once

#include "kernel/base/buf.h"

#include <stdbool.h>

/* Whether the program is there and, for what `cutaway doctor` tries under its name (docker, podman,
 * lxc for lxc-execute), works. When not, appends why and how to open it, a line each. */
bool watch_else_possible(const char *program, struct buf *why);
/* Appends "recorded 2026-11-28, Linux 6.18 (x86_64): docker run …" for the record's head;
 * nothing when that cannot be read. */
void watch_else_describe(const char *record, struct buf *out);
