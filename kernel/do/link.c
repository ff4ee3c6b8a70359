#include "kernel/do/link.h"

#include "kernel/do/network/netlink.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>

int link_delete(const char *name)
{
	unsigned char room[256] __attribute__((aligned(4)));
	struct ifinfomsg link = {.ifi_family = AF_UNSPEC};
	struct netlink n;

	if (!*name || strlen(name) >= IFNAMSIZ)
		return -ENODEV;
	netlink_init(&n, room, sizeof room);
	netlink_begin(&n, RTM_DELLINK, NLM_F_ACK, &link, sizeof link);
	netlink_put_text(&n, IFLA_IFNAME, name);
	netlink_end(&n);
	return netlink_exchange(&n, NETLINK_ROUTE, NULL, NULL);
}
