/* Our own network namespace's links and addresses: two rtnetlink(7) dumps, taken apart by libmnl.
 * This tells what /proc/net does not: the kind of a link, and the index of those that are down. */
#include "kernel/observe/link_list.h"

#include "kernel/base/cleanup.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

struct dump {
	struct reading *reading;
	struct link_list *list;
	uint64_t net_ns;
};

static const char *kind_of(struct reading *r, const struct nlattr *linkinfo)
{
	const struct nlattr *attr;

	mnl_attr_for_each_nested(attr, linkinfo) if (mnl_attr_get_type(attr) == IFLA_INFO_KIND)
	{
		const char *kind = mnl_attr_get_str(attr);
		return reading_string(r, kind, strnlen(kind, mnl_attr_get_payload_len(attr)));
	}
	return "";
}

static int on_link(const struct nlmsghdr *message, void *data)
{
	struct dump *d = data;
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(message);
	struct model_link link = {.net_ns = d->net_ns,
	        .index = info->ifi_index,
	        .name = "",
	        .kind = info->ifi_type == ARPHRD_LOOPBACK ? "loopback" : "",
	        .addresses = "",
	        .up = info->ifi_flags & IFF_UP};
	const struct nlattr *attr;

	mnl_attr_for_each(attr, message, sizeof *info)
	{
		const char *text = mnl_attr_get_payload(attr);
		if (mnl_attr_get_type(attr) == IFLA_IFNAME)
			link.name = reading_string(
			        d->reading, text, strnlen(text, mnl_attr_get_payload_len(attr)));
		else if (mnl_attr_get_type(attr) == IFLA_LINKINFO)
			link.kind = kind_of(d->reading, attr);
	}
	return link_list_add(d->list, &link) < 0 ? MNL_CB_ERROR : MNL_CB_OK;
}

static int on_address(const struct nlmsghdr *message, void *data)
{
	struct dump *d = data;
	const struct ifaddrmsg *info = mnl_nlmsg_get_payload(message);
	const size_t length = info->ifa_family == AF_INET ? 4 : 16;
	const void *address = NULL;
	char text[INET6_ADDRSTRLEN + 8];
	const struct nlattr *attr;

	mnl_attr_for_each(attr, message, sizeof *info)
	{
		int type = mnl_attr_get_type(attr);
		if (mnl_attr_get_payload_len(attr) != length)
			continue;
		/* On a point-to-point link IFA_ADDRESS is the other end, IFA_LOCAL this one. */
		if (type == IFA_LOCAL || (type == IFA_ADDRESS && !address))
			address = mnl_attr_get_payload(attr);
	}
	if ((info->ifa_family != AF_INET && info->ifa_family != AF_INET6) || !address ||
	        !inet_ntop(info->ifa_family, address, text, INET6_ADDRSTRLEN))
		return MNL_CB_OK;
	snprintf(text + strlen(text), 8, "/%d", info->ifa_prefixlen);
	for (size_t i = 0; i < d->list->n; i++)
		if (d->list->all[i].index == (int)info->ifa_index)
			link_add_address(d->reading, &d->list->all[i], text);
	return MNL_CB_OK;
}

static int dump(struct mnl_socket *socket, uint16_t type, mnl_cb_t each, struct dump *d)
{
	char bytes[32 * 1024] __attribute__((aligned(8)));
	struct nlmsghdr *request = mnl_nlmsg_put_header(bytes);
	struct rtgenmsg *family;
	int n = MNL_CB_OK;

	request->nlmsg_type = type;
	request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	request->nlmsg_seq = type;
	family = mnl_nlmsg_put_extra_header(request, sizeof(struct ifinfomsg));
	family->rtgen_family = AF_UNSPEC;
	if (mnl_socket_sendto(socket, request, request->nlmsg_len) < 0)
		return -errno;
	while (n > MNL_CB_STOP) {
		ssize_t got = mnl_socket_recvfrom(socket, bytes, sizeof bytes);
		if (got < 0)
			return -errno;
		n = mnl_cb_run(bytes, (size_t)got, type, mnl_socket_get_portid(socket), each, d);
	}
	return n < 0 ? -errno : 0;
}

int links_netlink(struct reading *r, uint64_t net_ns, struct link_list *l)
{
	struct mnl_socket *socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	struct dump d = {r, l, net_ns};
	int result;

	if (!socket)
		return -errno;
	result = mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0 ? -errno : 0;
	if (result == 0)
		result = dump(socket, RTM_GETLINK, on_link, &d);
	if (result == 0)
		result = dump(socket, RTM_GETADDR, on_address, &d);
	mnl_socket_close(socket);
	if (result < 0)
		l->n = 0; /* it is the first that is read into the list */
	return result;
}
