/* One TCP or UDP socket as the kernel tells of it. Internal to kernel/observe. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* include/net/tcp_states.h; a UDP socket that is bound and not connected is in the second. */
enum inet_state { INET_ESTABLISHED = 1, INET_UNCONNECTED = 7, INET_LISTENING = 10 };

/* An end of a socket: an IPv4 address is kept as IPv6 has it, ::ffff:127.0.0.1, in network order.
 * A socket of IPv6 that speaks IPv4 is told so as well: both ends of a connection are alike. */
struct inet_end {
	uint8_t address[16];
	uint16_t port;
};

struct inet_told {
	int protocol; /* IPPROTO_TCP, IPPROTO_UDP */
	int family;   /* AF_INET, AF_INET6: of the socket */
	enum inet_state state;
	struct inet_end local, remote;
	uint64_t inode; /* 0 = nobody has accepted it yet */
};

/* Out of the payload of a message of sock_diag(7), which was asked for sockets of `protocol`; false
 * when it is too short, of another family or in another state. */
bool inet_told_from_diag(const void *payload, size_t n, int protocol, struct inet_told *ret);
/* Out of a line of net/tcp, net/udp, net/tcp6 or net/udp6 (proc_pid_net(5)); false when it is none,
 * or in another state. */
bool inet_told_from_line(const char *line, int protocol, struct inet_told *ret);

/* By address, then port: below, equal, above 0. */
int inet_end_compare(const struct inet_end *x, const struct inet_end *y);
/* 127.0.0.0/8 and ::1: means something in its own network namespace alone. */
bool inet_end_is_loopback(const struct inet_end *e);
/* "127.0.0.1", "::1", into INET6_ADDRSTRLEN bytes; any address of IPv6 as "::". */
void inet_end_print(const struct inet_end *e, int family, char *ret);
