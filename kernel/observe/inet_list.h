/* The TCP and UDP sockets of a network namespace, asked for. Internal to kernel/observe.
 *
 * A namespace is asked from inside (netlink_inside.h) by sock_diag(7). Where that is not allowed,
 * and in recorded trees, the files net/tcp, net/tcp6, net/udp and net/udp6 of a process that is in
 * there tell the same (proc_pid_net(5)). */
#pragma once

#include "kernel/observe/inet_told.h"
#include "kernel/observe/reading.h"
#include "kernel/observe/socket_holder.h"

enum {
	INET_LISTENERS_MOST = 1024,
	INET_CONNECTED_MOST = 3072, /* ends of connections */
};

struct inet_socket {
	struct inet_told told;
	uint64_t net_ns;
	struct holder holder;
	int tries; /* looks for who holds it that were in vain */
};

struct inet_list {
	struct inet_socket *all;
	size_t n, room, n_connected;
	bool cut; /* there are more connected ones than are listed */
};

/* 0, also when there is no more room of its kind; or -ENOMEM. */
int inet_list_add(struct inet_list *l, const struct inet_socket *s);

/* TCP sockets that are listened on, those that are connected, UDP sockets that are bound. */
struct inet_wish {
	bool listening, connected, udp;
};

/* Appends those of the namespace that process `pid` is in, by the kernel's own list or else by the
 * files; `own`: it is ours. 0 or -ENOMEM. */
int inet_list_read(struct reading *r, struct inet_list *l, uint64_t net_ns, pid_t pid, bool own,
        struct inet_wish wish);

/* How many connections a network namespace has begun, accepted, and has now: as long as they are
 * the same, so are the connections. */
struct inet_counts {
	uint64_t begun, accepted, connected;
};

/* Out of the text of net/snmp (proc_pid_net(5), RFC 1213 tcp); false when it does not tell. */
bool inet_counts_from_text(const char *text, struct inet_counts *ret);
/* Those of the namespace that `pid` is in. */
bool inet_counts_read(struct reading *r, pid_t pid, struct inet_counts *ret);
