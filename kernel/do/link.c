#include "kernel/do/link.h"

#include "kernel/base/cleanup.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>

struct delete_request {
	struct nlmsghdr header;
	struct ifinfomsg link;
	struct rtattr name;
	char text[IFNAMSIZ];
};

int link_delete(const char *name)
{
	struct delete_request q = {0};
	auto_close fd = -1;
	struct {
		struct nlmsghdr header;
		struct nlmsgerr result;
		char rest[256];
	} answer = {0};
	size_t length = strlen(name);

	if (length == 0 || length >= IFNAMSIZ)
		return -ENODEV;
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (fd < 0)
		return -errno;
	q.header.nlmsg_len = sizeof q;
	q.header.nlmsg_type = RTM_DELLINK;
	q.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	q.link.ifi_family = AF_UNSPEC;
	q.name.rta_type = IFLA_IFNAME;
	q.name.rta_len = RTA_LENGTH(sizeof q.text);
	memcpy(q.text, name, length);
	if (send(fd, &q, sizeof q, 0) < 0)
		return -errno;
	/* The kernel always acknowledges: with an error number, which is 0 for success. */
	if (recv(fd, &answer, sizeof answer, 0) < (ssize_t)NLMSG_LENGTH(sizeof answer.result))
		return -EIO;
	return answer.header.nlmsg_type == NLMSG_ERROR ? answer.result.error : -EIO;
}
