/* The threads that are followed, by their ids as the tracer sees them. */
#pragma once

#include "kernel/base/buf.h"
#include "kernel/observe/model.h"
#include "kernel/watch/call.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum tracee_state {
	TRACEE_NEW,     /* it has shown itself before its parent told of it, and waits stopped */
	TRACEE_GONE,    /* it has even ended before */
	TRACEE_RUNNING, /* between calls of interest */
	TRACEE_IN_CALL, /* in one: `call`, `arguments`, `entered` are set */
};

enum tracee_talk { TALK_NONE, TALK_WRITES, TALK_READS };

struct tracee {
	struct tracee *next;
	pid_t tid;
	pid_t pid;    /* of its process, the thread group; 0 = not read yet, tracee_read() */
	pid_t parent; /* process that it was a child of when it was first seen */
	enum tracee_state state;
	int waiting;     /* NEW, GONE: how it stopped or ended, as waitpid(2) gives it */
	int seccomp;     /* mode when it was first seen, Seccomp of proc(5) */
	bool observed;   /* it never stops: the tap tells of it */
	bool every_call; /* it stops at every call: no filter stands in for us */
	bool hearing;    /* so it does for now: an answer must be read to be heard, talk.h */
	bool leaving;    /* it is let go at its next stop */
	char comm[16 * 4 + 1];
	const struct call *call;
	struct buf arguments;
	bool told; /* the call is, when it has ended */
	enum tracee_talk talk;
	struct call_made talk_made;
	uint64_t talk_inode, talk_bytes;
	char *oci;             /* what a runtime is being started for; owned */
	uint64_t entered;      /* microseconds: the call, or, while it waits, its first stop */
	uint64_t ns[NS_COUNT]; /* as told last */
};

struct tracees {
	struct tracee *slots[256];
	size_t n;
};

struct tracee *tracees_find(const struct tracees *all, pid_t tid);
/* A new one, with its process and name read from /proc; NULL when memory is out. */
struct tracee *tracees_add(struct tracees *all, pid_t tid);
/* The same, of what is known of it. */
struct tracee *tracees_put(struct tracees *all, pid_t tid, pid_t pid);
void tracees_remove(struct tracees *all, pid_t tid);
/* The first one behind `after` (NULL = from the start) in no order; NULL at the end. */
struct tracee *tracees_next(const struct tracees *all, const struct tracee *after);

/* Reads what /proc tells of it: its process, that one's parent, its name. */
void tracee_read(struct tracee *t);
/* Reads its name again: it has become another program. */
void tracee_read_name(struct tracee *t);
/* The name as the kernel has it, of at most `n` bytes. */
void tracee_set_name(struct tracee *t, const char *comm, size_t n);
