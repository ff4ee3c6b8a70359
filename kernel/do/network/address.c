/* The container's own side of it: its address, and the machine as the way to everywhere else. It
 * may do this itself, since the network namespace belongs to its user namespace. */
#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/do/build.h"
#include "kernel/do/network/network.h"
#include "kernel/do/network/subnet.h"
#include "kernel/do/steps.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

static void explain(const struct step *s, const struct build *b, struct explanation *e)
{
	const struct network *n = b->network;
	const struct network_text address = network_address(n->address);
	const struct network_text gateway = network_address(n->gateway);

	(void)s;
	buf_addf(&e->call,
	        "RTM_NEWADDR {\"eth0\", IFA_LOCAL=%s, prefixlen=%d}\n"
	        "RTM_NEWLINK {\"eth0\", IFF_UP}\n"
	        "RTM_NEWROUTE {dst_len=0, RTA_GATEWAY=%s}",
	        address.text, SUBNET_PREFIX, gateway.text);
	buf_addf(&e->shell,
	        "ip address add %s/%d dev eth0\n"
	        "ip link set eth0 up\n"
	        "ip route add default via %s",
	        address.text, SUBNET_PREFIX, gateway.text);
	buf_addf(&e->why,
	        "Its neighbours on the bridge it reaches directly; all else goes to %s, which is "
	        "the machine.",
	        gateway.text);
}

static int apply(const struct step *s, struct build *b, struct child_error *fail)
{
	const struct network *n = b->network;
	struct rtnl_link eth0;
	int r = rtnl_link_get("eth0", &eth0);

	(void)s;
	if (r < 0)
		return child_fail(fail, -r, "RTM_GETLINK", "eth0");
	r = rtnl_address_add(eth0.index, n->address, SUBNET_PREFIX);
	if (r < 0)
		return child_fail(fail, -r, "RTM_NEWADDR", "eth0");
	r = rtnl_link_up("eth0", true);
	if (r < 0)
		return child_fail(fail, -r, "RTM_NEWLINK", "eth0");
	r = rtnl_default_route_add(n->gateway);
	return r < 0 ? child_fail(fail, -r, "RTM_NEWROUTE", "default") : 0;
}

/* The routes go with the address. */
static int undo(const struct step *s, struct build *b, struct child_error *fail)
{
	struct rtnl_link eth0;
	int r = rtnl_link_get("eth0", &eth0);

	(void)s;
	if (r == 0)
		r = rtnl_address_delete(eth0.index, b->network->address, SUBNET_PREFIX);
	if (r == 0)
		r = rtnl_link_up("eth0", false);
	return r < 0 ? child_fail(fail, -r, "RTM_DELADDR", "eth0") : 0;
}

/* /proc/PID/net is of that process' namespace. */
static bool says(const struct build *b, const char *file, const char *text)
{
	auto_buf content = BUF_INIT;
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/net/%s", (int)b->process.pid, file);
	return file_read_at(AT_FDCWD, path, 1 << 20, &content) == 0 &&
	       strstr(buf_text(&content), text);
}

static int verify(const struct step *s, const struct build *b, struct buf *seen, struct error *err)
{
	const struct network *n = b->network;
	char address[64], route[64];

	/* A leaf of the tree of routes, and a line with numbers in network order in hexadecimal. */
	snprintf(address, sizeof address, "|-- %s\n", network_address(n->address).text);
	snprintf(route, sizeof route, "eth0\t00000000\t%08X\t", __builtin_bswap32(n->gateway));
	if (!says(b, "fib_trie", address))
		return step_unverified(s, err, "eth0", "it does not have the address %s",
		        network_address(n->address).text);
	if (!says(b, "route", route))
		return step_unverified(s, err, "eth0", "there is no default route through %s",
		        network_address(n->gateway).text);
	buf_addf(seen, "/proc/%d/net/fib_trie has %s, /proc/%d/net/route a default through %s\n",
	        (int)b->process.pid, network_address(n->address).text, (int)b->process.pid,
	        network_address(n->gateway).text);
	return 0;
}

const struct step_ops step_address = {
        .id = "address",
        .title = "its address and its way out",
        .man = "ip-address(8), ip-route(8)",
        .where = STEP_CHILD,
        .reversible = true,
        .explain = explain,
        .child_apply = apply,
        .child_undo = undo,
        .verify = verify,
};
