/* The filter is made of config.json by libseccomp in the parent, as the program of classic BPF that
 * the kernel wants; the child only hands it over. */
#include "kernel/do/seccomp.h"

#include "kernel/base/cleanup.h"
#include "kernel/do/build.h"
#include "kernel/do/exec.h"
#include "kernel/do/listener.h"
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

/* SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV of Linux 5.19, which this libc's headers may be older
 * than. */
#define WAIT_KILLABLE_RECV (1u << 5)

static int bad(struct error *err, const char *member, const char *problem)
{
	return error_set(err, EINVAL, "read config.json", member, "%s", problem);
}

static const struct {
	const char *name;
	uint32_t action;
	bool takes_code;
} actions[] = {
        {"SCMP_ACT_ALLOW", SCMP_ACT_ALLOW, false},
        {"SCMP_ACT_ERRNO", SCMP_ACT_ERRNO(0), true},
        {"SCMP_ACT_KILL", SCMP_ACT_KILL_THREAD, false},
        {"SCMP_ACT_KILL_PROCESS", SCMP_ACT_KILL_PROCESS, false},
        {"SCMP_ACT_KILL_THREAD", SCMP_ACT_KILL_THREAD, false},
        {"SCMP_ACT_LOG", SCMP_ACT_LOG, false},
        {"SCMP_ACT_NOTIFY", SCMP_ACT_NOTIFY, false},
        {"SCMP_ACT_TRACE", SCMP_ACT_TRACE(0), true},
        {"SCMP_ACT_TRAP", SCMP_ACT_TRAP, false},
};

const char *seccomp_action(size_t i)
{
	return i < sizeof actions / sizeof *actions ? actions[i].name : NULL;
}

/* `code`: errnoRet or defaultErrnoRet, NULL when it is not said. */
static int read_action(const json_t *text, const json_t *code, uint32_t *ret, struct error *err)
{
	const char *name = json_string_value(text);
	json_int_t number = code ? json_integer_value(code) : EPERM;
	size_t i = 0;

	if (!name)
		return bad(err, "linux.seccomp", "an action is missing");
	while (seccomp_action(i) && strcmp(name, actions[i].name) != 0)
		i++;
	if (!seccomp_action(i))
		return bad(err, name, "is an action that this program does not know");
	if (code && (!json_is_integer(code) || number < 0 || number > 4095))
		return bad(err, "linux.seccomp errnoRet", "is no errno");
	if (code && !actions[i].takes_code)
		return bad(err, "linux.seccomp errnoRet",
		        "goes with SCMP_ACT_ERRNO and SCMP_ACT_TRACE only");
	*ret = actions[i].action | (actions[i].takes_code ? (uint32_t)number : 0u);
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

/* Comparisons of one argument with several values are each enough, those of several arguments are
 * needed all: that is how libseccomp's rules and the field's profiles have it. */
static int add_call(scmp_filter_ctx ctx, uint32_t action, int nr,
        const struct scmp_arg_cmp *compares, unsigned n)
{
	unsigned seen = 0, twice = 0;
	int r = 0;

	for (unsigned i = 0; i < n; i++) {
		twice |= seen & 1u << compares[i].arg;
		seen |= 1u << compares[i].arg;
	}
	if (!twice)
		return seccomp_rule_add_array(ctx, action, nr, n, compares);
	for (unsigned i = 0; r == 0 && i < n; i++)
		r = seccomp_rule_add_array(ctx, action, nr, 1, &compares[i]);
	return r;
}

static int add_rule(scmp_filter_ctx ctx, const json_t *rule, struct buf *unknown, struct error *err)
{
	const json_t *args = json_object_get(rule, "args"), *one;
	const json_t *names = json_object_get(rule, "names");
	struct scmp_arg_cmp compares[6];
	unsigned n = (unsigned)json_array_size(args);
	uint32_t action;
	size_t i;
	int r = read_action(
	        json_object_get(rule, "action"), json_object_get(rule, "errnoRet"), &action, err);

	if (r == 0 && !json_array_size(names))
		r = bad(err, "linux.seccomp names", "should be a list of at least one");
	if (r == 0 && n > 6)
		r = bad(err, "linux.seccomp args", "has more than six");
	for (i = 0; r == 0 && i < n; i++)
		r = read_compare(json_array_get(args, i), &compares[i], err);
	if (r < 0)
		return r;
	json_array_foreach (names, i, one) {
		const char *name = json_string_value(one);
		int nr = name ? seccomp_syscall_resolve_name(name) : __NR_SCMP_ERROR;
		if (!name)
			return bad(err, "linux.seccomp names", "should be a list of texts");
		if (nr == __NR_SCMP_ERROR) {
			buf_addf(unknown, " %s", name);
			continue;
		}
		r = add_call(ctx, action, nr, compares, n);
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
        {"SCMP_ARCH_PARISC", SCMP_ARCH_PARISC},
        {"SCMP_ARCH_PARISC64", SCMP_ARCH_PARISC64},
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

static bool is_notify(const json_t *action)
{
	const char *name = json_string_value(action);

	return name && !strcmp(name, "SCMP_ACT_NOTIFY");
}

bool seccomp_notifies(const json_t *profile)
{
	bool any = is_notify(json_object_get(profile, "defaultAction"));
	const json_t *rule;
	size_t i;

	json_array_foreach (json_object_get(profile, "syscalls"), i, rule)
		any |= is_notify(json_object_get(rule, "action"));
	return any;
}

static int check_listener(const json_t *profile, bool notifies, struct error *err)
{
	const json_t *path = json_object_get(profile, "listenerPath");
	const json_t *metadata = json_object_get(profile, "listenerMetadata");
	const char *text = json_string_value(path);

	if ((path && !text) || (metadata && !json_is_string(metadata)))
		return bad(err, "linux.seccomp.listenerPath", "should be a text, as its metadata");
	if (metadata && !(text && *text))
		return bad(
		        err, "linux.seccomp.listenerMetadata", "is nothing without listenerPath");
	if (!notifies) /* a path is then not looked at, says the specification */
		return 0;
	if (!text || !*text)
		return bad(err, "linux.seccomp.listenerPath",
		        "is missing: SCMP_ACT_NOTIFY needs somebody who decides");
	if (*text != '/')
		return bad(err, "linux.seccomp.listenerPath", "should be an absolute path");
	return 0;
}

static const struct {
	const char *name;
	unsigned flag;
} flags[] = {
        {"SECCOMP_FILTER_FLAG_LOG", SECCOMP_FILTER_FLAG_LOG},
        {"SECCOMP_FILTER_FLAG_SPEC_ALLOW", SECCOMP_FILTER_FLAG_SPEC_ALLOW},
        {"SECCOMP_FILTER_FLAG_TSYNC", 0}, /* there is one thread: nothing to bring in line */
        {"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", WAIT_KILLABLE_RECV},
};

const char *seccomp_flag(size_t i)
{
	return i < sizeof flags / sizeof *flags ? flags[i].name : NULL;
}

/* What a filter can be asked beyond its rules; seccomp(2) takes it as flags. */
int seccomp_flags(const json_t *profile, unsigned *ret, struct error *err)
{
	const json_t *list = json_object_get(profile, "flags"), *one;
	bool notifies = seccomp_notifies(profile);
	size_t i;

	*ret = notifies ? SECCOMP_FILTER_FLAG_NEW_LISTENER : 0;
	json_array_foreach (list, i, one) {
		const char *name = json_string_value(one);
		size_t k = 0;
		while (name && seccomp_flag(k) && strcmp(name, flags[k].name) != 0)
			k++;
		if (!name || !seccomp_flag(k))
			return error_set(err, ENOTSUP, "read config.json", "linux.seccomp.flags",
			        "\"%s\" is not supported", name ? name : "");
		*ret |= flags[k].flag;
	}
	if (!notifies) /* there is nobody to wait for, and the kernel would refuse it */
		*ret &= ~WAIT_KILLABLE_RECV;
	return check_listener(profile, notifies, err);
}

static void tell_unknown(const struct buf *names, struct buf *warnings)
{
	if (warnings && names->len)
		buf_addf(warnings,
		        "linux.seccomp: this machine has no system call of these names:%s: left "
		        "out\n",
		        buf_text(names));
}

int seccomp_compile(
        const json_t *profile, struct sock_fprog *ret, struct buf *warnings, struct error *err)
{
	auto_buf unknown = BUF_INIT;
	const json_t *rule;
	uint32_t action;
	size_t i;
	int r = read_action(json_object_get(profile, "defaultAction"),
	        json_object_get(profile, "defaultErrnoRet"), &action, err);
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
		r = add_rule(ctx, rule, &unknown, err);
	}
	if (r == 0)
		r = export(ctx, ret, err);
	if (r == 0)
		tell_unknown(&unknown, warnings);
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
	if (b->filter_flags & SECCOMP_FILTER_FLAG_NEW_LISTENER)
		return listener_load(b, fail);
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
	if (strstr(err->operation, "chdir") || strstr(err->operation, "getcwd"))
		step_exec.diagnose(s, b, code, err);
	else if (code == EACCES)
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
