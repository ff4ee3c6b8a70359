/* The kernel's structures as tap.bpf.c reads them: only members that are read, in no order that
 * matters, since the loader fills in where they are in the running kernel (BTF). */
#pragma once

#include "kernel/watch/tap/event.h"

#define KERNEL_TYPE __attribute__((preserve_access_index))

#if defined(__TARGET_ARCH_arm64)
struct pt_regs {
	unsigned long long regs[31];
	unsigned long long orig_x0;
	int syscallno;
} KERNEL_TYPE;
struct thread_info {
	unsigned long flags;
} KERNEL_TYPE;
#else
struct pt_regs {
	unsigned long di, si, dx, r10, r8, r9, orig_ax;
} KERNEL_TYPE;
struct thread_info {
	unsigned int status;
} KERNEL_TYPE;
#endif
struct super_block {
	unsigned long s_magic;
} KERNEL_TYPE;
struct inode {
	unsigned short i_mode;
	unsigned long i_ino;
	struct super_block *i_sb;
} KERNEL_TYPE;
struct qstr {
	const unsigned char *name;
} KERNEL_TYPE;
struct dentry {
	struct dentry *d_parent;
	struct qstr d_name;
	struct super_block *d_sb;
} KERNEL_TYPE;
struct vfsmount {
	struct dentry *mnt_root;
} KERNEL_TYPE;
struct mount {
	struct mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
} KERNEL_TYPE;
struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
} KERNEL_TYPE;
struct socket;
struct file {
	struct socket *private_data; /* of a socket */
	struct path f_path;
	struct inode *f_inode;
} KERNEL_TYPE;
struct fdtable {
	unsigned int max_fds;
	struct file **fd;
} KERNEL_TYPE;
struct files_struct {
	struct fdtable *fdt;
} KERNEL_TYPE;
struct fs_struct {
	struct path pwd;
} KERNEL_TYPE;
struct in6_bytes {
	unsigned char bytes[16];
};
struct sock_common {
	unsigned int skc_daddr, skc_rcv_saddr;
	unsigned short skc_dport, skc_num, skc_family;
	struct in6_bytes skc_v6_daddr, skc_v6_rcv_saddr;
} KERNEL_TYPE;
struct sock {
	struct sock_common __sk_common;
	struct socket *sk_socket;
	struct pid *sk_peer_pid;
} KERNEL_TYPE;
struct socket {
	short type;
	struct sock *sk;
	struct file *file;
} KERNEL_TYPE;
struct sockaddr_un {
	char sun_path[1];
} KERNEL_TYPE;
struct unix_address {
	int len;
	struct sockaddr_un name[1];
} KERNEL_TYPE;
struct unix_sock {
	struct unix_address *addr;
	struct sock *peer;
} KERNEL_TYPE;
struct ns_common {
	unsigned int inum;
} KERNEL_TYPE;
#define NAMESPACE(type)                                                                            \
	struct type {                                                                              \
		struct ns_common ns;                                                               \
	} KERNEL_TYPE
NAMESPACE(user_namespace);
NAMESPACE(pid_namespace);
NAMESPACE(mnt_namespace);
NAMESPACE(uts_namespace);
NAMESPACE(ipc_namespace);
NAMESPACE(net);
NAMESPACE(cgroup_namespace);
NAMESPACE(time_namespace);
struct nsproxy {
	struct uts_namespace *uts_ns;
	struct ipc_namespace *ipc_ns;
	struct mnt_namespace *mnt_ns;
	struct net *net_ns;
	struct time_namespace *time_ns;
	struct cgroup_namespace *cgroup_ns;
} KERNEL_TYPE;
struct cred {
	struct user_namespace *user_ns;
} KERNEL_TYPE;
struct upid {
	int nr;
	struct pid_namespace *ns;
} KERNEL_TYPE;
struct pid {
	unsigned int level;
	struct upid numbers[1];
} KERNEL_TYPE;
typedef struct {
	int counter;
} atomic_t;
struct signal_struct {
	atomic_t live;
	int group_exit_code;
	unsigned int flags;
} KERNEL_TYPE;
struct task_struct {
	struct thread_info thread_info;
	int exit_code, pid, tgid;
	struct task_struct *group_leader;
	struct pid *thread_pid;
	const struct cred *cred;
	char comm[TAP_COMM];
	struct fs_struct *fs;
	struct files_struct *files;
	struct nsproxy *nsproxy;
	struct signal_struct *signal;
} KERNEL_TYPE;
