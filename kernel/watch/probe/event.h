/* What the program in the kernel, probe.bpf.c, is told to look for and tells: read by both sides.
 */
#pragma once

#include <linux/types.h>

enum {
	PROBE_NUMBERS = 1024, /* of calls: more than any architecture has */
	PROBE_ARGUMENTS = 6,
	PROBE_OPTIONS = 16,
	PROBE_COMM = 16,        /* TASK_COMM_LEN */
	PROBE_BYTES = 64 << 10, /* kept of what one call writes or reads */
	PROBE_STRING = 4096,    /* PATH_MAX */
	PROBE_PARTS = 64,       /* of a writev(2) */
	PROBE_WORDS = 128,      /* of a list of strings */
	PROBE_POINTERS = 512,   /* of a list that is only counted */
	PROBE_DEPTH = 48,       /* directories of a path */
	PROBE_ADDRESS = 112,    /* struct sockaddr_un, and a little more */
	PROBE_FIXED = 64,       /* of a structure that has one size */
};

/* Types of namespaces, in the order in which probe_event has them. */
enum {
	PROBE_NS_USER,
	PROBE_NS_PID,
	PROBE_NS_MNT,
	PROBE_NS_UTS,
	PROBE_NS_IPC,
	PROBE_NS_NET,
	PROBE_NS_CGROUP,
	PROBE_NS_TIME,
	PROBE_NAMESPACES,
};

/* What an argument leads to in the caller's memory. */
enum probe_shape {
	PROBE_NOTHING,
	PROBE_TEXT,    /* a string */
	PROBE_LIST,    /* pointers to strings, the last NULL, execve(2) */
	PROBE_COUNTED, /* such a list, but only how many there are */
	PROBE_SIZED,   /* as many bytes as the next argument says */
	PROBE_IDS,     /* as many 32-bit numbers as the argument before says */
	PROBE_STRUCT,  /* PROBE_FIXED bytes, or as many of them as are there */
	PROBE_FILTER,  /* struct sock_fprog */
};

/* How a call that writes or reads is given its bytes, in the order of enum call_bytes. */
enum probe_bytes { PROBE_NO_BYTES, PROBE_PLAIN, PROBE_VECTOR, PROBE_MESSAGE };

/* What a call must be about to be told. */
enum probe_about {
	PROBE_ANYTHING,
	PROBE_OPTION, /* its first argument is one of `options` */
	PROBE_FILE,   /* its first argument is a socket or a file of cgroupfs or procfs */
	PROBE_SOCKET,
	PROBE_PLACE, /* anything, and where its path begins: the first argument is a directory */
	PROBE_HERE,  /* the same: the caller's own directory */
};

/* One of the calls to look for, by its number. */
struct probe_call {
	__u8 wanted;
	__u8 hears; /* it is told when it has read something */
	__u8 about, bytes;
	__u8 shapes[PROBE_ARGUMENTS];
	__u8 moves;    /* it changes namespaces */
	__u8 replaces; /* when it has succeeded the memory is another program's */
	__u8 n_options;
	__s32 options[PROBE_OPTIONS];
};

/* A socket's end, in an area at PROBE_END: told when it is met for the first time. */
struct probe_end {
	__u64 peer_inode; /* of a Unix domain socket; 0 = not told, or not accepted yet */
	__s32 peer;       /* who connected or listens, SO_PEERCRED of unix(7); 0 = not told */
	__u16 family, type;
	__u16 own_size, other_size; /* of its address and its peer's: struct sockaddr_un, … */
	char own[PROBE_ADDRESS], other[PROBE_ADDRESS];
};

enum probe_kind {
	PROBE_ENTERED, /* a call has begun */
	PROBE_LEFT,    /* and ended */
	PROBE_HEARD,   /* one that reads has ended, and this is what it has read */
	PROBE_BORN,    /* a process; pid is its own, `other` its parent's */
	PROBE_EXITED,  /* a thread; `other`: it was the process's last one */
};

/* Of one that has LEFT with areas those count: when it began they could not all be read.
 *
 * Behind it areas of memory_area.h; those at PROBE_NAME are names of directories, from the file up
 * to the root. Ids are as the follower's pid namespace has them. */
#define PROBE_NAME (~0ULL)
#define PROBE_END  (~1ULL)
struct probe_event {
	__u64 t; /* nanoseconds of CLOCK_MONOTONIC */
	__u32 kind, number;
	__s32 pid, tid, other;
	__u32 file_system; /* magic number, statfs(2) */
	__u64 socket;      /* inode */
	__u64 arguments[PROBE_ARGUMENTS];
	__s64 result;                       /* EXITED: as waitpid(2) gives it */
	__u32 namespaces[PROBE_NAMESPACES]; /* inodes; BORN, and LEFT of a call that moves */
	char comm[PROBE_COMM];
};
