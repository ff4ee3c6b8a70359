/* Namespaces as /proc/PID/ns shows them, namespaces(7). */
#pragma once

#include "kernel/do/step.h"

#include <sys/types.h>

/* "uts:[4026531838]" of a process (0: of ourselves). `name` as in /proc/PID/ns. */
int namespace_read(pid_t pid, const char *name, char ret[static 64]);
/* For verify functions: the process of the build is in another namespace than we are. */
int namespace_verify(const struct step *s, const struct build *b, const char *name,
        struct buf *seen, struct error *err);
