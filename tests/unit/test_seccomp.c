/* The filter as the kernel runs it: loaded in a child, which then makes the calls. */
#include "kernel/base/cleanup.h"
#include "kernel/do/seccomp.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static struct sock_fprog compiled(json_t *profile)
{
	struct sock_fprog filter = {0};
	struct error err = {0};

	assert_non_null(profile);
	assert_int_equal(seccomp_compile(profile, &filter, NULL, &err), 0);
	assert_true(filter.len > 0);
	json_decref(profile);
	return filter;
}

/* errno of a system call under the filter, 0 when it was let through. */
static int errno_under(const struct sock_fprog *filter, long nr, long a, long b)
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
		        syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, filter) < 0)
			_exit(255);
		/* The bare call: a sanitizer's _exit() makes others, which the filter forbids. */
		syscall(SYS_exit_group, syscall(nr, a, b, 0, 0, 0) < 0 ? errno : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_not_equal(WEXITSTATUS(status), 255);
	return WEXITSTATUS(status);
}

static void test_default_profile(void **state)
{
	struct sock_fprog f = compiled(seccomp_default_profile(0));

	(void)state;
	assert_int_equal(errno_under(&f, SYS_getpid, 0, 0), 0);
	assert_int_equal(errno_under(&f, SYS_unshare, 0, 0), EPERM);
	assert_int_equal(errno_under(&f, SYS_keyctl, 0, 0), EPERM);
	assert_int_equal(errno_under(&f, SYS_clone3, 0, 0), ENOSYS);
	assert_int_equal(errno_under(&f, SYS_clone, CLONE_NEWUSER | SIGCHLD, 0), EPERM);
	assert_int_equal(errno_under(&f, SYS_clone, CLONE_NEWNET | SIGCHLD, 0), EPERM);
	/* A number of the x32 architecture must not go round the list. */
	assert_int_equal(errno_under(&f, 0x40000000 | SYS_unshare, 0, 0), ENOSYS);
	free(f.filter);
}

/* Whoever is given the power is given the calls that go with it. */
static void test_capability_opens_calls(void **state)
{
	struct sock_fprog f = compiled(seccomp_default_profile(UINT64_C(1) << CAP_SYS_ADMIN));

	(void)state;
	assert_int_equal(errno_under(&f, SYS_unshare, 0, 0), 0);
	assert_int_equal(errno_under(&f, SYS_keyctl, -1, 0), EPERM);
	assert_int_not_equal(errno_under(&f, SYS_clone3, 0, 0), ENOSYS);
	free(f.filter);
}

static void test_allow_list(void **state)
{
	json_t *profile = json_pack("{s:s, s:i, s:[{s:[s,s,s], s:s}]}", "defaultAction",
	        "SCMP_ACT_ERRNO", "defaultErrnoRet", EXDEV, "syscalls", "names", "exit_group",
	        "getpid", "no_such_call", "action", "SCMP_ACT_ALLOW");
	struct sock_fprog f = compiled(profile);

	(void)state;
	assert_int_equal(errno_under(&f, SYS_getpid, 0, 0), 0);
	assert_int_equal(errno_under(&f, SYS_getppid, 0, 0), EXDEV);
	free(f.filter);
}

/* What a call under the filter ends with, as waitpid(2) tells it; it is let through: 0. */
static int end_under(const struct sock_fprog *filter, long nr)
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		signal(SIGSYS, SIG_DFL); /* cmocka has a handler */
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
		        syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, filter) < 0)
			_exit(255);
		syscall(SYS_exit_group, syscall(nr, -1, 0) < 0 ? errno : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static void test_actions(void **state)
{
	static const struct {
		const char *action;
		int code, wanted;
	} cases[] = {
	        {"SCMP_ACT_ALLOW", -1, 0},
	        {"SCMP_ACT_LOG", -1, 0},
	        {"SCMP_ACT_ERRNO", -1, EPERM},
	        {"SCMP_ACT_ERRNO", ENOTSUP, ENOTSUP},
	        {"SCMP_ACT_ERRNO", 0, 0},
	        {"SCMP_ACT_TRACE", -1, ENOSYS}, /* nobody traces */
	        {"SCMP_ACT_TRACE", 7, ENOSYS},
	        {"SCMP_ACT_KILL", -1, -SIGSYS},
	        {"SCMP_ACT_KILL_THREAD", -1, -SIGSYS},
	        {"SCMP_ACT_KILL_PROCESS", -1, -SIGSYS},
	        {"SCMP_ACT_TRAP", -1, -SIGSYS},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		json_t *code = cases[i].code < 0 ? NULL : json_integer(cases[i].code);
		struct sock_fprog f = compiled(json_pack("{s:s, s:[{s:[s], s:s, s:o*}]}",
		        "defaultAction", "SCMP_ACT_LOG", "syscalls", "names", "getppid", "action",
		        cases[i].action, "errnoRet", code));
		if (end_under(&f, SYS_getppid) != cases[i].wanted)
			fail_msg("%s: not %d", cases[i].action, cases[i].wanted);
		free(f.filter);
	}
}

static void test_unknown_names(void **state)
{
	auto_buf warnings = BUF_INIT;
	struct sock_fprog filter = {0};
	struct error err = {0};
	json_t *profile =
	        json_loads("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":"
	                   "[\"fly\",\"read\",\"land\"],\"action\":\"SCMP_ACT_LOG\"}]}",
	                0, NULL);

	(void)state;
	assert_int_equal(seccomp_compile(profile, &filter, &warnings, &err), 0);
	assert_non_null(strstr(buf_text(&warnings), ": fly land: left out\n"));
	free(filter.filter);
	json_decref(profile);
}

static void test_flags(void **state)
{
	static const struct {
		const char *json;
		unsigned flags;
		int result;
	} cases[] = {
	        {"{}", 0, 0},
	        {"{\"flags\":[\"SECCOMP_FILTER_FLAG_LOG\",\"SECCOMP_FILTER_FLAG_SPEC_ALLOW\","
	         "\"SECCOMP_FILTER_FLAG_TSYNC\"]}",
	                SECCOMP_FILTER_FLAG_LOG | SECCOMP_FILTER_FLAG_SPEC_ALLOW, 0},
	        {"{\"flags\":[\"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV\"]}", 0, 0},
	        {"{\"flags\":[\"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV\"],\"defaultAction\":"
	         "\"SCMP_ACT_NOTIFY\",\"listenerPath\":\"/a\"}",
	                SECCOMP_FILTER_FLAG_NEW_LISTENER | 1u << 5, 0},
	        {"{\"flags\":[\"SECCOMP_FILTER_FLAG_FLY\"]}", 0, -ENOTSUP},
	        {"{\"flags\":[3]}", 0, -ENOTSUP},
	        {"{\"listenerPath\":\"not looked at\"}", 0, 0},
	        {"{\"listenerMetadata\":\"x\"}", 0, -EINVAL},
	        {"{\"listenerPath\":3}", 0, -EINVAL},
	        {"{\"defaultAction\":\"SCMP_ACT_NOTIFY\"}", 0, -EINVAL},
	        {"{\"syscalls\":[{\"action\":\"SCMP_ACT_NOTIFY\"}],\"listenerPath\":\"a\"}", 0,
	                -EINVAL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		json_t *json = json_loads(cases[i].json, 0, NULL);
		struct error err = {0};
		unsigned flags = 0;
		assert_non_null(json);
		if (seccomp_flags(json, &flags, &err) != cases[i].result)
			fail_msg("%s: not %d", cases[i].json, cases[i].result);
		if (!cases[i].result)
			assert_int_equal(flags, cases[i].flags);
		json_decref(json);
	}
}

static void test_bad_profiles(void **state)
{
	static const char *const bad[] = {
	        "{}",
	        "{\"defaultAction\":\"SCMP_ACT_NONE\"}",
	        "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"read\"]}]}",
	        "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"read\"],"
	        "\"action\":\"SCMP_ACT_ERRNO\",\"args\":[{\"index\":9,\"op\":\"SCMP_CMP_EQ\"}]}]}",
	        "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"read\"],"
	        "\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":99999}]}",
	        "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"defaultErrnoRet\":1}",
	        "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"read\"],"
	        "\"action\":\"SCMP_ACT_KILL\",\"errnoRet\":1}]}",
	        "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[],"
	        "\"action\":\"SCMP_ACT_KILL\"}]}",
	        "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[3],"
	        "\"action\":\"SCMP_ACT_KILL\"}]}",
	        "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"architectures\":[\"SCMP_ARCH_PDP11\"]}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		json_t *json = json_loads(bad[i], 0, NULL);
		struct sock_fprog filter = {0};
		struct error err = {0};
		assert_non_null(json);
		assert_int_equal(seccomp_compile(json, &filter, NULL, &err), -EINVAL);
		assert_null(filter.filter);
		json_decref(json);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_default_profile),
	        cmocka_unit_test(test_capability_opens_calls),
	        cmocka_unit_test(test_allow_list),
	        cmocka_unit_test(test_actions),
	        cmocka_unit_test(test_unknown_names),
	        cmocka_unit_test(test_flags),
	        cmocka_unit_test(test_bad_profiles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
