/* Runs in the kernel, at each call of processes that are followed without being stopped: takes down
 * what the call is about, at that moment, and puts it into a ring (bpf-helpers(7),
 * Documentation/bpf/ringbuf.rst). Made once for all kernels: kernel_types.h.
 *
 * Memory that is not in RAM cannot be read here. It is when the call has ended, and then taken; and
 * whoever reads the ring can look as well. */
#include "kernel/watch/tap/areas.bpf.h"
#include "kernel/watch/tap/event.h"
#include "kernel/watch/tap/kernel_types.h"
#include "kernel/watch/tap/sockets.bpf.h"
#include "kernel/watch/tap/threads.bpf.h"

#include <linux/bpf.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL"; /* the helpers that read memory ask for it */

/* ---- maps ------------------------------------------------------------------------------------ */

enum { THREADS = 1 << 13 };

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 8 << 20);
} ring SEC(".maps");

/* Processes to be followed, by their ids in the follower's pid namespace. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __s32);
	__type(value, __u8);
} asked SEC(".maps");

/* Those that are, by the kernel's own ids. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, THREADS);
	__type(key, __s32);
	__type(value, __u8);
} followed SEC(".maps");

/* Threads in a call that was told. */
struct in_call {
	__u32 number;
	__u32 unread; /* it is to be taken again when it ends */
	__u64 arguments[TAP_ARGUMENTS];
};
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, THREADS);
	__type(key, __s32);
	__type(value, struct in_call);
} in_call SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, TAP_NUMBERS);
	__type(key, __u32);
	__type(value, struct tap_call);
} calls SEC(".maps");

__u32 to_find; /* entries of `asked` that have not been met */
__u64 missed;  /* events that found no room */

/* ---- who is followed ------------------------------------------------------------------------- */

/* Whether the current process is followed; one that was asked for is from now on. */
static int is_followed(void)
{
	int process = bpf_get_current_pid_tgid() >> 32, own;
	__u8 yes = 1;

	if (bpf_map_lookup_elem(&followed, &process))
		return 1;
	if (!to_find)
		return 0;
	own = process_of(current_task());
	if (!own || !bpf_map_lookup_elem(&asked, &own))
		return 0;
	bpf_map_delete_elem(&asked, &own);
	__sync_fetch_and_add(&to_find, -1);
	bpf_map_update_elem(&followed, &process, &yes, BPF_ANY);
	return 1;
}

/* ---- putting an event together --------------------------------------------------------------- */

static struct scratch *begin_event(enum tap_kind kind, struct task_struct *task)
{
	struct scratch *s = this_scratch();

	if (!s)
		return NULL;
	__builtin_memset(&s->event, 0, sizeof s->event);
	s->end = sizeof s->event;
	s->left = TAP_BYTES;
	s->unread = 0;
	s->event.t = bpf_ktime_get_ns();
	s->event.kind = kind;
	s->event.pid = process_of(task);
	s->event.tid = id_of(task);
	bpf_probe_read_kernel(s->event.comm, sizeof s->event.comm, task->comm);
	return s;
}

static void tell(struct scratch *s)
{
	__u32 n = s->end;

	if (n > SCRATCH + CHUNK || bpf_ringbuf_output(&ring, s->bytes, n, BPF_RB_NO_WAKEUP) < 0)
		__sync_fetch_and_add(&missed, 1);
}

/* ---- files ----------------------------------------------------------------------------------- */

enum {
	TYPE = 0170000,
	SOCKET = 0140000,
	CGROUP_1 = 0x27e0eb,
	CGROUP_2 = 0x63677270,
	PROCFS = 0x9fa0,
	HERE = -100, /* AT_FDCWD */
};

static struct file *file_of(int fd)
{
	struct fdtable *table = BPF_CORE_READ(current_task(), files, fdt);
	struct file **files = BPF_CORE_READ(table, fd), *file = NULL;

	if (fd < 0 || (unsigned)fd >= BPF_CORE_READ(table, max_fds))
		return NULL;
	bpf_probe_read_kernel(&file, sizeof file, files + fd);
	return file;
}

struct climb {
	struct dentry *dentry;
	struct mount *mount;
};

static long climb_up(__u32 i __attribute__((unused)), struct climb *c)
{
	struct dentry *dentry = c->dentry, *parent = BPF_CORE_READ(dentry, d_parent);
	struct mount *mount = c->mount, *outer;

	if (dentry != parent && dentry != BPF_CORE_READ(mount, mnt.mnt_root)) {
		take_name((__u64)BPF_CORE_READ(dentry, d_name.name));
		c->dentry = parent;
		return 0;
	}
	outer = BPF_CORE_READ(mount, mnt_parent);
	if (outer == mount)
		return 1;
	c->dentry = BPF_CORE_READ(mount, mnt_mountpoint);
	c->mount = outer;
	return 0;
}

/* The names up to the root of its mount namespace. */
static void take_path(struct file *file)
{
	struct vfsmount *inner = BPF_CORE_READ(file, f_path.mnt);
	struct climb climb = {.dentry = BPF_CORE_READ(file, f_path.dentry),
	        .mount = (void *)((char *)inner - bpf_core_field_offset(struct mount, mnt))};

	bpf_loop(TAP_DEPTH, climb_up, &climb, 0);
}

static __u64 socket_inode(struct file *file)
{
	struct inode *inode = BPF_CORE_READ(file, f_inode);

	return file && (BPF_CORE_READ(inode, i_mode) & TYPE) == SOCKET ? BPF_CORE_READ(inode, i_ino)
	                                                               : 0;
}

static __u32 magic_here(void)
{
	return BPF_CORE_READ(current_task(), fs, pwd.dentry, d_sb, s_magic);
}

/* ---- what is told ---------------------------------------------------------------------------- */

static int is_option(const struct tap_call *call, int option)
{
	for (int i = 0; i < TAP_OPTIONS; i++)
		if (i < call->n_options && call->options[i] == option)
			return 1;
	return 0;
}

/* Whether the call is about what it must be about, and what it is about. */
static int look_at_file(struct scratch *s, const struct tap_call *call, int fd)
{
	struct file *file;
	__u32 magic;

	switch (call->about) {
	case TAP_OPTION:
		return is_option(call, fd);
	case TAP_HERE:
		s->event.file_system = magic_here();
		return 1;
	case TAP_PLACE:
		file = file_of(fd);
		s->event.file_system = fd == HERE ? magic_here()
		                       : file     ? BPF_CORE_READ(file, f_inode, i_sb, s_magic)
		                                  : 0;
		return 1;
	case TAP_FILE:
	case TAP_SOCKET:
		file = file_of(fd);
		if (!file)
			return 0;
		s->event.socket = socket_inode(file);
		if (s->event.socket)
			take_end((__u64)file, s->event.socket);
		if (s->event.socket || call->about == TAP_SOCKET)
			return s->event.socket != 0;
		magic = BPF_CORE_READ(file, f_inode, i_sb, s_magic);
		s->event.file_system = magic;
		if (magic != CGROUP_1 && magic != CGROUP_2 && magic != PROCFS)
			return 0;
		take_path(file);
		return 1;
	default:
		return 1;
	}
}

static void read_arguments(const struct pt_regs *regs, __u64 *to)
{
#if defined(__TARGET_ARCH_arm64)
	to[0] = BPF_CORE_READ(regs, orig_x0);
	to[1] = BPF_CORE_READ(regs, regs[1]);
	to[2] = BPF_CORE_READ(regs, regs[2]);
	to[3] = BPF_CORE_READ(regs, regs[3]);
	to[4] = BPF_CORE_READ(regs, regs[4]);
	to[5] = BPF_CORE_READ(regs, regs[5]);
#else
	to[0] = BPF_CORE_READ(regs, di);
	to[1] = BPF_CORE_READ(regs, si);
	to[2] = BPF_CORE_READ(regs, dx);
	to[3] = BPF_CORE_READ(regs, r10);
	to[4] = BPF_CORE_READ(regs, r8);
	to[5] = BPF_CORE_READ(regs, r9);
#endif
}

static __u32 number_of(const struct pt_regs *regs)
{
#if defined(__TARGET_ARCH_arm64)
	return BPF_CORE_READ(regs, syscallno);
#else
	return BPF_CORE_READ(regs, orig_ax);
#endif
}

/* A call of a 32-bit program has another number: TS_COMPAT, TIF_32BIT. */
static int is_foreign(void)
{
#if defined(__TARGET_ARCH_arm64)
	return BPF_CORE_READ(current_task(), thread_info.flags) >> 22 & 1;
#else
	return BPF_CORE_READ(current_task(), thread_info.status) >> 1 & 1;
#endif
}

static const struct tap_call *wanted_call(__u32 number)
{
	const struct tap_call *call =
	        number < TAP_NUMBERS ? bpf_map_lookup_elem(&calls, &number) : NULL;

	return call && call->wanted && !is_foreign() ? call : NULL;
}

/* Takes down what the call is about; whether it is to be told. */
static int take_call(struct scratch *s, const struct tap_call *call)
{
	__u64 *a = s->event.arguments;

	if (!look_at_file(s, call, a[0]))
		return 0;
	take_argument(call->shapes[0], 0, a[0], a[1]);
	take_argument(call->shapes[1], a[0], a[1], a[2]);
	take_argument(call->shapes[2], a[1], a[2], a[3]);
	take_argument(call->shapes[3], a[2], a[3], a[4]);
	take_argument(call->shapes[4], a[3], a[4], a[5]);
	take_argument(call->shapes[5], a[4], a[5], 0);
	take_said(call->bytes, a);
	return 1;
}

SEC("raw_tp/sys_enter")
int on_enter(struct bpf_raw_tracepoint_args *ctx)
{
	const struct pt_regs *regs = (void *)ctx->args[0];
	__s32 tid = bpf_get_current_pid_tgid();
	struct in_call now = {.number = ctx->args[1]};
	const struct tap_call *call;
	struct scratch *s;

	if (!is_followed())
		return 0;
	call = wanted_call(now.number);
	if (!call || call->hears)
		return 0;
	s = begin_event(TAP_ENTERED, current_task());
	if (!s)
		return 0;
	read_arguments(regs, now.arguments);
	__builtin_memcpy(s->event.arguments, now.arguments, sizeof now.arguments);
	s->event.number = now.number;
	if (!take_call(s, call))
		return 0;
	now.unread = s->unread;
	bpf_map_update_elem(&in_call, &tid, &now, BPF_ANY);
	tell(s);
	return 0;
}

static void left(const struct in_call *now, __s64 result)
{
	__u32 number = now->number;
	const struct tap_call *call = bpf_map_lookup_elem(&calls, &number);
	struct scratch *s = begin_event(TAP_LEFT, current_task());

	if (!s || !call)
		return;
	s->event.number = number;
	s->event.result = result;
	if (call->moves)
		read_namespaces(current_task(), s->event.namespaces);
	if (now->unread && (result < 0 || !call->replaces)) {
		__builtin_memcpy(s->event.arguments, now->arguments, sizeof now->arguments);
		take_call(s, call);
	}
	tell(s);
}

static void heard(const struct pt_regs *regs, __s64 result)
{
	__u32 number = number_of(regs);
	const struct tap_call *call = wanted_call(number);
	struct scratch *s;
	struct file *file;
	__u64 *a;

	if (!call || !call->hears || result <= 0)
		return;
	s = begin_event(TAP_HEARD, current_task());
	if (!s)
		return;
	s->event.number = number;
	s->event.result = result;
	a = s->event.arguments;
	read_arguments(regs, a);
	file = file_of(a[0]);
	s->event.socket = socket_inode(file);
	if (!s->event.socket)
		return;
	take_end((__u64)file, s->event.socket);
	if (result < s->left)
		s->left = result + 4096; /* and where the parts are */
	take_said(call->bytes, a);
	tell(s);
}

SEC("raw_tp/sys_exit")
int on_exit(struct bpf_raw_tracepoint_args *ctx)
{
	__s32 tid = bpf_get_current_pid_tgid();
	struct in_call *found, now;

	if (!is_followed())
		return 0;
	found = bpf_map_lookup_elem(&in_call, &tid);
	if (!found) {
		heard((void *)ctx->args[0], ctx->args[1]);
		return 0;
	}
	now = *found;
	bpf_map_delete_elem(&in_call, &tid);
	left(&now, ctx->args[1]);
	return 0;
}

/* ---- processes ------------------------------------------------------------------------------- */

SEC("raw_tp/sched_process_fork")
int on_fork(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *parent = (void *)ctx->args[0], *child = (void *)ctx->args[1];
	__s32 from = BPF_CORE_READ(parent, tgid), process = BPF_CORE_READ(child, tgid);
	struct scratch *s;
	__u8 yes = 1;

	if (from == process || !bpf_map_lookup_elem(&followed, &from))
		return 0;
	bpf_map_update_elem(&followed, &process, &yes, BPF_ANY);
	s = begin_event(TAP_BORN, child);
	if (!s)
		return 0;
	s->event.other = process_of(parent);
	read_namespaces(child, s->event.namespaces);
	tell(s);
	return 0;
}

/* Another thread than the first has become a program: its number is now the process's. */
SEC("raw_tp/sched_process_exec")
int on_exec(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *task = (void *)ctx->args[0];
	__s32 before = ctx->args[1], now = BPF_CORE_READ(task, pid);
	struct in_call *found, was;

	if (before == now)
		return 0;
	found = bpf_map_lookup_elem(&in_call, &before);
	if (!found)
		return 0;
	was = *found;
	bpf_map_delete_elem(&in_call, &before);
	bpf_map_update_elem(&in_call, &now, &was, BPF_ANY);
	return 0;
}

SEC("raw_tp/sched_process_exit")
int on_end(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *task = (void *)ctx->args[0];
	__s32 tid = BPF_CORE_READ(task, pid), process = BPF_CORE_READ(task, tgid);
	struct signal_struct *signal = BPF_CORE_READ(task, signal);
	struct scratch *s;

	if (!bpf_map_lookup_elem(&followed, &process))
		return 0;
	bpf_map_delete_elem(&in_call, &tid);
	s = begin_event(TAP_EXITED, task);
	if (!s)
		return 0;
	s->event.other = !BPF_CORE_READ(signal, live.counter);
	s->event.result = BPF_CORE_READ(signal, flags) & 4 /* SIGNAL_GROUP_EXIT */
	                          ? BPF_CORE_READ(signal, group_exit_code)
	                          : BPF_CORE_READ(task, group_leader, exit_code);
	if (s->event.other)
		bpf_map_delete_elem(&followed, &process);
	tell(s);
	return 0;
}

/* Run once, by the follower itself. */
SEC("raw_tp")
int look_at_follower(void *ctx __attribute__((unused)))
{
	level = BPF_CORE_READ(current_task(), thread_pid, level);
	return 0;
}
