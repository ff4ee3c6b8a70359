/* What the program in the kernel, tap.bpf.c, is told to look for and tells: read by both sides.
 */
#pragma once

#include <linux/types.h>

enum {
	TAP_NUMBERS = 1024, /* of calls: more than any architecture has */
	TAP_ARGUMENTS = 6,
	TAP_OPTIONS = 16,
	TAP_COMM = 16,        /* TASK_COMM_LEN */
	TAP_BYTES = 64 << 10, /* kept of what one call writes or reads */
	TAP_STRING = 4096,    /* PATH_MAX */
	TAP_PARTS = 64,       /* of a writev(2) */
	TAP_WORDS = 128,      /* of a list of strings */
	TAP_POINTERS = 512,   /* of a list that is only counted */
	TAP_DEPTH = 48,       /* directories of a path */
	TAP_ADDRESS = 112,    /* struct sockaddr_un, and a little more */
	TAP_FIXED = 64,       /* of a structure that has one size */
};

/* Types of namespaces, in the order in which tap_event has them. */
enum {
	TAP_NS_USER,
	TAP_NS_PID,
	TAP_NS_MNT,
	TAP_NS_UTS,
	TAP_NS_IPC,
	TAP_NS_NET,
	TAP_NS_CGROUP,
	TAP_NS_TIME,
	TAP_NAMESPACES,
};

/* What an argument leads to in the caller's memory. */
enum tap_shape {
	TAP_NOTHING,
	TAP_TEXT,    /* a string */
	TAP_LIST,    /* pointers to strings, the last NULL, execve(2) */
	TAP_COUNTED, /* such a list, but only how many there are */
	TAP_SIZED,   /* as many bytes as the next argument says */
	TAP_IDS,     /* as many 32-bit numbers as the argument before says */
	TAP_STRUCT,  /* TAP_FIXED bytes, or as many of them as are there */
	TAP_FILTER,  /* struct sock_fprog */
};

/* How a call that writes or reads is given its bytes, in the order of enum call_bytes. */
enum tap_bytes { TAP_NO_BYTES, TAP_PLAIN, TAP_VECTOR, TAP_MESSAGE };

/* What a call must be about to be told. */
enum tap_about {
	TAP_ANYTHING,
	TAP_OPTION, /* its first argument is one of `options` */
	TAP_FILE,   /* its first argument is a socket or a file of cgroupfs or procfs */
	TAP_SOCKET,
	TAP_PLACE, /* anything, and where its path begins: the first argument is a directory */
	TAP_HERE,  /* the same: the caller's own directory */
};

/* One of the calls to look for, by its number. */
struct tap_call {
	__u8 wanted;
	__u8 hears; /* it is told when it has read something */
	__u8 about, bytes;
	__u8 shapes[TAP_ARGUMENTS];
	__u8 moves;    /* it changes namespaces */
	__u8 replaces; /* when it has succeeded the memory is another program's */
	__u8 n_options;
	__s32 options[TAP_OPTIONS];
};

/* A socket's end, in an area at TAP_END: told when it is met for the first time. */
struct tap_end {
	__u64 peer_inode; /* of a Unix domain socket; 0 = not told, or not accepted yet */
	__s32 peer;       /* who connected or listens, SO_PEERCRED of unix(7); 0 = not told */
	__u16 family, type;
	__u16 own_size, other_size; /* of its address and its peer's: struct sockaddr_un, … */
	char own[TAP_ADDRESS], other[TAP_ADDRESS];
};

enum tap_kind {
	TAP_ENTERED, /* a call has begun */
	TAP_LEFT,    /* and ended */
	TAP_HEARD,   /* one that reads has ended, and this is what it has read */
	TAP_BORN,    /* a process; pid is its own, `other` its parent's */
	TAP_EXITED,  /* a thread; `other`: it was the process's last one */
};

/* Of one that has LEFT with areas those count: when it began they could not all be read.
 *
 * Behind it areas of memory_area.h; those at TAP_NAME are names of directories, from the file up
 * to the root. Ids are as the follower's pid namespace has them. */
#define TAP_NAME (~0ULL)
#define TAP_END  (~1ULL)
struct tap_event {
	__u64 t; /* nanoseconds of CLOCK_MONOTONIC */
	__u32 kind, number;
	__s32 pid, tid, other;
	__u32 file_system; /* magic number, statfs(2) */
	__u64 socket;      /* inode */
	__u64 arguments[TAP_ARGUMENTS];
	__s64 result;                     /* EXITED: as waitpid(2) gives it */
	__u32 namespaces[TAP_NAMESPACES]; /* inodes; BORN, and LEFT of a call that moves */
	char comm[TAP_COMM];
};
