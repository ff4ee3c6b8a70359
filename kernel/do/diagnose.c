#include "kernel/do/diagnose.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* `calls` are those that an old kernel may not have, or that a filter around us may hide: that is
 * all that ENOSYS can mean. NULL: cannot happen, or the step itself explains it. */
struct meaning {
	const char *id;
	const char *calls;
	const char *eperm, *einval, *enoent, *enospc, *ebusy;
};

#define GROUP_EPERM  "only root, or whom the group above was delegated to, may make groups there"
#define GROUP_ENOENT "the group above was removed meanwhile"
#define ENTER_EINVAL                                                                               \
	"the group cannot take this process: it is a threaded one, or has no realtime budget"
#define ENTER_ENOENT "the group was removed meanwhile"
#define MOUNT_EINVAL                                                                               \
	"the file system does not take one of the options, or the source is in a mount that "      \
	"may not be bound"
#define MOUNT_ENOENT "the source is not there, or its place inside could not be made"
#define MOUNT_ENOSPC "there are more mounts than /proc/sys/fs/mount-max allows"
#define MOUNT_CALLS  "mount(2), or move_mount(2) of Linux 5.2"
#define HOOK_EPERM   "a security module or a filter keeps us from starting the hook"
#define HOOK_EINVAL  "the hook is an ELF program that names more than one interpreter"
#define HOOK_CALLS   "a call that starts the hook"

static const struct meaning meanings[] = {
        {.id = "cgroup",
                .calls = "mkdir(2) for control groups",
                .eperm = GROUP_EPERM,
                .einval = "its name is none that a control group can have",
                .enoent = GROUP_ENOENT},
        {.id = "cgroup-path",
                .calls = "mkdir(2) for control groups",
                .eperm = GROUP_EPERM,
                .einval = "a part of linux.cgroupsPath is no name that a group can have",
                .enoent = GROUP_ENOENT},
        {.id = "limit-memory",
                .calls = "the memory controller",
                .eperm = "only who owns the files of the group may write its memory limit",
                .einval = "it is no number of bytes that this kernel takes",
                .enoent = "the memory controller is not switched on for this group",
                .ebusy = "more is in use already, and cannot be freed"},
        {.id = "limit-pids",
                .calls = "the pids controller",
                .eperm = "only who owns the files of the group may write its number of processes",
                .einval = "it is more than the 4194304 processes there can be at most",
                .enoent = "the pids controller is not switched on for this group"},
        {.id = "limit-cpu",
                .calls = "the cpu controller with quotas (CONFIG_CFS_BANDWIDTH)",
                .eperm = "only who owns the files of the group may write its processor time",
                .einval = "the quota is below a millisecond, or above what the group above has",
                .enoent = "the cpu controller is not switched on for this group"},
        {.id = "resources",
                .calls = "bpf(2) for groups (Linux 4.15), of which device rules are made",
                .eperm = "only who owns the files of the group may write limits, and device "
                         "rules take CAP_SYS_ADMIN",
                .einval = "a number in linux.resources is out of range, or more than the group "
                          "above has",
                .enoent = "the controller of that limit is not switched on for this group",
                .ebusy = "more is in use already, and cannot be freed"},
        {.id = "bind-sources",
                .calls = "open_tree(2) (Linux 5.2) or mount_setattr(2) (Linux 5.12)",
                .eperm = "taking a copy of a mount takes CAP_SYS_ADMIN over our mount namespace",
                .einval = "the source is in a mount that may not be bound (unbindable), or that "
                          "cannot be shared or mapped",
                .enoent = "the source of a bind mount is not there",
                .enospc = MOUNT_ENOSPC},
        {.id = "device-sources",
                .calls = "fsopen(2) and fsmount(2) (Linux 5.2)",
                .eperm = "making device nodes takes CAP_MKNOD, and a control group or a filter "
                         "may forbid it",
                .einval = "the owner of a device, or its type and numbers, are none that there "
                          "can be here",
                .enospc = "no memory is left for a file system of so many nodes"},
        {.id = "bridge",
                .calls = "bridges (CONFIG_BRIDGE)",
                .einval = "the name or the address of the bridge is none that a link can have",
                .enoent = "the network of the lab has gone meanwhile"},
        {.id = "veth",
                .calls = "pairs of links (CONFIG_VETH)",
                .eperm = "a pair of links takes CAP_NET_ADMIN in both network namespaces",
                .enoent = "the first process, whose link it is to be, has ended"},
        {.id = "address",
                .calls = "rtnetlink(7)",
                .eperm = "an address takes CAP_NET_ADMIN over the container's network namespace",
                .einval = "the address or the route is none that the link can have",
                .enoent = "the link in the container is not there any more"},
        {.id = "masquerade",
                .calls = "nftables with masquerading (CONFIG_NFT_MASQ)",
                .eperm = "translating addresses takes CAP_NET_ADMIN in the network namespace",
                .einval = "the kernel takes no such rule for the addresses of this network"},
        {.id = "resolve",
                .calls = "mount_setattr(2) with MOUNT_ATTR_RDONLY, for files (Linux 5.12)",
                .eperm = "putting the files over those of the image takes CAP_SYS_ADMIN over the "
                         "mount namespace",
                .einval = "the files are in a mount that may not be bound (unbindable)",
                .enoent = "the files with names and servers are not there any more"},
        {.id = "publish",
                .calls = "nftables with address translation (CONFIG_NF_TABLES, CONFIG_NFT_NAT)",
                .eperm = "rules for packets take CAP_NET_ADMIN in the network namespace",
                .einval = "the kernel takes no such rule: a port or an address is wrong",
                .enoent = "this kernel lacks a part that the rule is made of (nft_nat)"},
        {.id = "namespace-join",
                .calls = "setns(2)",
                .eperm = "it takes CAP_SYS_ADMIN in the user namespace that it belongs to",
                .einval = "it is of another kind, or one that cannot be entered from here",
                .enoent = "it is gone: its last process has ended, and nothing else holds it"},
        {.id = "clone",
                .calls = "clone3(2) (Linux 5.3)",
                .einval = "this kernel does not have one of the kinds of namespaces"},
        {.id = "oom-score",
                .calls = "/proc/PID/oom_score_adj (Linux 2.6.36)",
                .eperm = "to lower it takes CAP_SYS_RESOURCE",
                .einval = "process.oomScoreAdj is from -1000 to 1000",
                .enoent = "the first process has ended, or /proc is not mounted"},
        {.id = "idmap",
                .calls = "user namespaces (CONFIG_USER_NS)",
                .enoent = "its files in /proc are not there: the first process has ended, or "
                          "/proc is not mounted"},
        {.id = "cgroup-join",
                .calls = "writing to cgroup.procs",
                .einval = ENTER_EINVAL,
                .enoent = ENTER_ENOENT,
                .enospc = "its cpuset has no processors or no memory yet"},
        {.id = "cgroup-path-join",
                .calls = "writing to cgroup.procs",
                .eperm = "moving a process takes the right to write cgroup.procs of the group "
                         "above both",
                .einval = ENTER_EINVAL,
                .enoent = ENTER_ENOENT,
                .enospc = "its cpuset has no processors or no memory yet",
                .ebusy = "a v2 group that hands controllers to children may hold no processes "
                         "itself"},
        {.id = "namespace-mnt", .calls = "unshare(2) with CLONE_NEWNS"},
        {.id = "namespace-uts", .calls = "unshare(2) with CLONE_NEWUTS"},
        {.id = "namespace-ipc", .calls = "unshare(2) with CLONE_NEWIPC"},
        {.id = "namespace-net", .calls = "unshare(2) with CLONE_NEWNET"},
        {.id = "namespace-cgroup", .calls = "unshare(2) with CLONE_NEWCGROUP (Linux 4.6)"},
        {.id = "namespace-time",
                .calls = "unshare(2) with CLONE_NEWTIME (Linux 5.6)",
                .eperm = "it takes CAP_SYS_ADMIN in its user namespace",
                .einval = "this kernel has no time namespaces, or the offset is no such number"},
        {.id = "rootfs",
                .calls = "mount(2) for overlayfs",
                .einval = "the directories do not go together: upper and work have to be on one "
                          "file system, and none inside another",
                .ebusy = "the upper or the work directory is in use by another overlay",
                .enospc = "there is no room for the work directory, or for more mounts"},
        {.id = "root-bind",
                .calls = "open_tree(2) and move_mount(2) (Linux 5.2)",
                .eperm = "binding the root takes CAP_SYS_ADMIN over the mount namespace",
                .einval = "root.path is in a mount that may not be bound (unbindable)",
                .enospc = MOUNT_ENOSPC},
        {.id = "root-keep",
                .calls = "mount_setattr(2) with a propagation (Linux 5.12)",
                .eperm = "how mounts are shared takes CAP_SYS_ADMIN in that mount namespace",
                .einval = "the root is no mount of that namespace",
                .enoent = "root.path is not there in that mount namespace"},
        {.id = "mounts",
                .calls = MOUNT_CALLS,
                .eperm = "mounting takes CAP_SYS_ADMIN over the mount namespace",
                .einval = MOUNT_EINVAL,
                .enoent = MOUNT_ENOENT,
                .enospc = MOUNT_ENOSPC},
        {.id = "devices",
                .calls = "mknod(2)",
                .eperm = "making a device takes CAP_MKNOD outside of user namespaces",
                .einval = "a type or number in linux.devices is none that mknod(2) takes",
                .enoent = "the directory that it belongs in is not there"},
        {.id = "mount-proc",
                .calls = MOUNT_CALLS,
                .einval = MOUNT_EINVAL,
                .enoent = MOUNT_ENOENT,
                .enospc = MOUNT_ENOSPC},
        {.id = "mount-dev",
                .calls = MOUNT_CALLS,
                .einval = MOUNT_EINVAL,
                .enoent = MOUNT_ENOENT,
                .enospc = MOUNT_ENOSPC},
        {.id = "mount-sys",
                .calls = MOUNT_CALLS,
                .einval = MOUNT_EINVAL,
                .enoent = MOUNT_ENOENT,
                .enospc = MOUNT_ENOSPC},
        {.id = "volumes",
                .calls = "open_tree(2) and mount_setattr(2) (Linux 5.12)",
                .eperm = "showing a directory of the host takes CAP_SYS_ADMIN over the mount "
                         "namespace, and it keeps the flags that it has there",
                .einval = "the directory is in a mount that may not be bound (unbindable), or "
                          "whose mounts below are locked",
                .enoent = "the directory of the host is not there any more",
                .enospc = MOUNT_ENOSPC},
        {.id = "sysctl",
                .calls = "that setting",
                .eperm = "the setting belongs to a namespace that the container shares with others",
                .einval = "the kernel does not take that value for the setting",
                .enoent = "this kernel has no such setting, or not in these namespaces"},
        {.id = "hooks-create-runtime",
                .calls = HOOK_CALLS,
                .eperm = HOOK_EPERM,
                .einval = HOOK_EINVAL},
        {.id = "hooks-create-container",
                .calls = HOOK_CALLS,
                .eperm = HOOK_EPERM,
                .einval = HOOK_EINVAL},
        {.id = "pivot",
                .calls = "pivot_root(2)",
                .eperm = "it takes CAP_SYS_ADMIN over the mount namespace",
                .enoent = "the new root is not there any more"},
        {.id = "root-change",
                .calls = "chroot(2)",
                .eperm = "it takes CAP_SYS_CHROOT in our user namespace",
                .enoent = "the root was removed meanwhile"},
        {.id = "hide",
                .calls = "open_tree(2), fsopen(2) (Linux 5.2) or mount_setattr(2) (Linux 5.12)",
                .eperm = "covering a path takes CAP_SYS_ADMIN over the mount namespace",
                .einval = "the path is in a mount that may not be bound (unbindable)",
                .enoent = "/dev/null, which files are covered with, is not there",
                .enospc = MOUNT_ENOSPC},
        {.id = "root-readonly",
                .calls = "mount_setattr(2) (Linux 5.12)",
                .eperm = "a mount that a namespace of more privilege has made keeps its flags",
                .einval = "the root is no mount of its own",
                .enoent = "the root is not there any more",
                .ebusy = "a file in it is open for writing"},
        {.id = "root-propagation",
                .calls = "mount(2) with MS_SHARED and the like",
                .eperm = "how the root is shared takes CAP_SYS_ADMIN over its mount namespace",
                .einval = "this kind of sharing goes with no other, and only the root of a mount "
                          "has any"},
        {.id = "hostname",
                .calls = "sethostname(2)",
                .eperm = "it takes CAP_SYS_ADMIN in the user namespace that owns the UTS namespace",
                .einval = "a host name has at most 64 bytes"},
        {.id = "domainname",
                .calls = "setdomainname(2)",
                .eperm = "setting it takes CAP_SYS_ADMIN in the user namespace that owns the UTS "
                         "namespace",
                .einval = "a domain name has at most 64 bytes"},
        {.id = "personality",
                .calls = "personality(2)",
                .eperm = "a security module or a filter forbids to change the personality",
                .einval = "this kernel does not know that personality"},
        {.id = "rlimits",
                .calls = "prlimit(2)",
                .eperm = "to raise a hard limit takes CAP_SYS_RESOURCE",
                .einval = "the soft limit is above the hard one, or the kernel has no such limit"},
        {.id = "label", .calls = "a security module with labels"},
        {.id = "scheduler", .calls = "sched_setattr(2) (Linux 3.14)"},
        {.id = "io-priority",
                .calls = "ioprio_set(2)",
                .einval = "process.ioPriority is none of the classes, or its level is not 0 to 7"},
        {.id = "keyring",
                .calls = "keyctl(2) (CONFIG_KEYS)",
                .eperm = "a security module or a filter forbids a new session keyring",
                .einval = "the kernel does not take the keyring's name"},
        {.id = "user",
                .calls = "setresuid(2)",
                .eperm = "another user takes CAP_SETUID, and other groups CAP_SETGID and that "
                         "setgroups is not denied"},
        {.id = "capabilities",
                .calls = "capset(2) or PR_CAP_AMBIENT (Linux 4.3)",
                .einval = "the kernel does not know one of the capabilities, or not in this set"},
        {.id = "no-new-privs",
                .calls = "prctl(2)",
                .eperm = "a security module or a filter forbids PR_SET_NO_NEW_PRIVS",
                .einval = "this kernel is older than 3.5 and has no PR_SET_NO_NEW_PRIVS"},
        {.id = "start",
                .calls = "accept4(2)",
                .eperm = "a security module or a filter forbids to wait on the socket",
                .einval = "the socket that it waits on listens no more"},
        {.id = "seccomp",
                .calls = "seccomp(2) (Linux 3.17, CONFIG_SECCOMP_FILTER)",
                .eperm = "a security module or another filter forbids to load one"},
        {.id = "exec",
                .calls = "execve(2)",
                .eperm = "its file has capabilities that cannot all be had here (capabilities(7))",
                .einval = "it is an ELF program that names more than one interpreter"},
};

static const char *text_of(const struct meaning *m, int code)
{
	switch (code) {
	case EPERM:
		return m->eperm;
	case EINVAL:
		return m->einval;
	case ENOENT:
		return m->enoent;
	case ENOSPC:
		return m->enospc;
	case EBUSY:
		return m->ebusy;
	default:
		return NULL;
	}
}

static const struct meaning *find(const char *id)
{
	for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
		if (!strcmp(meanings[i].id, id))
			return &meanings[i];
	return NULL;
}

bool diagnose_is_plain(const struct error *err)
{
	return !strcmp(err->cause, strerror(err->code));
}

void diagnose_step(const char *id, int code, struct error *err)
{
	const struct meaning *m = find(id);
	const char *text = m ? text_of(m, code) : NULL;

	if (!m || !diagnose_is_plain(err))
		return;
	if (text)
		snprintf(err->cause, sizeof err->cause, "%s", text);
	else if (code == ENOSYS)
		snprintf(err->cause, sizeof err->cause,
		        "this kernel does not have %s, or a filter around us hides it", m->calls);
	else if (code == EROFS)
		snprintf(err->cause, sizeof err->cause, "it is on a file system that is read-only");
	else if (code == ENOMEM)
		snprintf(err->cause, sizeof err->cause,
		        "the kernel has no memory for it, or a control group around us is at its "
		        "limit");
}
