/* The system calls that make, enter and leave isolation, and how their arguments are told. Numbers
 * are libseccomp's, so that every architecture it knows is known here; see syscalls(2). */
#pragma once

#include "kernel/base/buf.h"
#include "kernel/watch/memory.h"
#include "kernel/watch/tap/event.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { CALL_ARGUMENTS = 6 };

/* When a call is told. */
enum call_when {
	CALL_ALWAYS,
	CALL_WRITES_FILE, /* write: into control groups and the files of /proc that set a process up
	                   */
	CALL_IN_CGROUPS,  /* mkdir, rmdir: control groups are directories */
	CALL_BY_OPTION,   /* prctl: what it changes; libraries ask it for a lot */
	CALL_NEVER,       /* it is followed for what is said by it, talk.h */
	CALL_HEARS,       /* the same, and it does not stop by itself: see talk.h */
};

struct endpoint;

/* The file that a call's first argument, a descriptor, stood for when it was made; of a call that
 * takes a path, where that begins. */
struct call_file {
	const char *path;           /* NULL = not known */
	uint64_t socket;            /* its inode; 0 = it is none */
	const struct endpoint *end; /* of the socket; NULL = it can be looked at */
	uint64_t file_system;       /* the magic number, statfs(2); 0 = not known */
};

/* One call as it was made: by whom and with what. */
struct call_made {
	struct memory memory;
	uint64_t arguments[CALL_ARGUMENTS];
	/* Of a call that has one, call_has_file(). Of others NULL: its thread is stopped, and where
	 * a path begins can be looked at. */
	const struct call_file *file;
};

struct call; /* of the table */

/* The i-th call of the table, NULL behind the last. */
const struct call *call_at(size_t i);
const char *call_name(const struct call *c);
/* The number on this machine; -1 where it has none, as open(2) on arm64. */
int call_number(const struct call *c);

/* The values of its first argument with which it is told; NULL = it is told with all. */
const int *call_options(const struct call *c, size_t *ret_n);

/* How a call that writes or reads is given its bytes: an address and a size, an array of them as in
 * writev(2), one in a message as in sendmsg(2). */
enum call_bytes { CALL_BYTES_NONE, CALL_BYTES_PLAIN, CALL_BYTES_VECTOR, CALL_BYTES_MESSAGE };
enum call_bytes call_bytes(const struct call *c);
/* Whether it reads them. */
bool call_hears(const struct call *c);
/* Whether it changes the caller's namespaces. */
bool call_moves(const struct call *c);
/* Whether its first argument is a descriptor, and it matters of what: struct call_file. */
bool call_has_file(const struct call *c);
/* The link in /proc that tells. */
void call_file_link(char *to, size_t size, const struct call_made *made);
/* The addresses of its arguments that are strings; how many. */
size_t call_texts(
        const struct call *c, const struct call_made *made, uint64_t to[static CALL_ARGUMENTS]);
/* What the program in the kernel is to take down of it. */
void call_describe(const struct call *c, struct tap_call *ret);

/* Whether this one is to be told: CALL_WRITES_FILE and CALL_IN_CGROUPS look at the file. */
bool call_wanted(const struct call *c, const struct call_made *made);
/* Appends the arguments as C would write them, joined by ", ": names of flags, strings and
 * structures from the caller's memory as it is now. */
void call_add_arguments(struct buf *out, const struct call *c, const struct call_made *made);
