/* Ids and namespaces of threads. Part of tap.bpf.c. */
#pragma once

#include "kernel/watch/tap/event.h"
#include "kernel/watch/tap/kernel_types.h"

#include <linux/bpf.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

__u32 level; /* of the follower's pid namespace */

static struct task_struct *current_task(void)
{
	return (struct task_struct *)bpf_get_current_task();
}

/* An id as the follower has it; 0 where it has none. */
static int number_in(struct pid *pid)
{
	struct upid *number;

	if (!pid || BPF_CORE_READ(pid, level) < level)
		return 0;
	number = (void *)((char *)pid + bpf_core_field_offset(struct pid, numbers) +
	                  level * bpf_core_type_size(struct upid));
	return BPF_CORE_READ(number, nr);
}

static int id_of(struct task_struct *task)
{
	return number_in(BPF_CORE_READ(task, thread_pid));
}

static int process_of(struct task_struct *task)
{
	return id_of(BPF_CORE_READ(task, group_leader));
}

static void read_namespaces(struct task_struct *task, __u32 *to)
{
	struct nsproxy *all = BPF_CORE_READ(task, nsproxy);
	struct pid *pid = BPF_CORE_READ(task, thread_pid);
	__u32 deepest = BPF_CORE_READ(pid, level);
	struct upid *number = (void *)((char *)pid + bpf_core_field_offset(struct pid, numbers) +
	                               deepest * bpf_core_type_size(struct upid));

	to[TAP_NS_USER] = BPF_CORE_READ(task, cred, user_ns, ns.inum);
	to[TAP_NS_PID] = BPF_CORE_READ(number, ns, ns.inum);
	if (!all) /* it has ended */
		return;
	to[TAP_NS_MNT] = BPF_CORE_READ(all, mnt_ns, ns.inum);
	to[TAP_NS_UTS] = BPF_CORE_READ(all, uts_ns, ns.inum);
	to[TAP_NS_IPC] = BPF_CORE_READ(all, ipc_ns, ns.inum);
	to[TAP_NS_NET] = BPF_CORE_READ(all, net_ns, ns.inum);
	to[TAP_NS_CGROUP] = BPF_CORE_READ(all, cgroup_ns, ns.inum);
	if (bpf_core_field_exists(all->time_ns))
		to[TAP_NS_TIME] = BPF_CORE_READ(all, time_ns, ns.inum);
}
