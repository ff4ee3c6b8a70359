/* Namespaces that are there already, entered through their files: setns(2).
 *
 * Who enters a user namespace loses its powers over what is outside, and a pid namespace holds only
 * processes that are born in it. So a process in between enters them all, in an order that works
 * (namespace_enter()), and the first process is born of it, as a child of ours: clone3(2) with
 * CLONE_PARENT. Whatever that one makes for itself then belongs to the namespaces it was born in.
 */
#pragma once

#include "kernel/base/error.h"
#include "kernel/do/step.h"

#include <stdint.h>
#include <sys/types.h>

/* Opens the files that b->config names into b->joined_fds. One that is not there, is no namespace
 * or is one of another kind is an error that says so. A user namespace that we are in ourselves is
 * left out: the kernel lets nobody enter it again. */
int namespace_join_open(struct build *b, struct error *err);

/* Enters those of `kinds` (CLONE_NEW*). For the child: no stdio, no allocation. */
int namespace_enter(struct build *b, unsigned long kinds, struct child_error *fail);

/* The process in between makes the first process with `flags` for clone3(2), and ends. The pid, or
 * a negative errno with `fail`; b->control and b->pidfd are then of the new one. */
pid_t namespace_join_clone(struct build *b, uint64_t flags, struct child_error *fail);
