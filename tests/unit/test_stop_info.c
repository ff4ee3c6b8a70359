/* What a stop is about, read from registers, is what the kernel says where it can. */
#include "kernel/watch/stop_info.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void calls(void)
{
	ptrace(PTRACE_TRACEME, 0, NULL, NULL);
	raise(SIGSTOP);
	syscall(SYS_getppid);
	syscall(SYS_close, -1);
	syscall(SYS_openat, AT_FDCWD, "/no/such/file", O_RDONLY | O_CLOEXEC, 0);
	syscall(SYS_pwrite64, -2, NULL, 3, 4);
	_exit(7);
}

static void assert_same(
        const struct __ptrace_syscall_info *ours, const struct __ptrace_syscall_info *kernels)
{
	assert_int_equal(ours->op, kernels->op);
	assert_int_equal(ours->arch, kernels->arch);
	if (ours->op == PTRACE_SYSCALL_INFO_EXIT) {
		assert_int_equal(ours->exit.rval, kernels->exit.rval);
		assert_int_equal(ours->exit.is_error, kernels->exit.is_error);
		return;
	}
	assert_int_equal(ours->entry.nr, kernels->entry.nr);
	assert_memory_equal(ours->entry.args, kernels->entry.args, sizeof ours->entry.args);
}

struct seen {
	long number;
	int64_t result;
	bool failed;
};

/* Follows a child from one end of each call to the other; -errno. */
static int follow(pid_t pid, struct seen *calls_seen, size_t most, size_t *n)
{
	struct __ptrace_syscall_info ours, kernels;
	bool in_call = false;
	int status;

	for (*n = 0;;) {
		int r;
		assert_int_equal(ptrace(PTRACE_SYSCALL, pid, NULL, NULL), 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (!WIFSTOPPED(status))
			return 0;
		assert_int_equal(WSTOPSIG(status), SIGTRAP | 0x80);
		if ((r = stop_info_by_registers(pid, false, in_call, &ours)) < 0)
			return r;
		if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof kernels, &kernels) > 0)
			assert_same(&ours, &kernels);
		assert_int_equal(
		        ours.op, in_call ? PTRACE_SYSCALL_INFO_EXIT : PTRACE_SYSCALL_INFO_ENTRY);
		if (!in_call) {
			assert_true(*n < most);
			calls_seen[*n].number = (long)ours.entry.nr;
		} else {
			calls_seen[*n].result = ours.exit.rval;
			calls_seen[(*n)++].failed = ours.exit.is_error;
		}
		in_call = !in_call;
	}
}

static const struct seen *find(const struct seen *all, size_t n, long number)
{
	for (size_t i = 0; i < n; i++)
		if (all[i].number == number)
			return &all[i];
	fail_msg("call %ld was not seen", number);
	return NULL;
}

static void test_registers(void **state)
{
	struct seen seen[64];
	size_t n;
	int status, r;
	pid_t pid = fork();

	(void)state;
	if (pid == 0)
		calls();
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSTOPPED(status));
	assert_int_equal(
	        ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL), 0);
	r = follow(pid, seen, sizeof seen / sizeof *seen, &n);
	if (r < 0) {
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
		assert_int_equal(r, -EIO);
		puts("skip: no order of registers is known for this architecture");
		skip();
	}
	assert_int_equal(find(seen, n, SYS_getppid)->result, getpid());
	assert_false(find(seen, n, SYS_getppid)->failed);
	assert_int_equal(find(seen, n, SYS_close)->result, -EBADF);
	assert_true(find(seen, n, SYS_close)->failed);
	assert_int_equal(find(seen, n, SYS_openat)->result, -ENOENT);
	assert_int_equal(find(seen, n, SYS_pwrite64)->result, -EBADF);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_registers)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
