/* A network namespace's links and addresses: two rtnetlink(7) dumps, taken apart by libmnl. This
 * tells what /proc/net does not: the kind of a link, the index of those that are down, the other
 * end of a pair. */
#include "kernel/observe/link_list.h"

#include "kernel/base/cleanup.h"
#include "kernel/observe/netlink_dump.h"
#include "kernel/observe/netlink_inside.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

struct dump {
	struct reading *reading;
	struct link_list *list;
	uint64_t net_ns;
	bool own; /* it is ours */
	int *ids; /* what it calls each of the model's, by index; -1 = it does not */
};

/* So many namespaces are asked about each other; of more only ours is asked about them. */
enum { ACQUAINTED_MOST = 32 };

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

static uint64_t namespace_of(const struct dump *d, int nsid)
{
	for (size_t i = 0; i < d->reading->model->n_namespaces; i++)
		if (d->ids[i] == nsid)
			return d->reading->model->namespaces[i].inode;
	return 0;
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
	int nsid = -1; /* of the namespace that the other end is in; none = the same */

	mnl_attr_for_each(attr, message, sizeof *info)
	{
		const char *text = mnl_attr_get_payload(attr);
		if (mnl_attr_get_type(attr) == IFLA_IFNAME)
			link.name = reading_string(
			        d->reading, text, strnlen(text, mnl_attr_get_payload_len(attr)));
		else if (mnl_attr_get_type(attr) == IFLA_LINKINFO)
			link.kind = kind_of(d->reading, attr);
		else if (mnl_attr_get_type(attr) == IFLA_MASTER)
			link.master = (int)mnl_attr_get_u32(attr);
		else if (mnl_attr_get_type(attr) == IFLA_LINK)
			link.peer = (int)mnl_attr_get_u32(attr);
		else if (mnl_attr_get_type(attr) == IFLA_LINK_NETNSID)
			nsid = (int)mnl_attr_get_u32(attr);
	}
	if (strcmp(link.kind, "veth") != 0)
		link.peer = 0; /* IFLA_LINK then is the link below this one */
	else
		link.peer_ns = nsid < 0 ? d->net_ns : namespace_of(d, nsid);
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
		if (d->list->all[i].net_ns == d->net_ns &&
		        d->list->all[i].index == (int)info->ifa_index)
			link_add_address(d->reading, &d->list->all[i], text);
	return MNL_CB_OK;
}

static int dump(struct mnl_socket *socket, uint16_t type, mnl_cb_t each, struct dump *d)
{
	char bytes[256] __attribute__((aligned(8)));
	struct nlmsghdr *request = mnl_nlmsg_put_header(bytes);
	struct rtgenmsg *family;

	request->nlmsg_type = type;
	request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	request->nlmsg_seq = type;
	family = mnl_nlmsg_put_extra_header(request, sizeof(struct ifinfomsg));
	family->rtgen_family = AF_UNSPEC;
	return netlink_dump(socket, request, each, d);
}

static int on_id(const struct nlmsghdr *message, void *data)
{
	const struct nlattr *attr;
	int *id = data;

	mnl_attr_for_each(attr, message,
	        sizeof(struct rtgenmsg)) if (mnl_attr_get_type(attr) == NETNSA_NSID) *id =
	        (int)mnl_attr_get_u32(attr);
	return MNL_CB_OK;
}

/* What a network namespace calls that of a process: it has a number for those that it has links
 * to (RTM_GETNSID, rtnetlink(7)). -1 = none, or the process may not be looked into. */
static int ask_id(struct mnl_socket *socket, const struct reading *r, pid_t pid)
{
	char bytes[4096] __attribute__((aligned(8)));
	auto_close process = reading_process_dir(r, pid);
	auto_close fd = process < 0 ? -1 : openat(process, "ns/net", O_RDONLY | O_CLOEXEC);
	struct nlmsghdr *request = mnl_nlmsg_put_header(bytes);
	struct rtgenmsg *family;
	ssize_t got;
	int id = -1;

	if (fd < 0)
		return -1;
	request->nlmsg_type = RTM_GETNSID;
	request->nlmsg_flags = NLM_F_REQUEST;
	request->nlmsg_seq = (uint32_t)pid;
	family = mnl_nlmsg_put_extra_header(request, sizeof *family);
	family->rtgen_family = AF_UNSPEC;
	mnl_attr_put_u32(request, NETNSA_FD, (uint32_t)fd);
	if (mnl_socket_sendto(socket, request, request->nlmsg_len) < 0)
		return -1;
	got = mnl_socket_recvfrom(socket, bytes, sizeof bytes);
	if (got > 0)
		mnl_cb_run(bytes, (size_t)got, (uint32_t)pid, mnl_socket_get_portid(socket), on_id,
		        &id);
	return id;
}

static int find_ids(struct mnl_socket *socket, struct dump *d)
{
	const struct model *m = d->reading->model;
	size_t others = 0;
	int looked = 0;

	d->ids = calloc(m->n_namespaces + 1, sizeof *d->ids);
	if (!d->ids)
		return -ENOMEM;
	for (size_t i = 0; i < m->n_namespaces; i++)
		others += m->namespaces[i].type == NS_NET;
	for (size_t i = 0; i < m->n_namespaces; i++) {
		const struct model_namespace *ns = &m->namespaces[i];
		d->ids[i] = -1;
		if (ns->type == NS_NET && ns->inode != d->net_ns &&
		        (d->own || others <= ACQUAINTED_MOST) && looked++ < READING_MAX_NAMESPACES)
			d->ids[i] = ask_id(socket, d->reading, ns->first_pid);
	}
	return 0;
}

int links_netlink(struct reading *r, uint64_t net_ns, pid_t pid, struct link_list *l)
{
	struct mnl_socket *socket = netlink_open_inside(r, pid, NETLINK_ROUTE);
	struct dump d = {.reading = r, .list = l, .net_ns = net_ns, .own = !pid};
	const size_t before = l->n;
	int result;

	if (!socket)
		return errno ? -errno : -EPERM;
	result = mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0 ? -errno : 0;
	if (result == 0)
		result = find_ids(socket, &d);
	if (result == 0)
		result = dump(socket, RTM_GETLINK, on_link, &d);
	if (result == 0)
		result = dump(socket, RTM_GETADDR, on_address, &d);
	mnl_socket_close(socket);
	free(d.ids);
	if (result < 0)
		l->n = before;
	return result;
}
