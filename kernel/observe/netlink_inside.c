#include "kernel/observe/netlink_inside.h"

#include "kernel/base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <sched.h>

struct mnl_socket *netlink_open_inside(const struct reading *r, pid_t pid, int bus)
{
	auto_close process = pid ? reading_process_dir(r, pid) : -1;
	auto_close there = process < 0 ? -1 : openat(process, "ns/net", O_RDONLY | O_CLOEXEC);
	auto_close home = there < 0 ? -1 : openat(r->proc, "self/ns/net", O_RDONLY | O_CLOEXEC);
	struct mnl_socket *socket;

	if (!pid)
		return mnl_socket_open2(bus, SOCK_CLOEXEC);
	if (home < 0 || setns(there, CLONE_NEWNET) < 0)
		return NULL;
	socket = mnl_socket_open2(bus, SOCK_CLOEXEC);
	/* What was allowed on the way in is allowed on the way out; only memory can be short. */
	while (setns(home, CLONE_NEWNET) < 0 && errno == ENOMEM)
		;
	return socket;
}
