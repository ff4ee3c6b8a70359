/* The connections over which followed processes speak: which two sockets belong together, whose
 * they are, and what has been said. Each direction is heard once: where it is written when that is
 * seen, else where it is read. Internal to kernel/watch. */
#pragma once

#include "kernel/watch/endpoint.h"
#include "kernel/watch/wire/wire.h"

enum heard { HEARD_NOTHING, HEARD_WRITTEN, HEARD_READ };

/* Side 0 is the one that was seen first. */
struct connection {
	uint64_t inode[2]; /* 0 = not known */
	pid_t pid[2];      /* a followed process that has it; 0 = none is known */
	pid_t creator[2];  /* SO_PEERCRED as the other side is told it */
	char name[ENDPOINT_NAME];
	struct endpoint end; /* as side 0 saw it */
	enum heard heard[2]; /* how what that side says is heard */
	uint64_t already[2]; /* bytes that it tried to write, and will again */
	bool awaits[2];      /* an answer that must be read to be heard */
	struct wire *wire;   /* NULL = nothing was heard yet */
	bool deaf;           /* it is nothing to listen to, or no longer */
	uint64_t used;
};

enum { CONNECTIONS = 512 };

struct connections {
	struct connection *all[CONNECTIONS];
	size_t n;
	uint64_t used;
	struct wire_given given;
	int diag; /* -1 = not opened yet */
	bool asked_diag;
};

/* A process and a socket of its. */
struct connection_user {
	pid_t pid;
	int fd;
	uint64_t inode;
	const struct endpoint *end; /* NULL = it is looked at, when it is new */
};
/* The connection of a socket, and which side that is; `writes`: its first bytes that we see are
 * written. The oldest is forgotten when there are too many. NULL when memory is out. */
struct connection *connections_get(
        struct connections *all, const struct connection_user *user, bool writes, int *ret_side);
/* One that is known; NULL = none. */
struct connection *connections_find(struct connections *all, uint64_t inode, int *ret_side);
/* Whether process `pid` has asked something whose answer must be read to be heard. */
bool connections_await(const struct connections *all, pid_t pid);
/* The process at that side: a followed one, else who made it and lives; 0 = not known. */
pid_t connection_holder(const struct connection *c, int side);
/* Frees all; what waits for its end is told by the wires before. */
void connections_release(struct connections *all);
