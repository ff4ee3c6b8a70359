/* In the order of the manual pages and headers that define them: clone(2), mount(2), umount(2),
 * open(2), openat2(2), <linux/mount.h>, seccomp(2), prctl(2), bpf(2), keyctl(2). */
#include "kernel/watch/flags.h"

#include <fcntl.h>
#include <inttypes.h>
#include <linux/bpf.h>
#include <linux/keyctl.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sys/mount.h>
#include <sys/prctl.h>

#define ONE(name)                                                                                  \
	{                                                                                          \
		name, #name                                                                        \
	}

/* Newer than the headers of this system. */
#define CLONE_CLEAR_SIGHAND_ 0x100000000ULL
#define CLONE_INTO_CGROUP_   0x200000000ULL
#define MS_LAZYTIME_         (1u << 25)

const struct flag flags_clone[] = {
        ONE(CLONE_NEWUSER),
        ONE(CLONE_NEWPID),
        ONE(CLONE_NEWNS),
        ONE(CLONE_NEWUTS),
        ONE(CLONE_NEWIPC),
        ONE(CLONE_NEWNET),
        ONE(CLONE_NEWCGROUP),
        ONE(CLONE_NEWTIME),
        ONE(CLONE_VM),
        ONE(CLONE_FS),
        ONE(CLONE_FILES),
        ONE(CLONE_SIGHAND),
        ONE(CLONE_PIDFD),
        ONE(CLONE_PTRACE),
        ONE(CLONE_VFORK),
        ONE(CLONE_PARENT),
        ONE(CLONE_THREAD),
        ONE(CLONE_SYSVSEM),
        ONE(CLONE_SETTLS),
        ONE(CLONE_PARENT_SETTID),
        ONE(CLONE_CHILD_CLEARTID),
        ONE(CLONE_DETACHED),
        ONE(CLONE_UNTRACED),
        ONE(CLONE_CHILD_SETTID),
        ONE(CLONE_IO),
        {CLONE_CLEAR_SIGHAND_, "CLONE_CLEAR_SIGHAND"},
        {CLONE_INTO_CGROUP_, "CLONE_INTO_CGROUP"},
        {0},
};

const struct flag values_namespace[] = {
        {0, "0"},
        ONE(CLONE_NEWUSER),
        ONE(CLONE_NEWPID),
        ONE(CLONE_NEWNS),
        ONE(CLONE_NEWUTS),
        ONE(CLONE_NEWIPC),
        ONE(CLONE_NEWNET),
        ONE(CLONE_NEWCGROUP),
        ONE(CLONE_NEWTIME),
        {0},
};

const struct flag flags_mount[] = {
        ONE(MS_RDONLY),
        ONE(MS_NOSUID),
        ONE(MS_NODEV),
        ONE(MS_NOEXEC),
        ONE(MS_SYNCHRONOUS),
        ONE(MS_REMOUNT),
        ONE(MS_MANDLOCK),
        ONE(MS_DIRSYNC),
        ONE(MS_NOSYMFOLLOW),
        ONE(MS_NOATIME),
        ONE(MS_NODIRATIME),
        ONE(MS_BIND),
        ONE(MS_MOVE),
        ONE(MS_REC),
        ONE(MS_SILENT),
        ONE(MS_POSIXACL),
        ONE(MS_UNBINDABLE),
        ONE(MS_PRIVATE),
        ONE(MS_SLAVE),
        ONE(MS_SHARED),
        ONE(MS_RELATIME),
        ONE(MS_STRICTATIME),
        {MS_LAZYTIME_, "MS_LAZYTIME"},
        {0},
};

const struct flag values_propagation[] = {
        {0, "0"},
        ONE(MS_UNBINDABLE),
        ONE(MS_PRIVATE),
        ONE(MS_SLAVE),
        ONE(MS_SHARED),
        {0},
};

const struct flag flags_umount[] = {
        ONE(MNT_FORCE),
        ONE(MNT_DETACH),
        ONE(MNT_EXPIRE),
        ONE(UMOUNT_NOFOLLOW),
        {0},
};

/* Without O_RDONLY, which is no bit; O_SYNC and O_TMPFILE hold others within. */
const struct flag flags_open[] = {
        ONE(O_WRONLY),
        ONE(O_RDWR),
        ONE(O_CREAT),
        ONE(O_EXCL),
        ONE(O_NOCTTY),
        ONE(O_TRUNC),
        ONE(O_APPEND),
        ONE(O_NONBLOCK),
        ONE(O_SYNC),
        ONE(O_DSYNC),
        ONE(O_ASYNC),
        ONE(O_DIRECT),
        {0100000, "O_LARGEFILE"},
        ONE(O_TMPFILE),
        ONE(O_DIRECTORY),
        ONE(O_NOFOLLOW),
        ONE(O_NOATIME),
        ONE(O_CLOEXEC),
        ONE(O_PATH),
        {0},
};

const struct flag flags_at[] = {
        ONE(AT_SYMLINK_NOFOLLOW),
        ONE(AT_REMOVEDIR),
        ONE(AT_SYMLINK_FOLLOW),
        ONE(AT_NO_AUTOMOUNT),
        ONE(AT_EMPTY_PATH),
        ONE(AT_RECURSIVE),
        {0},
};

const struct flag flags_open_tree[] = {
        ONE(OPEN_TREE_CLONE),
        ONE(OPEN_TREE_CLOEXEC),
        ONE(AT_SYMLINK_NOFOLLOW),
        ONE(AT_NO_AUTOMOUNT),
        ONE(AT_EMPTY_PATH),
        ONE(AT_RECURSIVE),
        {0},
};

const struct flag flags_move_mount[] = {
        ONE(MOVE_MOUNT_F_SYMLINKS),
        ONE(MOVE_MOUNT_F_AUTOMOUNTS),
        ONE(MOVE_MOUNT_F_EMPTY_PATH),
        ONE(MOVE_MOUNT_T_SYMLINKS),
        ONE(MOVE_MOUNT_T_AUTOMOUNTS),
        ONE(MOVE_MOUNT_T_EMPTY_PATH),
        ONE(MOVE_MOUNT_SET_GROUP),
        {0},
};

const struct flag flags_fsopen[] = {ONE(FSOPEN_CLOEXEC), {0}};
const struct flag flags_fsmount[] = {ONE(FSMOUNT_CLOEXEC), {0}};

const struct flag flags_mount_attr[] = {
        ONE(MOUNT_ATTR_RDONLY),
        ONE(MOUNT_ATTR_NOSUID),
        ONE(MOUNT_ATTR_NODEV),
        ONE(MOUNT_ATTR_NOEXEC),
        ONE(MOUNT_ATTR_NOATIME),
        ONE(MOUNT_ATTR_STRICTATIME),
        ONE(MOUNT_ATTR_NODIRATIME),
        ONE(MOUNT_ATTR_IDMAP),
        ONE(MOUNT_ATTR_NOSYMFOLLOW),
        {0},
};

const struct flag flags_resolve[] = {
        ONE(RESOLVE_NO_XDEV),
        ONE(RESOLVE_NO_MAGICLINKS),
        ONE(RESOLVE_NO_SYMLINKS),
        ONE(RESOLVE_BENEATH),
        ONE(RESOLVE_IN_ROOT),
        ONE(RESOLVE_CACHED),
        {0},
};

const struct flag flags_seccomp[] = {
        ONE(SECCOMP_FILTER_FLAG_TSYNC),
        ONE(SECCOMP_FILTER_FLAG_LOG),
        ONE(SECCOMP_FILTER_FLAG_SPEC_ALLOW),
        ONE(SECCOMP_FILTER_FLAG_NEW_LISTENER),
        ONE(SECCOMP_FILTER_FLAG_TSYNC_ESRCH),
        {1u << 5, "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"},
        {0},
};

const struct flag flags_pidfd[] = {{O_NONBLOCK, "PIDFD_NONBLOCK"}, {0}};

const struct flag values_fsconfig[] = {
        ONE(FSCONFIG_SET_FLAG),
        ONE(FSCONFIG_SET_STRING),
        ONE(FSCONFIG_SET_BINARY),
        ONE(FSCONFIG_SET_PATH),
        ONE(FSCONFIG_SET_PATH_EMPTY),
        ONE(FSCONFIG_SET_FD),
        ONE(FSCONFIG_CMD_CREATE),
        ONE(FSCONFIG_CMD_RECONFIGURE),
        {0},
};

const struct flag values_seccomp[] = {
        ONE(SECCOMP_SET_MODE_STRICT),
        ONE(SECCOMP_SET_MODE_FILTER),
        ONE(SECCOMP_GET_ACTION_AVAIL),
        ONE(SECCOMP_GET_NOTIF_SIZES),
        {0},
};

/* Those that build or leave a sandbox, and the common rest. */
const struct flag values_prctl[] = {
        ONE(PR_SET_PDEATHSIG),
        ONE(PR_GET_PDEATHSIG),
        ONE(PR_GET_DUMPABLE),
        ONE(PR_SET_DUMPABLE),
        ONE(PR_GET_KEEPCAPS),
        ONE(PR_SET_KEEPCAPS),
        ONE(PR_SET_NAME),
        ONE(PR_GET_NAME),
        ONE(PR_GET_SECCOMP),
        ONE(PR_SET_SECCOMP),
        ONE(PR_CAPBSET_READ),
        ONE(PR_CAPBSET_DROP),
        ONE(PR_GET_SECUREBITS),
        ONE(PR_SET_SECUREBITS),
        ONE(PR_SET_MM),
        ONE(PR_SET_CHILD_SUBREAPER),
        ONE(PR_GET_CHILD_SUBREAPER),
        ONE(PR_SET_NO_NEW_PRIVS),
        ONE(PR_GET_NO_NEW_PRIVS),
        ONE(PR_SET_THP_DISABLE),
        ONE(PR_CAP_AMBIENT),
        ONE(PR_SET_PTRACER),
        {0x53564d41, "PR_SET_VMA"},
        {0},
};

const struct flag values_bpf[] = {
        ONE(BPF_MAP_CREATE),
        ONE(BPF_MAP_LOOKUP_ELEM),
        ONE(BPF_MAP_UPDATE_ELEM),
        ONE(BPF_MAP_DELETE_ELEM),
        ONE(BPF_MAP_GET_NEXT_KEY),
        ONE(BPF_PROG_LOAD),
        ONE(BPF_OBJ_PIN),
        ONE(BPF_OBJ_GET),
        ONE(BPF_PROG_ATTACH),
        ONE(BPF_PROG_DETACH),
        ONE(BPF_PROG_TEST_RUN),
        ONE(BPF_PROG_GET_NEXT_ID),
        ONE(BPF_MAP_GET_NEXT_ID),
        ONE(BPF_PROG_GET_FD_BY_ID),
        ONE(BPF_MAP_GET_FD_BY_ID),
        ONE(BPF_OBJ_GET_INFO_BY_FD),
        ONE(BPF_PROG_QUERY),
        ONE(BPF_LINK_CREATE),
        {0},
};

const struct flag values_keyctl[] = {
        ONE(KEYCTL_GET_KEYRING_ID),
        ONE(KEYCTL_JOIN_SESSION_KEYRING),
        ONE(KEYCTL_UPDATE),
        ONE(KEYCTL_REVOKE),
        ONE(KEYCTL_CHOWN),
        ONE(KEYCTL_SETPERM),
        ONE(KEYCTL_DESCRIBE),
        ONE(KEYCTL_CLEAR),
        ONE(KEYCTL_LINK),
        ONE(KEYCTL_UNLINK),
        ONE(KEYCTL_SEARCH),
        ONE(KEYCTL_READ),
        {0},
};

void flags_add(struct buf *out, const struct flag *table, uint64_t value)
{
	uint64_t left = value;
	const char *between = "";

	for (const struct flag *f = table; f->name && left; f++) {
		/* One within another, as O_DSYNC in O_SYNC, is told by the greater, which stands
		 * first. */
		if ((value & f->value) != f->value || !(left & f->value))
			continue;
		buf_addf(out, "%s%s", between, f->name);
		between = "|";
		left &= ~f->value;
	}
	if (left)
		buf_addf(out, "%s0x%" PRIx64, between, left);
	else if (!value)
		buf_addc(out, '0');
}

void flags_add_value(struct buf *out, const struct flag *table, uint64_t value)
{
	for (const struct flag *f = table; f->name; f++)
		if (f->value == value) {
			buf_add(out, f->name);
			return;
		}
	buf_addf(out, "%" PRIu64, value);
}
