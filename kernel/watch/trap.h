/* The filter that a followed command runs under: every call of call.h stops it for its tracer, all
 * others go on at full speed, seccomp(2) SECCOMP_RET_TRACE.
 *
 * A filter cannot be taken off. A process under it whose tracer has gone gets ENOSYS from these
 * calls: the tracer must stay as long as one of them lives. */
#pragma once

#include "kernel/base/error.h"

#include <linux/filter.h>
#include <stdbool.h>

/* Whether we may load a filter without giving up new privileges for good, which would break sudo,
 * newuidmap and the like: that takes CAP_SYS_ADMIN in our user namespace. */
bool trap_possible(void);
/* Makes the filter; ret->filter is the caller's, for free(3). */
int trap_compile(struct sock_fprog *ret, struct error *err);
/* In the process that is to be followed. Negative errno. */
int trap_load(const struct sock_fprog *filter);
