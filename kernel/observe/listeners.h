/* TCP sockets that are listened on: in the host's network namespace and in those of containers.
 * Internal to kernel/observe.
 *
 * Each namespace is asked from inside (netlink_inside.h): sock_diag(7), listening sockets alone.
 * Where that is not allowed, and in recorded trees, the files net/tcp and net/tcp6 of a process
 * that is in there tell the same (proc_pid_net(5)). Who listens is looked for once, when a socket
 * is new: in a container among its processes, on the host among daemons of engines, their clients
 * and ours. */
#pragma once

#include "kernel/observe/reading.h"

/* One such socket as it is told. */
struct listener_told {
	int family; /* AF_INET, AF_INET6 */
	uint8_t address[16];
	uint16_t port;
	uint64_t inode;
};

/* Out of the payload of a message of sock_diag(7); false when it is too short or of another kind.
 */
bool listener_from_diag(const void *payload, size_t n, struct listener_told *ret);
/* Out of a line of net/tcp or net/tcp6; false when it is none, or is not listened on. */
bool listener_from_line(const char *line, struct listener_told *ret);
