#include "kernel/do/network/port.h"

#include "kernel/base/cleanup.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static int wrong_part(struct buf *wrong, const char *part, size_t n, const char *should_be)
{
	buf_addf(wrong, "'%.*s': %s", (int)n, part, should_be);
	return -EINVAL;
}

static int parse_number(const char *text, size_t n, uint16_t *ret, struct buf *wrong)
{
	unsigned long value = 0;

	for (size_t i = 0; i < n && value <= UINT16_MAX; i++) {
		if (text[i] < '0' || text[i] > '9')
			value = UINT16_MAX + 1UL;
		else
			value = value * 10 + (unsigned long)(text[i] - '0');
	}
	if (n == 0 || value == 0 || value > UINT16_MAX)
		return wrong_part(wrong, text, n, "a port is a number from 1 to 65535");
	*ret = (uint16_t)value;
	return 0;
}

static int parse_address(const char *text, size_t n, uint32_t *ret, struct buf *wrong)
{
	char copy[INET_ADDRSTRLEN];
	struct in_addr in;

	if (n < sizeof copy) {
		memcpy(copy, text, n);
		copy[n] = '\0';
		if (inet_pton(AF_INET, copy, &in) == 1) {
			*ret = ntohl(in.s_addr);
			return 0;
		}
	}
	return wrong_part(wrong, text, n, "an address is four numbers, as 127.0.0.1");
}

static int parse_protocol(const char *text, bool *ret_udp, struct buf *wrong)
{
	*ret_udp = !strcmp(text, "udp");
	if (!*ret_udp && strcmp(text, "tcp") != 0)
		return wrong_part(wrong, text, strlen(text), "a protocol is tcp or udp");
	return 0;
}

int port_parse(const char *text, struct port *ret, struct buf *wrong)
{
	struct port p = {0};
	size_t n = strcspn(text, "/"), part[4], n_parts = 0, at = 0;
	int r = 0;

	/* Where the parts between the colons begin; part[n_parts] is behind the last. */
	for (size_t i = 0; i <= n && n_parts < 4; i++)
		if (i == n || text[i] == ':') {
			part[n_parts++] = at;
			at = i + 1;
		}
	if (n_parts < 2 || n_parts > 3)
		return wrong_part(wrong, text, strlen(text),
		        "it has two or three parts: HOSTPORT:PORT, or IP:HOSTPORT:PORT");
	if (n_parts == 3)
		r = parse_address(text, part[1] - 1, &p.host, wrong);
	if (r == 0)
		r = parse_number(text + part[n_parts - 2],
		        part[n_parts - 1] - 1 - part[n_parts - 2], &p.host_port, wrong);
	if (r == 0)
		r = parse_number(text + part[n_parts - 1], n - part[n_parts - 1], &p.port, wrong);
	if (r == 0 && text[n])
		r = parse_protocol(text + n + 1, &p.udp, wrong);
	if (r == 0)
		*ret = p;
	return r;
}

const char *port_protocol(const struct port *p)
{
	return p->udp ? "udp" : "tcp";
}

void port_address_text(uint32_t address, struct buf *out)
{
	buf_addf(out, "%u.%u.%u.%u", address >> 24, address >> 16 & 255, address >> 8 & 255,
	        address & 255);
}

void port_text(const struct port *p, struct buf *out)
{
	port_address_text(p->host, out);
	buf_addf(out, ":%u->%u/%s", p->host_port, p->port, port_protocol(p));
}

int port_hold(const struct port *p)
{
	struct sockaddr_in at = {
	        .sin_family = AF_INET,
	        .sin_port = htons(p->host_port),
	        .sin_addr.s_addr = htonl(p->host),
	};
	auto_close fd = socket(AF_INET, (p->udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, 0);

	/* Bound is enough: nobody else may bind it then, and nothing arrives, since the rules lead
	 * it away before a socket is looked for. */
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof at) < 0)
		return -errno;
	return steal_fd(&fd);
}
