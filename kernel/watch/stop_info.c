#include "kernel/watch/stop_info.h"

#include <errno.h>
#include <linux/audit.h>
#include <stddef.h>
#include <sys/user.h>

enum { ERROR_MOST = 4095 }; /* results from -4095 on are errors, errno(3) */

#ifdef __x86_64__

/* syscall(2) "Architecture calling conventions". The number is kept in orig_rax; rax is -ENOSYS
 * from the beginning of a call until it is done. */
int stop_info_by_registers(pid_t tid, bool filter, bool in_call, struct __ptrace_syscall_info *ret)
{
	struct user_regs_struct r;
	struct __ptrace_syscall_info info = {.arch = AUDIT_ARCH_X86_64};
	__typeof__(&info.entry.args[0]) args = filter ? info.seccomp.args : info.entry.args;
	long long result;

	if (ptrace(PTRACE_GETREGS, tid, NULL, &r) < 0)
		return -errno;
	result = (long long)r.rax;
	info.instruction_pointer = r.rip;
	info.stack_pointer = r.rsp;
	if (!filter && (in_call || result != -ENOSYS)) {
		info.op = PTRACE_SYSCALL_INFO_EXIT;
		info.exit.rval = result;
		info.exit.is_error = result < 0 && result >= -ERROR_MOST;
		*ret = info;
		return 0;
	}
	info.op = filter ? PTRACE_SYSCALL_INFO_SECCOMP : PTRACE_SYSCALL_INFO_ENTRY;
	if (filter)
		info.seccomp.nr = r.orig_rax;
	else
		info.entry.nr = r.orig_rax;
	args[0] = r.rdi;
	args[1] = r.rsi;
	args[2] = r.rdx;
	args[3] = r.r10;
	args[4] = r.r8;
	args[5] = r.r9;
	*ret = info;
	return 0;
}

#else

int stop_info_by_registers(pid_t tid, bool filter, bool in_call, struct __ptrace_syscall_info *ret)
{
	(void)tid;
	(void)filter;
	(void)in_call;
	(void)ret;
	return -EIO;
}

#endif

int stop_info(pid_t tid, bool filter, bool in_call, struct __ptrace_syscall_info *ret)
{
	struct __ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, tid, sizeof info, &info) > 0) {
		*ret = info;
		return 0;
	}
	return errno == EIO ? stop_info_by_registers(tid, filter, in_call, ret) : -errno;
}
