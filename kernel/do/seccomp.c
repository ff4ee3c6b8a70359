/* The filter is made of config.json by libseccomp in the parent, as the program of classic BPF that
 * the kernel wants; the child only hands it over. */
#include "kernel/do/seccomp.h"

#include "kernel/base/cleanup.h"
#include "kernel/do/build.h"
#include "kernel/do/exec.h"
#include "kernel/do/steps.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The kernel takes no longer program (BPF_MAXINSNS). */
enum { FILTER_MAX = 4096 };

static int bad(struct error *err, const char *member, const char *problem)
{
	return error_set(err, EINVAL, "read config.json", member, "%s", problem);
}

static int read_action(const json_t *text, int code, uint32_t *ret, struct error *err)
{
	const char *name = json_string_value(text);

	if (!name)
		return bad(err, "linux.seccomp", "an action is missing");
	if (code < 0 || code > 4095)
		return bad(err, "linux.seccomp errnoRet", "is no errno");
	if (!strcmp(name, "SCMP_ACT_ALLOW"))
		*ret = SCMP_ACT_ALLOW;
	else if (!strcmp(name, "SCMP_ACT_ERRNO"))
		*ret = SCMP_ACT_ERRNO((uint32_t)code);
	else if (!strcmp(name, "SCMP_ACT_KILL") || !strcmp(name, "SCMP_ACT_KILL_THREAD"))
		*ret = SCMP_ACT_KILL_THREAD;
	else if (!strcmp(name, "SCMP_ACT_KILL_PROCESS"))
		*ret = SCMP_ACT_KILL_PROCESS;
	else if (!strcmp(name, "SCMP_ACT_LOG"))
		*ret = SCMP_ACT_LOG;
	else if (!strcmp(name, "SCMP_ACT_TRAP"))
		*ret = SCMP_ACT_TRAP;
	else if (!strcmp(name, "SCMP_ACT_TRACE"))
		*ret = SCMP_ACT_TRACE((uint32_t)code);
	else if (!strcmp(name, "SCMP_ACT_NOTIFY"))
		return error_set(err, ENOTSUP, "read config.json", "linux.seccomp SCMP_ACT_NOTIFY",
		        "handing calls to another program is not supported");
	else
		return bad(err, name, "is an action that this program does not know");
	return 0;
}

/* Numbers above INT64_MAX come out of the reader as reals, exact only at the very top. */
static bool read_value(const json_t *number, uint64_t *ret)
{
	*ret = json_is_integer(number) ? (uint64_t)json_integer_value(number) : UINT64_MAX;
	if (!number)
		*ret = 0;
	return !number || json_is_integer(number) || json_real_value(number) >= 0x1p64;
}

static int read_compare(const json_t *argument, struct scmp_arg_cmp *ret, struct error *err)
{
	static const struct {
		const char *name;
		enum scmp_compare op;
	} names[] = {
	        {"SCMP_CMP_NE", SCMP_CMP_NE},
	        {"SCMP_CMP_LT", SCMP_CMP_LT},
	        {"SCMP_CMP_LE", SCMP_CMP_LE},
	        {"SCMP_CMP_EQ", SCMP_CMP_EQ},
	        {"SCMP_CMP_GE", SCMP_CMP_GE},
	        {"SCMP_CMP_GT", SCMP_CMP_GT},
	        {"SCMP_CMP_MASKED_EQ", SCMP_CMP_MASKED_EQ},
	};
	const char *op = json_string_value(json_object_get(argument, "op"));
	json_int_t index = json_integer_value(json_object_get(argument, "index"));
	size_t k = 0, n = sizeof names / sizeof *names;

	while (op && k < n && strcmp(op, names[k].name) != 0)
		k++;
	if (!op || k == n || index < 0 || index > 5)
		return bad(err, "linux.seccomp args", "index or op is wrong");
	*ret = (struct scmp_arg_cmp){
	        .arg = (unsigned)index,
	        .op = names[k].op,
	};
	if (!read_value(json_object_get(argument, "value"), &ret->datum_a) ||
	        !read_value(json_object_get(argument, "valueTwo"), &ret->datum_b))
		return bad(
		        err, "linux.seccomp args", "value is no whole number that can be compared");
	return 0;
}

static int add_rule(scmp_filter_ctx ctx, const json_t *rule, struct error *err)
{
	const json_t *args = json_object_get(rule, "args"), *one;
	const json_t *ret = json_object_get(rule, "errnoRet");
	struct scmp_arg_cmp compares[6];
	unsigned n = (unsigned)json_array_size(args);
	uint32_t action;
	size_t i;
	int r = read_action(json_object_get(rule, "action"),
	        ret ? (int)json_integer_value(ret) : EPERM, &action, err);

	if (r == 0 && n > 6)
		r = bad(err, "linux.seccomp args", "has more than six");
	for (i = 0; r == 0 && i < n; i++)
		r = read_compare(json_array_get(args, i), &compares[i], err);
	if (r < 0)
		return r;
	json_array_foreach (json_object_get(rule, "names"), i, one) {
		const char *name = json_string_value(one);
		int nr = name ? seccomp_syscall_resolve_name(name) : __NR_SCMP_ERROR;
		if (nr == __NR_SCMP_ERROR)
			continue;
		r = seccomp_rule_add_array(ctx, action, nr, n, compares);
		/* -EACCES: the same as the default action, nothing to add. -EDOM: a call of
		 * another architecture. */
		if (r < 0 && r != -EACCES && r != -EDOM)
			return error_set(err, -r, "make system call filter", name, NULL);
	}
	return 0;
}

/* libseccomp only writes to a descriptor. */
static int export(scmp_filter_ctx ctx, struct sock_fprog *ret, struct error *err)
{
	auto_close fd = memfd_create("seccomp", MFD_CLOEXEC);
	auto_free struct sock_filter *code = NULL;
	struct stat st;
	int r = fd < 0 ? -errno : seccomp_export_bpf(ctx, fd);

	if (r == 0 && fstat(fd, &st) < 0)
		r = -errno;
	if (r == 0 && (size_t)st.st_size > FILTER_MAX * sizeof *code)
		r = -E2BIG;
	if (r == 0) {
		code = malloc((size_t)st.st_size);
		if (!code)
			r = -ENOMEM;
		else if (pread(fd, code, (size_t)st.st_size, 0) != st.st_size)
			r = -EIO;
	}
	if (r < 0)
		return error_set(err, -r, "make system call filter", "export", NULL);
	ret->len = (unsigned short)((size_t)st.st_size / sizeof *code);
	ret->filter = steal_ptr(code);
	return 0;
}

static const struct architecture {
	const char *name;
	uint32_t token;
} architectures[] = {
        {"SCMP_ARCH_X86", SCMP_ARCH_X86},
        {"SCMP_ARCH_X86_64", SCMP_ARCH_X86_64},
        {"SCMP_ARCH_X32", SCMP_ARCH_X32},
        {"SCMP_ARCH_ARM", SCMP_ARCH_ARM},
        {"SCMP_ARCH_AARCH64", SCMP_ARCH_AARCH64},
        {"SCMP_ARCH_MIPS", SCMP_ARCH_MIPS},
        {"SCMP_ARCH_MIPS64", SCMP_ARCH_MIPS64},
        {"SCMP_ARCH_MIPS64N32", SCMP_ARCH_MIPS64N32},
        {"SCMP_ARCH_MIPSEL", SCMP_ARCH_MIPSEL},
        {"SCMP_ARCH_MIPSEL64", SCMP_ARCH_MIPSEL64},
        {"SCMP_ARCH_MIPSEL64N32", SCMP_ARCH_MIPSEL64N32},
        {"SCMP_ARCH_PPC", SCMP_ARCH_PPC},
        {"SCMP_ARCH_PPC64", SCMP_ARCH_PPC64},
        {"SCMP_ARCH_PPC64LE", SCMP_ARCH_PPC64LE},
        {"SCMP_ARCH_S390", SCMP_ARCH_S390},
        {"SCMP_ARCH_S390X", SCMP_ARCH_S390X},
        {"SCMP_ARCH_RISCV64", SCMP_ARCH_RISCV64},
};

const char *seccomp_architecture(size_t i)
{
	return i < sizeof architectures / sizeof *architectures ? architectures[i].name : NULL;
}

/* A machine of 64 bit runs programs of 32 bit too, by other numbers: the profile says which count.
 * All others get ENOSYS for every call. */
static int add_architectures(scmp_filter_ctx ctx, const json_t *list, struct error *err)
{
	const json_t *one;
	size_t i;

	json_array_foreach (list, i, one) {
		const char *name = json_string_value(one), *known;
		size_t k = 0;
		int r;
		while ((known = seccomp_architecture(k)) && (!name || strcmp(name, known) != 0))
			k++;
		if (!known)
			return bad(err, "linux.seccomp.architectures", "names none that is known");
		r = seccomp_arch_add(ctx, architectures[k].token);
		if (r < 0 && r != -EEXIST)
			return error_set(err, -r, "make system call filter", name, NULL);
	}
	return 0;
}

/* What a filter can be asked beyond its rules; seccomp(2) takes it as flags. */
int seccomp_flags(const json_t *profile, unsigned *ret, struct error *err)
{
	const json_t *list = json_object_get(profile, "flags"), *one;
	size_t i;

	*ret = 0;
	if (json_object_get(profile, "listenerPath"))
		return error_set(err, ENOTSUP, "read config.json", "linux.seccomp.listenerPath",
		        "handing calls to another program is not supported");
	json_array_foreach (list, i, one) {
		const char *name = json_string_value(one);
		if (name && !strcmp(name, "SECCOMP_FILTER_FLAG_LOG"))
			*ret |= SECCOMP_FILTER_FLAG_LOG;
		else if (name && !strcmp(name, "SECCOMP_FILTER_FLAG_SPEC_ALLOW"))
			*ret |= SECCOMP_FILTER_FLAG_SPEC_ALLOW;
		else if (name && !strcmp(name, "SECCOMP_FILTER_FLAG_TSYNC"))
			continue; /* there is one thread: nothing to bring in line */
		else
			return error_set(err, ENOTSUP, "read config.json", "linux.seccomp.flags",
			        "\"%s\" is not supported", name ? name : "");
	}
	return 0;
}

int seccomp_compile(const json_t *profile, struct sock_fprog *ret, struct error *err)
{
	const json_t *code = json_object_get(profile, "defaultErrnoRet"), *rule;
	uint32_t action;
	size_t i;
	int r = read_action(json_object_get(profile, "defaultAction"),
	        code ? (int)json_integer_value(code) : EPERM, &action, err);
	scmp_filter_ctx ctx;

	if (r < 0)
		return r;
	ctx = seccomp_init(action);
	if (!ctx)
		return error_set(err, ENOMEM, "make system call filter", "", NULL);
	/* A call of another architecture (32 bit, x32) would go by other numbers. */
	seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(ENOSYS));
	r = add_architectures(ctx, json_object_get(profile, "architectures"), err);
	json_array_foreach (json_object_get(profile, "syscalls"), i, rule) {
		if (r < 0)
			break;
		r = add_rule(ctx, rule, err);
	}
	if (r == 0)
		r = export(ctx, ret, err);
	seccomp_release(ctx);
	return r;
}

static void explain(const struct step *s, const struct build *b, struct explanation *e)
{
	const json_t *rules = json_object_get(b->config->seccomp, "syscalls"), *rule;
	size_t i, calls = 0;

	(void)s;
	json_array_foreach (rules, i, rule)
		if (!json_object_get(rule, "args"))
			calls += json_array_size(json_object_get(rule, "names"));
	buf_addf(
	        &e->call, "seccomp(SECCOMP_SET_MODE_FILTER, 0, {len=%u, filter=…})", b->filter.len);
	buf_add(&e->shell, "systemd-run -p SystemCallFilter=~@mount …");
	buf_addf(&e->why,
	        "The kernel runs this program of %u instructions before each system call: %zu "
	        "dangerous ones are refused from now on.",
	        b->filter.len, calls);
}

static int apply(const struct step *s, struct build *b, struct child_error *fail)
{
	(void)s;
	if (exec_enter_directory(b, fail) < 0)
		return -fail->code;
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, b->filter_flags, &b->filter) < 0)
		return child_fail(fail, errno, "seccomp SECCOMP_SET_MODE_FILTER", NULL);
	return 0;
}

static int verify(const struct step *s, const struct build *b, struct buf *seen, struct error *err)
{
	int mode = -1, filters = -1;
	char path[64], line[256];
	auto_file file = NULL;

	snprintf(path, sizeof path, "/proc/%d/status", (int)b->process.pid);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof line, file)) {
		if (sscanf(line, "Seccomp: %d", &mode) != 1)
			sscanf(line, "Seccomp_filters: %d", &filters);
	}
	if (mode != SECCOMP_MODE_FILTER)
		return step_unverified(s, err, path, "Seccomp is %d", mode);
	buf_addf(seen, "%s: Seccomp is 2 (filter)", path);
	if (filters >= 0)
		buf_addf(seen, ", Seccomp_filters is %d", filters);
	buf_addc(seen, '\n');
	return 0;
}

static void diagnose(const struct step *s, const struct build *b, int code, struct error *err)
{
	(void)s;
	if (code == EACCES)
		snprintf(err->cause, sizeof err->cause,
		        "without CAP_SYS_ADMIN it needs no_new_privs first");
	else if (code == EINVAL)
		snprintf(err->cause, sizeof err->cause,
		        "this kernel has no filters, or refuses one of %u instructions",
		        b->filter.len);
}

const struct step_ops step_seccomp = {
        .id = "seccomp",
        .title = "a filter for system calls",
        .man = "seccomp(2)",
        .where = STEP_CHILD,
        .explain = explain,
        .child_apply = apply,
        .verify = verify,
        .diagnose = diagnose,
};
