/* Which system calls a container may not make, and why. The list follows the documentation of
 * Docker ("Significant syscalls blocked by the default profile") and the system calls that the
 * kernel has won since. */
#include "kernel/do/seccomp.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/capability.h>

/* No capability opens it again. */
#define ALWAYS (-1)

static const struct {
	int unless; /* the capability that opens it */
	int code;   /* what the caller is told */
	const char *name;
} refused[] = {
        /* the mount table, and namespaces: the way out */
        {CAP_SYS_ADMIN, EPERM, "mount"},
        {CAP_SYS_ADMIN, EPERM, "umount"},
        {CAP_SYS_ADMIN, EPERM, "umount2"},
        {CAP_SYS_ADMIN, EPERM, "pivot_root"},
        {CAP_SYS_ADMIN, EPERM, "move_mount"},
        {CAP_SYS_ADMIN, EPERM, "open_tree"},
        {CAP_SYS_ADMIN, EPERM, "fsopen"},
        {CAP_SYS_ADMIN, EPERM, "fsconfig"},
        {CAP_SYS_ADMIN, EPERM, "fsmount"},
        {CAP_SYS_ADMIN, EPERM, "fspick"},
        {CAP_SYS_ADMIN, EPERM, "mount_setattr"},
        {CAP_SYS_ADMIN, EPERM, "setns"},
        {CAP_SYS_ADMIN, EPERM, "unshare"},
        /* Its flags are behind a pointer, where no filter can look: ENOSYS, so that the C
         * library falls back to clone(2), whose flags are looked at below. */
        {CAP_SYS_ADMIN, ENOSYS, "clone3"},
        {CAP_DAC_READ_SEARCH, EPERM, "open_by_handle_at"},
        /* the kernel itself */
        {CAP_SYS_MODULE, EPERM, "init_module"},
        {CAP_SYS_MODULE, EPERM, "finit_module"},
        {CAP_SYS_MODULE, EPERM, "delete_module"},
        {CAP_SYS_BOOT, EPERM, "reboot"},
        {CAP_SYS_BOOT, EPERM, "kexec_load"},
        {CAP_SYS_BOOT, EPERM, "kexec_file_load"},
        {CAP_BPF, EPERM, "bpf"},
        {CAP_PERFMON, EPERM, "perf_event_open"},
        {CAP_SYS_RAWIO, EPERM, "iopl"},
        {CAP_SYS_RAWIO, EPERM, "ioperm"},
        {CAP_SYSLOG, EPERM, "syslog"},
        /* what all of the machine shares and no namespace parts */
        {CAP_SYS_TIME, EPERM, "settimeofday"},
        {CAP_SYS_TIME, EPERM, "clock_settime"},
        {CAP_SYS_TIME, EPERM, "clock_adjtime"},
        {CAP_SYS_PACCT, EPERM, "acct"},
        {CAP_SYS_ADMIN, EPERM, "swapon"},
        {CAP_SYS_ADMIN, EPERM, "swapoff"},
        {CAP_SYS_ADMIN, EPERM, "quotactl"},
        {CAP_SYS_ADMIN, EPERM, "quotactl_fd"},
        {CAP_SYS_ADMIN, EPERM, "lookup_dcookie"},
        {CAP_SYS_TTY_CONFIG, EPERM, "vhangup"},
        /* the keyring is not namespaced */
        {ALWAYS, EPERM, "add_key"},
        {ALWAYS, EPERM, "keyctl"},
        {ALWAYS, EPERM, "request_key"},
        /* other processes' memory and the placement of one's own */
        {CAP_SYS_PTRACE, EPERM, "kcmp"},
        {CAP_SYS_PTRACE, EPERM, "process_vm_readv"},
        {CAP_SYS_PTRACE, EPERM, "process_vm_writev"},
        {CAP_SYS_PTRACE, EPERM, "process_madvise"},
        {CAP_SYS_PTRACE, EPERM, "pidfd_getfd"},
        {CAP_SYS_NICE, EPERM, "mbind"},
        {CAP_SYS_NICE, EPERM, "set_mempolicy"},
        {CAP_SYS_NICE, EPERM, "get_mempolicy"},
        {CAP_SYS_NICE, EPERM, "move_pages"},
        {CAP_SYS_NICE, EPERM, "migrate_pages"},
        /* large, and often the way into the kernel: with ENOSYS programs use the older way */
        {ALWAYS, ENOSYS, "io_uring_setup"},
        {ALWAYS, ENOSYS, "io_uring_enter"},
        {ALWAYS, ENOSYS, "io_uring_register"},
        {ALWAYS, EPERM, "userfaultfd"},
        /* long forgotten */
        {ALWAYS, EPERM, "uselib"},
        {ALWAYS, EPERM, "ustat"},
        {ALWAYS, EPERM, "sysfs"},
        {ALWAYS, EPERM, "nfsservctl"},
        {ALWAYS, EPERM, "vm86"},
        {ALWAYS, EPERM, "vm86old"},
};
enum { N_REFUSED = sizeof refused / sizeof *refused };

static bool has(uint64_t capabilities, int number)
{
	return number != ALWAYS && capabilities & UINT64_C(1) << number;
}

static json_t *entry(json_t *names, int code)
{
	return json_pack(
	        "{s:o, s:s, s:i}", "names", names, "action", "SCMP_ACT_ERRNO", "errnoRet", code);
}

/* clone(2) with a flag that makes a namespace: the seven bits CLONE_NEWNS, CLONE_NEWCGROUP,
 * CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWPID and CLONE_NEWNET. One rule a bit: a
 * filter can compare under a mask with one value, and "none of them" is not one. */
static int add_clone_flags(json_t *list)
{
	static const uint32_t flags[] = {
	        0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000};

	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
		json_t *one = json_pack("{s:[s], s:s, s:i, s:[{s:i, s:I, s:I, s:s}]}", "names",
		        "clone", "action", "SCMP_ACT_ERRNO", "errnoRet", EPERM, "args", "index", 0,
		        "value", (json_int_t)flags[i], "valueTwo", (json_int_t)flags[i], "op",
		        "SCMP_CMP_MASKED_EQ");
		if (!one || json_array_append_new(list, one) < 0)
			return -1;
	}
	return 0;
}

json_t *seccomp_default_profile(uint64_t capabilities)
{
	json_t *eperm = json_array(), *enosys = json_array(), *list = json_array();
	int r = 0;

	for (size_t i = 0; i < N_REFUSED; i++)
		if (!has(capabilities, refused[i].unless))
			r |= json_array_append_new(refused[i].code == ENOSYS ? enosys : eperm,
			        json_string(refused[i].name));
	r |= json_array_append_new(list, entry(eperm, EPERM));
	r |= json_array_append_new(list, entry(enosys, ENOSYS));
	if (!has(capabilities, CAP_SYS_ADMIN))
		r |= add_clone_flags(list);
	if (r) {
		json_decref(list);
		return NULL;
	}
	return json_pack("{s:s, s:o}", "defaultAction", "SCMP_ACT_ALLOW", "syscalls", list);
}

int seccomp_profile_read(const char *path, json_t **ret, struct error *err)
{
	enum { LIMIT = 1 << 20 };
	auto_buf text = BUF_INIT;
	json_error_t problem;
	const json_t *rule;
	json_t *profile;
	size_t i;
	int r = file_read_at(AT_FDCWD, path, LIMIT, &text);

	if (r < 0)
		return error_set(err, -r, "read seccomp profile", path, NULL);
	profile = json_loadb(buf_text(&text), text.len, JSON_REJECT_DUPLICATES, &problem);
	if (!profile)
		return error_set(err, EINVAL, "read seccomp profile", path, "line %d: %s",
		        problem.line, problem.text);
	if (!json_is_object(profile))
		r = error_set(err, EINVAL, "read seccomp profile", path, "it is no JSON object");
	json_array_foreach (json_object_get(profile, "syscalls"), i, rule)
		if (r == 0 && (json_object_size(json_object_get(rule, "includes")) ||
		                      json_object_size(json_object_get(rule, "excludes"))))
			r = error_set(err, ENOTSUP, "read seccomp profile", path,
			        "syscalls[%zu] has a condition (includes, excludes)", i);
	if (r < 0)
		json_decref(profile);
	else
		*ret = profile;
	return r;
}
