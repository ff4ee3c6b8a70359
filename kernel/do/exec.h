/* Becoming the program of a container, execve(2). */
#pragma once

#include "kernel/do/step.h"

struct build;
struct config;

/* The paths to try for args[0], in the order of PATH as the program will have it; ended by NULL,
 * the caller's: each is for free(3), and the list. Call before the clone. */
int exec_programs(const struct config *c, char ***ret, struct error *err);
/* In the child, first thing: whatever was open when we were called, but 0 to 2 and what is to be
 * preserved, is marked close-on-exec. Early, since a filter may have no rule for close_range(2). 0,
 * or a negative errno. */
int exec_mark_fds(const struct build *b);
/* In the child, before a filter that may have no rule for getcwd(2): into process.cwd, which must
 * be below the root. */
int exec_enter_directory(struct build *b, struct child_error *fail);
/* In the child: a session of its own and, if it is to have one, the terminal on 0, 1 and 2. A
 * second call does nothing. */
int exec_stdio(struct build *b, struct child_error *fail);
/* In the child: directory, standard streams, signals, descriptors, then the program. Returns only
 * when it fails. */
int exec_program(struct build *b, struct child_error *fail);
