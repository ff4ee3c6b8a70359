#include "kernel/observe/inet_told.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <linux/inet_diag.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

static struct inet_end end_of(int family, const void *address, uint16_t port)
{
	struct inet_end e = {.port = port};

	if (family == AF_INET) {
		memcpy(e.address, mapped, sizeof mapped);
		memcpy(e.address + sizeof mapped, address, 4);
	} else {
		memcpy(e.address, address, 16);
	}
	return e;
}

/* What is told of TCP: who listens, who is connected; of UDP: who waits for anybody. */
static bool is_of_interest(int protocol, unsigned state)
{
	if (protocol == IPPROTO_UDP)
		return state == INET_UNCONNECTED;
	return state == INET_ESTABLISHED || state == INET_LISTENING;
}

bool inet_told_from_diag(const void *payload, size_t n, int protocol, struct inet_told *ret)
{
	struct inet_diag_msg m;

	if (n < sizeof m)
		return false;
	memcpy(&m, payload, sizeof m);
	if ((m.idiag_family != AF_INET && m.idiag_family != AF_INET6) ||
	        !is_of_interest(protocol, m.idiag_state))
		return false;
	*ret = (struct inet_told){.protocol = protocol,
	        .family = m.idiag_family,
	        .state = (enum inet_state)m.idiag_state,
	        .local = end_of(m.idiag_family, m.id.idiag_src, ntohs(m.id.idiag_sport)),
	        .remote = end_of(m.idiag_family, m.id.idiag_dst, ntohs(m.id.idiag_dport)),
	        .inode = m.idiag_inode};
	return true;
}

/* 8 or 32 digits: words of this machine's byte order. The family, 0 when it is no address. */
static int read_address(const char *hex, uint8_t ret[16])
{
	const size_t n = strlen(hex);

	if (n != 8 && n != 32)
		return 0;
	for (size_t word = 0; word * 8 < n; word++) {
		char digits[9] = "";
		uint32_t value;
		memcpy(digits, hex + word * 8, 8);
		value = (uint32_t)strtoul(digits, NULL, 16);
		memcpy(ret + word * 4, &value, sizeof value);
	}
	return n == 8 ? AF_INET : AF_INET6;
}

/* "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711
 * …" */
bool inet_told_from_line(const char *line, int protocol, struct inet_told *ret)
{
	char local[33], remote[33];
	uint8_t from[16], to[16];
	unsigned port, remote_port, state;
	uint64_t inode;
	int family;

	if (sscanf(line,
	            " %*u: %32[0-9A-F]:%4x %32[0-9A-F]:%4x %2x %*x:%*x %*x:%*x %*x %*u %*u "
	            "%" SCNu64,
	            local, &port, remote, &remote_port, &state, &inode) != 6 ||
	        !is_of_interest(protocol, state))
		return false;
	family = read_address(local, from);
	if (!family || read_address(remote, to) != family)
		return false;
	*ret = (struct inet_told){.protocol = protocol,
	        .family = family,
	        .state = (enum inet_state)state,
	        .local = end_of(family, from, (uint16_t)port),
	        .remote = end_of(family, to, (uint16_t)remote_port),
	        .inode = inode};
	return true;
}

static bool is_mapped(const struct inet_end *e)
{
	return !memcmp(e->address, mapped, sizeof mapped);
}

int inet_end_compare(const struct inet_end *x, const struct inet_end *y)
{
	const int order = memcmp(x->address, y->address, sizeof x->address);

	return order ? order : (x->port > y->port) - (x->port < y->port);
}

bool inet_end_is_loopback(const struct inet_end *e)
{
	return is_mapped(e) ? e->address[12] == 127
	                    : !memcmp(e->address, &in6addr_loopback, sizeof e->address);
}

void inet_end_print(const struct inet_end *e, int family, char *ret)
{
	const bool four = family == AF_INET || is_mapped(e);

	if (!inet_ntop(four ? AF_INET : AF_INET6, four ? e->address + 12 : e->address, ret,
	            INET6_ADDRSTRLEN))
		*ret = '\0';
}
