/* A recorded watch: lines of JSON, one an event, in the order in which they were seen.
 *
 * The first line is {"cutaway-watch": 1, "kernel", "machine", "started", "command"}; a reader takes
 * version 1 and passes over members and events that it does not know. All others have "t",
 * microseconds since the start, and "pid"; then one of
 *   "call", "args", "tid", "comm", "us" and "result" or "error": a system call that has ended;
 *      "args" as C would write them, "us" how long it took
 *   "api", "request" and "comm": what one process has asked another one for. "api" is
 *      "http": "POST /v1.41/containers/create"
 *      "grpc", "ttrpc": the method's path, "/containerd.services.tasks.v1.Tasks/Create"
 *      "dbus": "INTERFACE.MEMBER(SIGNATURE) OBJECT", its "to" the destination that it names
 *      "oci": "create ID", what a runtime, which is its "to", was started for
 *   "api", "answer" and "comm": what was answered, "201 Created", "grpc-status 0 OK"; with "of",
 * the request's words, and "us", how long after it, when that was seen Both may have "to", whom the
 * process says it to: a socket's path or address, a bus name, a program's name, with "to_pid" where
 * it is known; or, when it was seen to be read and not to be written, "from" and "from_pid"
 * instead: the process has heard it. "tid" is the thread; "bytes", of the body, and "body", its
 * beginning, are told where they are known "event": "start", with "parent" and "comm": a process
 * has begun, a copy of its parent "event": "namespaces", with "ns": {"mnt": inode…}: those that are
 * not the watcher's "event": "end", with "status" or "signal": a process has ended "event": "lost":
 * the process that followed was killed; from here to the end nothing was seen "event": "finish",
 * with "status" or "signal": the command itself has ended; the last line */
#pragma once

#include "kernel/base/buf.h"
#include "kernel/watch/call.h"

#include <jansson.h>
#include <stdint.h>
#include <sys/types.h>

enum { WATCH_RECORD_VERSION = 1 };

/* Each appends one line. `t` and `us` are microseconds. */
void watch_record_begin(struct buf *out, char *const *command);
struct watch_call {
	uint64_t t, us;
	pid_t pid, tid;
	const char *comm, *name, *arguments;
	int64_t result; /* or a negative errno with `failed` */
	bool failed;
};
void watch_record_call(struct buf *out, const struct watch_call *c);
/* `to` may be "". */
void watch_record_request(
        struct buf *out, const struct watch_call *by, const char *request, const char *to);
void watch_record_start(struct buf *out, uint64_t t, pid_t pid, pid_t parent, const char *comm);
/* `inodes` by type in the order of ns_names; 0 = the watcher's own. */
void watch_record_namespaces(struct buf *out, uint64_t t, pid_t pid, const uint64_t *inodes);
void watch_record_lost(struct buf *out, uint64_t t, pid_t pid);
/* `event` is "end" or "finish"; `status` as waitpid(2) gives it. */
void watch_record_end(struct buf *out, const char *event, uint64_t t, pid_t pid, int status);
