/* One end of a connection, as the process that has it holds it. Internal to kernel/watch. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { ENDPOINT_NAME = 128 };

struct endpoint {
	bool stream;         /* it is a stream of IP or the Unix domain; else the rest is empty */
	uint64_t peer_inode; /* of a Unix domain socket; 0 = not told, or not accepted yet */
	pid_t peer;          /* who connected or who began to listen, SO_PEERCRED; 0 = not told */
	char own[ENDPOINT_NAME]; /* its name: a path, "@name", "10.0.0.1:80"; "" = it has none */
	char other[ENDPOINT_NAME];
};

/* The inode of a socket by what the link of its descriptor says, proc(5): "socket:[123]"; 0: it is
 * none. */
uint64_t endpoint_inode_of(const char *name);
/* Looks at a socket through a copy of its descriptor, pidfd_getfd(2), taken for that moment. `diag`
 * is a socket of sock_diag(7), -1 = there is none. One that may not be looked at, or is no longer
 * there, counts as no stream. */
void endpoint_look(pid_t pid, int fd, uint64_t inode, int diag, struct endpoint *ret);
/* A socket for the questions of endpoint_look(); negative errno. */
int endpoint_diag(void);
/* Whether a process has a descriptor of this socket. */
bool endpoint_is_held(pid_t pid, uint64_t inode);
/* A socket's address of `n` bytes as a name. */
void endpoint_name(const void *address, size_t n, char to[static ENDPOINT_NAME]);
