/* Runs in the kernel, at each call of processes that are followed without being stopped: takes down
 * what the call is about, at that moment, and puts it into a ring (bpf-helpers(7),
 * Documentation/bpf/ringbuf.rst). Written for no kernel in particular: where a member is in a
 * structure is filled in from the running kernel's own types, BTF, when it is loaded. The
 * structures here have only the members that are read.
 *
 * Memory that is not in RAM cannot be read here; whoever reads the ring looks there again. */
#include "kernel/watch/memory_area.h"
#include "kernel/watch/probe/event.h"

#include <linux/bpf.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#define KERNEL_TYPE __attribute__((preserve_access_index))

char LICENSE[] SEC("license") = "GPL"; /* the helpers that read memory ask for it */

/* ---- the kernel's structures ----------------------------------------------------------------- */

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
struct file {
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
	char comm[PROBE_COMM];
	struct fs_struct *fs;
	struct files_struct *files;
	struct nsproxy *nsproxy;
	struct signal_struct *signal;
} KERNEL_TYPE;

/* ---- maps ------------------------------------------------------------------------------------ */

enum { SCRATCH = 96 << 10, CHUNK = 4096, THREADS = 1 << 15 };

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 16 << 20);
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

/* Threads in a call that was told, and its number. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, THREADS);
	__type(key, __s32);
	__type(value, __u32);
} in_call SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, PROBE_NUMBERS);
	__type(key, __u32);
	__type(value, struct probe_call);
} calls SEC(".maps");

/* Where an event is put together: one for each processor, as nothing interrupts a program of this
 * kind but what is no system call. */
struct scratch {
	__u32 end;  /* of what is in `bytes` */
	__u32 left; /* bytes that are still to be taken */
	union {
		struct probe_event event;
		char bytes[SCRATCH + 3 * CHUNK];
	};
};
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1); /* set to the number of processors */
	__type(key, __u32);
	__type(value, struct scratch);
} scratches SEC(".maps");

__u32 level;   /* of the follower's pid namespace */
__u32 to_find; /* entries of `asked` that have not been met */
__u64 missed;  /* events that found no room */

/* ---- threads --------------------------------------------------------------------------------- */

static struct task_struct *current_task(void)
{
	return (struct task_struct *)bpf_get_current_task();
}

/* Its id as the follower has it; 0 where it has none. */
static int id_of(struct task_struct *task)
{
	struct pid *pid = BPF_CORE_READ(task, thread_pid);
	struct upid *number;

	if (!pid || BPF_CORE_READ(pid, level) < level)
		return 0;
	number = (void *)((char *)pid + bpf_core_field_offset(struct pid, numbers) +
	                  level * bpf_core_type_size(struct upid));
	return BPF_CORE_READ(number, nr);
}

static int process_of(struct task_struct *task)
{
	return id_of(BPF_CORE_READ(task, group_leader));
}

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

static void read_namespaces(struct task_struct *task, __u32 *to)
{
	struct nsproxy *all = BPF_CORE_READ(task, nsproxy);
	struct pid *pid = BPF_CORE_READ(task, thread_pid);
	__u32 deepest = BPF_CORE_READ(pid, level);
	struct upid *number = (void *)((char *)pid + bpf_core_field_offset(struct pid, numbers) +
	                               deepest * bpf_core_type_size(struct upid));

	to[PROBE_NS_USER] = BPF_CORE_READ(task, cred, user_ns, ns.inum);
	to[PROBE_NS_PID] = BPF_CORE_READ(number, ns, ns.inum);
	if (!all) /* it has ended */
		return;
	to[PROBE_NS_MNT] = BPF_CORE_READ(all, mnt_ns, ns.inum);
	to[PROBE_NS_UTS] = BPF_CORE_READ(all, uts_ns, ns.inum);
	to[PROBE_NS_IPC] = BPF_CORE_READ(all, ipc_ns, ns.inum);
	to[PROBE_NS_NET] = BPF_CORE_READ(all, net_ns, ns.inum);
	to[PROBE_NS_CGROUP] = BPF_CORE_READ(all, cgroup_ns, ns.inum);
	if (bpf_core_field_exists(all->time_ns))
		to[PROBE_NS_TIME] = BPF_CORE_READ(all, time_ns, ns.inum);
}

/* ---- putting an event together --------------------------------------------------------------- */

static struct scratch *this_scratch(void)
{
	__u32 cpu = bpf_get_smp_processor_id();

	return bpf_map_lookup_elem(&scratches, &cpu);
}

static struct scratch *begin_event(enum probe_kind kind, struct task_struct *task)
{
	struct scratch *s = this_scratch();

	if (!s)
		return NULL;
	__builtin_memset(&s->event, 0, sizeof s->event);
	s->end = sizeof s->event;
	s->left = PROBE_BYTES;
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

/* The head of an area at the end; NULL where no room is left. */
static struct memory_area *begin_area(struct scratch *s, __u64 address)
{
	__u32 at = s->end;
	struct memory_area *area;

	if (at > SCRATCH)
		return NULL;
	area = (void *)(s->bytes + at);
	area->address = address;
	area->size = 0;
	area->unused = 0;
	return area;
}

static void end_area(struct scratch *s, struct memory_area *area, __u32 size)
{
	area->size = size;
	s->end += sizeof *area + ((size + 7) & ~7u);
}

/* These are checked by the verifier once, not at each place where they are called, and so take
 * nothing but numbers. */

/* Takes a piece that is in one page. How much could be read. */
__noinline int take_piece(__u64 address, __u32 n)
{
	struct scratch *s = this_scratch();
	struct memory_area *area;

	/* In this form the verifier sees what it cannot be more than. */
	n &= 2 * CHUNK - 1;
	asm volatile("" : "+r"(n));
	area = s && n ? begin_area(s, address) : NULL;
	if (!area || bpf_probe_read_user(area + 1, n, (void *)address) < 0)
		return 0;
	end_area(s, area, n);
	return n;
}

__noinline int take_bytes(__u64 address, __u32 n)
{
	struct scratch *s = this_scratch();

	if (!s)
		return 0;
	if (n > s->left)
		n = s->left;
	s->left -= n;
	for (int i = 0; i <= PROBE_BYTES / CHUNK && n; i++) {
		__u32 piece = CHUNK - (address & (CHUNK - 1));
		if (piece > n)
			piece = n;
		take_piece(address, piece);
		address += piece;
		n -= piece;
	}
	return 0;
}

__noinline int take_text(__u64 address)
{
	struct scratch *s = this_scratch();
	struct memory_area *area = s && address ? begin_area(s, address) : NULL;
	long n = area ? bpf_probe_read_user_str(area + 1, PROBE_STRING, (void *)address) : 0;

	if (n > 0)
		end_area(s, area, n);
	return 0;
}

/* Of the kernel's memory. */
__noinline int take_name(__u64 address)
{
	struct scratch *s = this_scratch();
	struct memory_area *area = s ? begin_area(s, PROBE_NAME) : NULL;
	long n = area ? bpf_probe_read_kernel_str(area + 1, 256, (void *)address) : 0;

	if (n > 0)
		end_area(s, area, n);
	return 0;
}

__noinline int take_list(__u64 address)
{
	take_bytes(address, PROBE_WORDS * 8);
	for (int i = 0; i < PROBE_WORDS; i++) {
		__u64 word = 0;
		if (bpf_probe_read_user(&word, 8, (void *)(address + i * 8)) < 0 || !word)
			break;
		take_text(word);
	}
	return 0;
}

__noinline int take_filter(__u64 address)
{
	struct {
		__u16 n;
		__u64 code;
	} program = {0};

	if (bpf_probe_read_user(&program, sizeof program, (void *)address) < 0)
		return 0;
	take_bytes(address, sizeof program);
	take_bytes(program.code, program.n * 8u);
	return 0;
}

__noinline int take_parts(__u64 vector, __u64 n)
{
	if (n > PROBE_PARTS)
		n = PROBE_PARTS;
	take_bytes(vector, n * 16);
	for (int i = 0; i < PROBE_PARTS; i++) {
		__u64 part[2];
		if ((unsigned)i >= n ||
		        bpf_probe_read_user(part, 16, (void *)(vector + i * 16)) < 0)
			break;
		take_bytes(part[0], part[1] < PROBE_BYTES ? part[1] : PROBE_BYTES);
	}
	return 0;
}

/* Of struct msghdr where its parts are and how many. */
__noinline int take_message(__u64 address)
{
	__u64 message[7];

	if (bpf_probe_read_user(message, sizeof message, (void *)address) < 0)
		return 0;
	take_bytes(address, sizeof message);
	take_parts(message[2], message[3]);
	return 0;
}

static void take_said(__u32 bytes, const __u64 *arguments)
{
	__u64 n = arguments[2];

	if (bytes == PROBE_PLAIN)
		take_bytes(arguments[1], n < PROBE_BYTES ? n : PROBE_BYTES);
	else if (bytes == PROBE_VECTOR)
		take_parts(arguments[1], n);
	else if (bytes == PROBE_MESSAGE)
		take_message(arguments[1]);
}

static void take_argument(__u32 shape, __u64 before, __u64 value, __u64 after)
{
	if (shape == PROBE_TEXT)
		take_text(value);
	else if (shape == PROBE_LIST)
		take_list(value);
	else if (shape == PROBE_COUNTED)
		take_bytes(value, PROBE_POINTERS * 8);
	else if (shape == PROBE_SIZED)
		take_bytes(value, after < CHUNK ? after : CHUNK);
	else if (shape == PROBE_IDS)
		take_bytes(value, before < CHUNK / 4 ? before * 4 : CHUNK);
	else if (shape == PROBE_STRUCT)
		take_bytes(value, PROBE_FIXED);
	else if (shape == PROBE_FILTER)
		take_filter(value);
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

/* The names up to the root of its mount namespace. */
static void take_path(struct file *file)
{
	struct dentry *dentry = BPF_CORE_READ(file, f_path.dentry);
	struct vfsmount *inner = BPF_CORE_READ(file, f_path.mnt);
	struct mount *mount = (void *)((char *)inner - bpf_core_field_offset(struct mount, mnt));

	for (int i = 0; i < PROBE_DEPTH; i++) {
		struct dentry *parent = BPF_CORE_READ(dentry, d_parent);
		if (dentry == parent || dentry == BPF_CORE_READ(mount, mnt.mnt_root)) {
			struct mount *outer = BPF_CORE_READ(mount, mnt_parent);
			if (outer == mount)
				break;
			dentry = BPF_CORE_READ(mount, mnt_mountpoint);
			mount = outer;
			continue;
		}
		take_name((__u64)BPF_CORE_READ(dentry, d_name.name));
		dentry = parent;
	}
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

static int is_option(const struct probe_call *call, int option)
{
	for (int i = 0; i < PROBE_OPTIONS; i++)
		if (i < call->n_options && call->options[i] == option)
			return 1;
	return 0;
}

/* Whether the call is about what it must be about, and what it is about. */
static int look_at_file(struct scratch *s, const struct probe_call *call, int fd)
{
	struct file *file;
	__u32 magic;

	switch (call->about) {
	case PROBE_OPTION:
		return is_option(call, fd);
	case PROBE_HERE:
		s->event.file_system = magic_here();
		return 1;
	case PROBE_PLACE:
		file = file_of(fd);
		s->event.file_system = fd == HERE ? magic_here()
		                       : file     ? BPF_CORE_READ(file, f_inode, i_sb, s_magic)
		                                  : 0;
		return 1;
	case PROBE_FILE:
	case PROBE_SOCKET:
		file = file_of(fd);
		if (!file)
			return 0;
		s->event.socket = socket_inode(file);
		if (s->event.socket || call->about == PROBE_SOCKET)
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

static const struct probe_call *wanted_call(__u32 number)
{
	const struct probe_call *call =
	        number < PROBE_NUMBERS ? bpf_map_lookup_elem(&calls, &number) : NULL;

	return call && call->wanted && !is_foreign() ? call : NULL;
}

SEC("raw_tp/sys_enter")
int on_enter(struct bpf_raw_tracepoint_args *ctx)
{
	const struct pt_regs *regs = (void *)ctx->args[0];
	__u32 number = ctx->args[1];
	__s32 tid = bpf_get_current_pid_tgid();
	const struct probe_call *call;
	struct scratch *s;
	__u64 *a;

	if (!is_followed())
		return 0;
	call = wanted_call(number);
	if (!call || call->hears)
		return 0;
	s = begin_event(PROBE_ENTERED, current_task());
	if (!s)
		return 0;
	s->event.number = number;
	a = s->event.arguments;
	read_arguments(regs, a);
	if (!look_at_file(s, call, a[0]))
		return 0;
	take_argument(call->shapes[0], 0, a[0], a[1]);
	take_argument(call->shapes[1], a[0], a[1], a[2]);
	take_argument(call->shapes[2], a[1], a[2], a[3]);
	take_argument(call->shapes[3], a[2], a[3], a[4]);
	take_argument(call->shapes[4], a[3], a[4], a[5]);
	take_argument(call->shapes[5], a[4], a[5], 0);
	take_said(call->bytes, a);
	bpf_map_update_elem(&in_call, &tid, &number, BPF_ANY);
	tell(s);
	return 0;
}

static void left(__u32 number, __s64 result)
{
	const struct probe_call *call = bpf_map_lookup_elem(&calls, &number);
	struct scratch *s = begin_event(PROBE_LEFT, current_task());

	if (!s)
		return;
	s->event.number = number;
	s->event.result = result;
	if (call && call->moves)
		read_namespaces(current_task(), s->event.namespaces);
	tell(s);
}

static void heard(const struct pt_regs *regs, __s64 result)
{
	__u32 number = number_of(regs);
	const struct probe_call *call = wanted_call(number);
	struct scratch *s;
	__u64 *a;

	if (!call || !call->hears || result <= 0)
		return;
	s = begin_event(PROBE_HEARD, current_task());
	if (!s)
		return;
	s->event.number = number;
	s->event.result = result;
	a = s->event.arguments;
	read_arguments(regs, a);
	s->event.socket = socket_inode(file_of(a[0]));
	if (!s->event.socket)
		return;
	if (result < s->left)
		s->left = result + 4096; /* and where the parts are */
	take_said(call->bytes, a);
	tell(s);
}

SEC("raw_tp/sys_exit")
int on_exit(struct bpf_raw_tracepoint_args *ctx)
{
	__s32 tid = bpf_get_current_pid_tgid();
	__u32 *number, was;

	if (!is_followed())
		return 0;
	number = bpf_map_lookup_elem(&in_call, &tid);
	if (!number) {
		heard((void *)ctx->args[0], ctx->args[1]);
		return 0;
	}
	was = *number;
	bpf_map_delete_elem(&in_call, &tid);
	left(was, ctx->args[1]);
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
	s = begin_event(PROBE_BORN, child);
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
	__u32 *number, was;

	if (before == now)
		return 0;
	number = bpf_map_lookup_elem(&in_call, &before);
	if (!number)
		return 0;
	was = *number;
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
	s = begin_event(PROBE_EXITED, task);
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
