#include "kernel/watch/trap.h"

#include "kernel/base/cleanup.h"
#include "kernel/watch/call.h"

#include <errno.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdlib.h>
#include <sys/capability.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

bool trap_possible(void)
{
	cap_t caps = cap_get_proc();
	cap_flag_value_t value = CAP_CLEAR;

	if (caps)
		cap_get_flag(caps, CAP_SYS_ADMIN, CAP_EFFECTIVE, &value);
	cap_free(caps);
	return value == CAP_SET;
}

static int add_call(scmp_filter_ctx ctx, const struct call *c)
{
	int number = call_number(c);
	const uint32_t stop = SCMP_ACT_TRACE(0);
	const int *options;
	size_t n;
	int r = 0;

	if (number < 0)
		return 0;
	if (call_hears(c))
		return 0;
	/* Not to the terminal: 0, 1 and 2. How much is no matter: what is said to a daemon may be
	 * long.
	 */
	if (number == __SNR_write || number == __SNR_writev)
		return seccomp_rule_add(ctx, stop, number, 1, SCMP_A0(SCMP_CMP_GT, 2, 0));
	/* A thread is no process: of languages that make them for everything they would be most. */
	if (number == __SNR_clone) {
		/* attach_keep_child() */
		r = seccomp_rule_add(ctx, stop, number, 1,
		        SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_UNTRACED, CLONE_UNTRACED));
		return r < 0 ? r
		             : seccomp_rule_add(ctx, stop, number, 1,
		                       SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0));
	}
	options = call_options(c, &n);
	if (!options)
		return seccomp_rule_add(ctx, stop, number, 0);
	for (size_t i = 0; r == 0 && i < n; i++) /* an int: the kernel looks at no more */
		r = seccomp_rule_add(ctx, stop, number, 1,
		        SCMP_A0(SCMP_CMP_MASKED_EQ, UINT32_MAX, (uint32_t)options[i]));
	return r;
}

static int take_program(scmp_filter_ctx ctx, struct sock_fprog *ret)
{
	auto_close fd = memfd_create("filter", MFD_CLOEXEC);
	auto_free struct sock_filter *code = NULL;
	struct stat st;
	int r = fd < 0 ? -errno : seccomp_export_bpf(ctx, fd);

	if (r < 0)
		return r;
	if (fstat(fd, &st) < 0)
		return -errno;
	code = malloc((size_t)st.st_size);
	if (!code)
		return -ENOMEM;
	if (pread(fd, code, (size_t)st.st_size, 0) != st.st_size)
		return -EIO;
	ret->len = (unsigned short)((size_t)st.st_size / sizeof *code);
	ret->filter = steal_ptr(code);
	return 0;
}

int trap_compile(struct sock_fprog *ret, struct error *err)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
	const struct call *c;
	int r = ctx ? 0 : -ENOMEM;

	/* Programs of another architecture run as well; their calls are not told. */
	if (r == 0)
		r = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ALLOW);
	for (size_t i = 0; r == 0 && (c = call_at(i)); i++)
		r = add_call(ctx, c);
	if (r == 0)
		r = take_program(ctx, ret);
	seccomp_release(ctx);
	return r < 0 ? error_set(err, -r, "make filter", "seccomp", NULL) : 0;
}

int trap_load(const struct sock_fprog *filter)
{
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, filter) < 0 ? -errno : 0;
}
