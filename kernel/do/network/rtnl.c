#include "kernel/do/network/rtnl.h"

#include "kernel/do/network/netlink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <string.h>

struct request {
	struct netlink n;
	unsigned char room[NETLINK_ROOM] __attribute__((aligned(4)));
};

static void begin_link(struct request *q, uint16_t type, uint16_t flags, bool up)
{
	struct ifinfomsg link = {
	        .ifi_family = AF_UNSPEC,
	        .ifi_flags = up ? IFF_UP : 0,
	        .ifi_change = IFF_UP,
	};

	netlink_init(&q->n, q->room, sizeof q->room);
	netlink_begin(&q->n, type, flags | NLM_F_ACK, &link, sizeof link);
}

static int ask(struct request *q)
{
	netlink_end(&q->n);
	return netlink_exchange(&q->n, NETLINK_ROUTE, NULL, NULL);
}

static bool name_fits(const char *name)
{
	return *name && strlen(name) < IFNAMSIZ;
}

/* ---- links --------------------------------------------------------------------------------- */

static void read_kind(struct rtnl_link *link, const void *info, size_t size)
{
	size_t length;
	const char *kind = netlink_find(info, size, IFLA_INFO_KIND, &length);

	if (kind && length > 0 && length <= sizeof link->kind)
		memcpy(link->kind, kind, length - 1);
}

static int on_link(const struct nlmsghdr *message, void *argument)
{
	struct rtnl_link *link = argument;
	const struct ifinfomsg *info = NLMSG_DATA(message);
	const char *attributes = (const char *)info + NLMSG_ALIGN(sizeof *info);
	size_t left, size;
	const void *value;

	if (message->nlmsg_type != RTM_NEWLINK || message->nlmsg_len < NLMSG_LENGTH(sizeof *info))
		return 0;
	left = message->nlmsg_len - NLMSG_SPACE(sizeof *info);
	link->index = info->ifi_index;
	link->up = info->ifi_flags & IFF_UP;
	value = netlink_find(attributes, left, IFLA_MASTER, &size);
	if (value && size == sizeof link->master)
		memcpy(&link->master, value, size);
	value = netlink_find(attributes, left, IFLA_LINKINFO, &size);
	if (value)
		read_kind(link, value, size);
	return 0;
}

int rtnl_link_get(const char *name, struct rtnl_link *ret)
{
	struct rtnl_link link = {0};
	struct request q;
	int r;

	if (!name_fits(name))
		return -ENODEV;
	begin_link(&q, RTM_GETLINK, 0, false);
	netlink_put_text(&q.n, IFLA_IFNAME, name);
	netlink_end(&q.n);
	r = netlink_exchange(&q.n, NETLINK_ROUTE, on_link, &link);
	if (r == 0)
		*ret = link;
	return r;
}

int rtnl_bridge_add(const char *name, const unsigned char mac[static RTNL_MAC])
{
	struct request q;
	size_t info;

	if (!name_fits(name))
		return -EINVAL;
	begin_link(&q, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, true);
	netlink_put_text(&q.n, IFLA_IFNAME, name);
	netlink_put(&q.n, IFLA_ADDRESS, mac, RTNL_MAC);
	info = netlink_nest(&q.n, IFLA_LINKINFO);
	netlink_put_text(&q.n, IFLA_INFO_KIND, "bridge");
	netlink_nest_end(&q.n, info);
	return ask(&q);
}

int rtnl_veth_add(const char *name, int master, const char *peer,
        const unsigned char mac[static RTNL_MAC], pid_t pid)
{
	struct ifinfomsg other = {.ifi_family = AF_UNSPEC};
	struct request q;
	size_t info, data, end;

	if (!name_fits(name) || !name_fits(peer))
		return -EINVAL;
	begin_link(&q, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, true);
	netlink_put_text(&q.n, IFLA_IFNAME, name);
	netlink_put_u32(&q.n, IFLA_MASTER, (uint32_t)master);
	info = netlink_nest(&q.n, IFLA_LINKINFO);
	netlink_put_text(&q.n, IFLA_INFO_KIND, "veth");
	data = netlink_nest(&q.n, IFLA_INFO_DATA);
	end = netlink_nest(&q.n, VETH_INFO_PEER);
	netlink_put_bytes(&q.n, &other, sizeof other);
	netlink_put_text(&q.n, IFLA_IFNAME, peer);
	netlink_put(&q.n, IFLA_ADDRESS, mac, RTNL_MAC);
	netlink_put_u32(&q.n, IFLA_NET_NS_PID, (uint32_t)pid);
	netlink_nest_end(&q.n, end);
	netlink_nest_end(&q.n, data);
	netlink_nest_end(&q.n, info);
	return ask(&q);
}

int rtnl_port_hairpin(const char *name)
{
	const uint8_t on = 1;
	struct ifinfomsg link = {.ifi_family = AF_UNSPEC};
	struct request q;
	size_t info, data;

	netlink_init(&q.n, q.room, sizeof q.room);
	netlink_begin(&q.n, RTM_NEWLINK, NLM_F_ACK, &link, sizeof link);
	netlink_put_text(&q.n, IFLA_IFNAME, name);
	info = netlink_nest(&q.n, IFLA_LINKINFO);
	netlink_put_text(&q.n, IFLA_INFO_SLAVE_KIND, "bridge");
	data = netlink_nest(&q.n, IFLA_INFO_SLAVE_DATA);
	netlink_put(&q.n, IFLA_BRPORT_MODE, &on, sizeof on);
	netlink_nest_end(&q.n, data);
	netlink_nest_end(&q.n, info);
	return ask(&q);
}

int rtnl_link_up(const char *name, bool up)
{
	struct request q;

	if (!name_fits(name))
		return -ENODEV;
	begin_link(&q, RTM_NEWLINK, 0, up);
	netlink_put_text(&q.n, IFLA_IFNAME, name);
	return ask(&q);
}

/* ---- addresses and routes ------------------------------------------------------------------ */

static int address(uint16_t type, uint16_t flags, int index, uint32_t address, unsigned prefix)
{
	struct ifaddrmsg about = {
	        .ifa_family = AF_INET,
	        .ifa_prefixlen = (uint8_t)prefix,
	        .ifa_index = (uint32_t)index,
	};
	struct request q;

	netlink_init(&q.n, q.room, sizeof q.room);
	netlink_begin(&q.n, type, flags | NLM_F_ACK, &about, sizeof about);
	netlink_put_be32(&q.n, IFA_LOCAL, address);
	netlink_put_be32(&q.n, IFA_ADDRESS, address);
	return ask(&q);
}

int rtnl_address_add(int index, uint32_t ip, unsigned prefix)
{
	return address(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, index, ip, prefix);
}

int rtnl_address_delete(int index, uint32_t ip, unsigned prefix)
{
	return address(RTM_DELADDR, 0, index, ip, prefix);
}

int rtnl_default_route_add(uint32_t gateway)
{
	struct rtmsg route = {
	        .rtm_family = AF_INET,
	        .rtm_table = RT_TABLE_MAIN,
	        .rtm_protocol = RTPROT_BOOT, /* as `ip route add` has it */
	        .rtm_scope = RT_SCOPE_UNIVERSE,
	        .rtm_type = RTN_UNICAST,
	};
	struct request q;

	netlink_init(&q.n, q.room, sizeof q.room);
	netlink_begin(
	        &q.n, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK, &route, sizeof route);
	netlink_put_be32(&q.n, RTA_GATEWAY, gateway);
	return ask(&q);
}

struct route_list {
	struct rtnl_route *routes;
	size_t max, n;
};

static int on_route(const struct nlmsghdr *message, void *argument)
{
	struct route_list *list = argument;
	const struct rtmsg *route = NLMSG_DATA(message);
	const void *network;
	uint32_t bytes;
	size_t size;

	if (message->nlmsg_type != RTM_NEWROUTE ||
	        message->nlmsg_len < NLMSG_SPACE(sizeof *route) || route->rtm_family != AF_INET ||
	        route->rtm_dst_len == 0)
		return 0;
	network = netlink_find((const char *)route + NLMSG_ALIGN(sizeof *route),
	        message->nlmsg_len - NLMSG_SPACE(sizeof *route), RTA_DST, &size);
	if (!network || size != sizeof bytes)
		return 0;
	memcpy(&bytes, network, sizeof bytes);
	if (list->n < list->max)
		list->routes[list->n] = (struct rtnl_route){ntohl(bytes), route->rtm_dst_len};
	list->n++;
	return 0;
}

int rtnl_routes(struct rtnl_route *ret, size_t max, size_t *ret_n)
{
	struct rtmsg all = {.rtm_family = AF_INET};
	struct route_list list = {.routes = ret, .max = max};
	struct request q;
	int r;

	netlink_init(&q.n, q.room, sizeof q.room);
	netlink_begin(&q.n, RTM_GETROUTE, NLM_F_DUMP, &all, sizeof all);
	netlink_end(&q.n);
	r = netlink_exchange(&q.n, NETLINK_ROUTE, on_route, &list);
	if (r == 0)
		*ret_n = list.n;
	return r;
}
