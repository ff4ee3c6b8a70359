/* A recorded watch: lines of JSON, one an event, in the order in which they were seen.
 *
 * The first line is {"cutaway-watch": 1, "kernel", "machine", "started", "command"}; a reader takes
 * version 1 and passes over members and events that it does not know. All others have "t",
 * microseconds since the start, and "pid"; then one of
 *   "call", "args", "tid", "comm", "us" and "result" or "error": a system call that has ended;
 *      "args" as C would write them, "us" how long it took
 *   "api", "comm", "to" and "request" or "answer": what a process says to another one. "api" is
 *      "http": "POST /v1.41/containers/create", answered "201 Created"
 *      "grpc", "ttrpc": the method's path, "/containerd.services.tasks.v1.Tasks/Create", answered
 *         "grpc-status 0 OK", "status 0 OK"; "(method A: named before we looked)" and "(status A:
 *         named before we looked)" where HTTP/2 gives but the number of a name that was told
 *         before: the same letter is the same method, and is no other connection's
 *      "dbus": "INTERFACE.MEMBER(SIGNATURE) OBJECT", answered "returns (SIGNATURE)", "error NAME"
 *      "oci": "create ID", what a runtime was started for; "to" and "to_pid" are the runtime itself
 *      "to": of a request where its connection leads to, a path or an address, of D-Bus whom it
 *         names; of an answer who has asked. "to_pid": who that is, where it is known
 *      "tid": the thread; "pid": 0 when who speaks cannot be known, "comm" is its address then
 *      "of", "us": of an answer, to which request, and how long after it, when that was seen
 *      "bytes": of the body, when that is known; "body": its beginning, when it was asked for
 *   "event": "start", with "parent" and "comm": a process has begun, a copy of its parent
 *   "event": "namespaces", with "ns": {"mnt": inode…}: those that are not the watcher's
 *   "event": "end", with "status" or "signal": a process has ended
 *   "event": "lost": the process that followed was killed; from here to the end nothing was seen
 *   "event": "missed", with "count": so many calls came faster than they could be told
 *   "event": "finish", with "status" or "signal": the command itself has ended; the last line */
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
struct watch_said {
	uint64_t t, us; /* us: of an answer, with `of` */
	pid_t pid, tid; /* who says it; pid 0 = on another machine, or hidden from us */
	pid_t to_pid;   /* 0 = not known */
	int64_t bytes;  /* -1 = not known */
	bool answer;
	const char *comm, *api, *text;
	const char *of, *body; /* NULL = none */
	const char *to;        /* may be "" */
};
void watch_record_said(struct buf *out, const struct watch_said *s);
void watch_record_start(struct buf *out, uint64_t t, pid_t pid, pid_t parent, const char *comm);
/* `inodes` by type in the order of ns_names; 0 = the watcher's own. */
void watch_record_namespaces(struct buf *out, uint64_t t, pid_t pid, const uint64_t *inodes);
void watch_record_missed(struct buf *out, uint64_t t, pid_t pid, uint64_t count);
void watch_record_lost(struct buf *out, uint64_t t, pid_t pid);
/* `event` is "end" or "finish"; `status` as waitpid(2) gives it. */
void watch_record_end(struct buf *out, const char *event, uint64_t t, pid_t pid, int status);
