/* What followed processes ask of daemons: the requests of HTTP/1.1 (RFC 9112) that they write into
 * sockets, as docker's, podman's and the registries' APIs have them. Of a request its first line is
 * told; what would be a secret in it is masked, and headers and bodies are not looked at. */
#pragma once

#include "kernel/base/buf.h"
#include "kernel/watch/call.h"

#include <stdbool.h>
#include <sys/types.h>

enum { CONVERSATION_TO = 128 };

/* Where the sockets of processes lead to; the oldest is forgotten when there are too many. */
struct conversations {
	struct {
		pid_t pid;
		int fd;
		char to[CONVERSATION_TO];
	} slots[256];
	size_t next;
};

/* connect(2) is about to be done by a thread of process `pid`. */
void conversation_connect(struct conversations *all, pid_t pid, const struct call_made *made);
/* Where the descriptor leads to: a path, "@name", "10.0.0.1:80"; "" when that was not seen. */
const char *conversation_to(const struct conversations *all, pid_t pid, int fd);
/* Whether write(2) or sendto(2) is about to send the beginning of a request; appends
 * "POST /v1.41/containers/create". */
bool conversation_request(struct buf *out, const struct call_made *made);

/* The same for bytes that are at hand: appends the first line without its version. */
bool conversation_http(struct buf *out, const char *bytes, size_t n);
