/* A netlink(7) socket in the network namespace of a process. Internal to kernel/observe.
 *
 * A socket belongs to the namespace that its maker was in: so we enter (setns(2)), open it, and are
 * back before anything is asked. That starts no process and wakes nobody who watches processes. */
#pragma once

#include "kernel/observe/reading.h"

struct mnl_socket;

/* `bus`: NETLINK_ROUTE and the like; `pid` 0 = ours. The caller's (mnl_socket_close). NULL when we
 * may not, or may not come back. */
struct mnl_socket *netlink_open_inside(const struct reading *r, pid_t pid, int bus);
