/* What a stop at a system call is about, ptrace(2) PTRACE_GET_SYSCALL_INFO: since Linux 5.3, on
 * every architecture that has taken it up. User-mode-linux has not, and there the registers tell,
 * where we know them (x86-64). */
#pragma once

#include <stdbool.h>
#include <sys/ptrace.h>
#include <sys/types.h>

/* `filter`: it was a filter that stopped it. `in_call`: the beginning of its call has been told.
 * Both only matter where registers are read: they do not say by themselves which end of a call this
 * is. Negative errno; -EIO where neither is possible. */
int stop_info(pid_t tid, bool filter, bool in_call, struct __ptrace_syscall_info *ret);
/* The second way alone. */
int stop_info_by_registers(pid_t tid, bool filter, bool in_call, struct __ptrace_syscall_info *ret);
