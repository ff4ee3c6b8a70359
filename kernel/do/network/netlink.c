#include "kernel/do/network/netlink.h"

#include "kernel/base/cleanup.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

/* The kernel answers within the call to sendto(2); this is for what should never be. */
enum { ANSWER_LIMIT_S = 10, ANSWER_ROOM = 32 * 1024 };

void netlink_init(struct netlink *n, void *bytes, size_t size)
{
	*n = (struct netlink){.bytes = bytes, .size = size};
}

void netlink_put_bytes(struct netlink *n, const void *bytes, size_t size)
{
	size_t padded = NLMSG_ALIGN(size);

	if (n->full || padded > n->size - n->len) {
		n->full = true;
		return;
	}
	memset(n->bytes + n->len, 0, padded);
	if (size)
		memcpy(n->bytes + n->len, bytes, size);
	n->len += padded;
}

void netlink_begin(struct netlink *n, uint16_t type, uint16_t flags, const void *fixed, size_t size)
{
	struct nlmsghdr header = {
	        .nlmsg_type = type,
	        .nlmsg_flags = NLM_F_REQUEST | flags,
	        .nlmsg_seq = ++n->count,
	};

	n->start = n->len;
	netlink_put_bytes(n, &header, sizeof header);
	netlink_put_bytes(n, fixed, size);
}

void netlink_end(struct netlink *n)
{
	uint32_t length = (uint32_t)(n->len - n->start);

	if (!n->full)
		memcpy(n->bytes + n->start, &length, sizeof length); /* nlmsg_len comes first */
}

void netlink_put(struct netlink *n, uint16_t type, const void *value, size_t size)
{
	struct nlattr attribute = {
	        .nla_len = (uint16_t)(NLA_HDRLEN + size),
	        .nla_type = type,
	};

	netlink_put_bytes(n, &attribute, sizeof attribute);
	netlink_put_bytes(n, value, size);
}

void netlink_put_text(struct netlink *n, uint16_t type, const char *text)
{
	netlink_put(n, type, text, strlen(text) + 1);
}

void netlink_put_u32(struct netlink *n, uint16_t type, uint32_t value)
{
	netlink_put(n, type, &value, sizeof value);
}

void netlink_put_be32(struct netlink *n, uint16_t type, uint32_t value)
{
	netlink_put_u32(n, type, htonl(value));
}

size_t netlink_nest(struct netlink *n, uint16_t type)
{
	size_t at = n->len;

	netlink_put(n, type | NLA_F_NESTED, NULL, 0);
	return at;
}

void netlink_nest_end(struct netlink *n, size_t nest)
{
	uint16_t length = (uint16_t)(n->len - nest);

	if (!n->full)
		memcpy(n->bytes + nest, &length, sizeof length); /* nla_len comes first */
}

/* One message of the answer. 1 when it was the last, 0, or an error. */
static int look(
        const struct netlink *n, const struct nlmsghdr *message, netlink_each each, void *argument)
{
	const struct nlmsgerr *result = NLMSG_DATA(message);

	if (message->nlmsg_type == NLMSG_DONE)
		return 1;
	if (message->nlmsg_type == NLMSG_ERROR) {
		if (message->nlmsg_len < NLMSG_LENGTH(sizeof *result))
			return -EBADMSG;
		if (result->error)
			return result->error;
		return message->nlmsg_seq == n->count;
	}
	return each ? each(message, argument) : 0;
}

static int receive(const struct netlink *n, int fd, netlink_each each, void *argument)
{
	unsigned char answer[ANSWER_ROOM] __attribute__((aligned(4)));

	for (;;) {
		struct sockaddr_nl from = {0};
		socklen_t size = sizeof from;
		ssize_t got =
		        recvfrom(fd, answer, sizeof answer, 0, (struct sockaddr *)&from, &size);
		size_t left = got > 0 ? (size_t)got : 0;
		const struct nlmsghdr *m = (const void *)answer;
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return errno == EAGAIN ? -ETIMEDOUT : -errno;
		if (from.nl_pid != 0) /* whoever that is, the kernel it is not */
			continue;
		for (; NLMSG_OK(m, left); m = NLMSG_NEXT(m, left)) {
			int r = look(n, m, each, argument);
			if (r)
				return r < 0 ? r : 0;
		}
	}
}

int netlink_exchange(const struct netlink *n, int protocol, netlink_each each, void *argument)
{
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	struct timeval limit = {.tv_sec = ANSWER_LIMIT_S};
	auto_close fd = -1;

	if (n->full)
		return -EMSGSIZE;
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	if (sendto(fd, n->bytes, n->len, 0, (struct sockaddr *)&kernel, sizeof kernel) < 0)
		return -errno;
	return receive(n, fd, each, argument);
}

const void *netlink_find(const void *attributes, size_t size, uint16_t type, size_t *ret_size)
{
	const unsigned char *p = attributes;

	while (size >= NLA_HDRLEN) {
		struct nlattr a;
		memcpy(&a, p, sizeof a);
		if (a.nla_len < NLA_HDRLEN || a.nla_len > size)
			break;
		if ((a.nla_type & NLA_TYPE_MASK) == type) {
			*ret_size = a.nla_len - NLA_HDRLEN;
			return p + NLA_HDRLEN;
		}
		if ((size_t)NLA_ALIGN(a.nla_len) > size)
			break;
		p += NLA_ALIGN(a.nla_len);
		size -= NLA_ALIGN(a.nla_len);
	}
	return NULL;
}
