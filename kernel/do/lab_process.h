/* The processes of a lab that nobody is the parent of any more: found by the variable CUTAWAY_LAB
 * in their environment, which every process of the lab inherits. */
#pragma once

#include "kernel/base/buf.h"

#include <stdbool.h>
#include <sys/types.h>

/* Kills them, but not this process and not its ancestors; with `dry_run` only reports. A line
 * "process PID" each goes to `report` (may be NULL). Returns how many there were. */
unsigned lab_processes_end(const char *lab_id, bool dry_run, struct buf *report);

/* Whether `pid` is this process or one that it descends from. */
bool process_is_ancestor(pid_t pid);

/* Signals every child of this process. Those of theirs become ours as they end, when this process
 * is a subreaper. */
void children_signal(int signal);
