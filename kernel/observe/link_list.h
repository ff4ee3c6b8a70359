/* Network links while they are read. Internal to kernel/observe. */
#pragma once

#include "kernel/observe/reading.h"

struct link_list {
	struct model_link *all;
	size_t n, room;
};

/* Copies *link. -ENOMEM; beyond a bound it is left out. */
int link_list_add(struct link_list *l, const struct model_link *link);
/* "192.0.2.2/24", after those it has. */
void link_add_address(struct reading *r, struct model_link *link, const char *address);
/* The links of the network namespace `net_ns` over rtnetlink(7). `pid`: one of its processes,
 * through whose /proc/PID/ns/net we enter it for a moment, which wants CAP_SYS_ADMIN in the user
 * namespace that owns it and in ours; 0 = it is our own. Negative when it can not be asked; then
 * nothing is added. */
int links_netlink(struct reading *r, uint64_t net_ns, pid_t pid, struct link_list *l);
