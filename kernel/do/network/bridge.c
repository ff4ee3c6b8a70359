/* The bridge: a switch made of software, to which the machine and all containers are plugged.
 *
 * It is a link of the machine with an address there, and that address is where the containers send
 * what is for somewhere else. One for all containers; ip-link(8), bridge(8). */
#include "kernel/base/cleanup.h"
#include "kernel/do/build.h"
#include "kernel/do/link.h"
#include "kernel/do/network/network.h"
#include "kernel/do/network/subnet.h"
#include "kernel/do/steps.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void explain(const struct step *s, const struct build *b, struct explanation *e)
{
	const struct network *n = b->network;
	const struct network_mac mac = network_mac_text(n->bridge_mac);
	const struct network_text gateway = network_address(n->gateway);

	(void)s;
	buf_addf(&e->call,
	        "RTM_NEWLINK {IFLA_IFNAME=\"%s\", IFLA_ADDRESS=%s, IFLA_INFO_KIND=\"bridge\", "
	        "IFF_UP}\n"
	        "RTM_NEWADDR {\"%s\", IFA_LOCAL=%s, prefixlen=%d}",
	        n->bridge, mac.text, n->bridge, gateway.text, SUBNET_PREFIX);
	buf_addf(&e->shell,
	        "ip link add %s address %s type bridge\n"
	        "ip address add %s/%d dev %s\n"
	        "ip link set %s up",
	        n->bridge, mac.text, gateway.text, SUBNET_PREFIX, n->bridge, n->bridge);
	buf_addf(&e->why,
	        "A switch in the kernel, made by the first container and removed with the last. "
	        "The "
	        "machine is %s on it; %s will be this container's.",
	        gateway.text, network_address(n->address).text);
}

static int apply(const struct step *s, struct build *b, struct error *err)
{
	struct child_error fail = {0};
	struct error why = {0};
	int r = network_join(b->network, b->ledger, &why);

	if (r == 0)
		return 0;
	child_fail(&fail, why.code, why.operation, why.object);
	if (why.code == EPERM || !why.advice[0])
		return step_failed(s, b, &fail, err);
	if (err && !err->code)
		*err = why;
	return r;
}

/* Its port goes with the namespace of the process, but only some time after it: what is to be gone
 * with the container is gone before we say so. */
static int undo(const struct step *s, struct build *b, struct error *err)
{
	struct rtnl_link port, bridge;
	int r;

	(void)s;
	if (rtnl_link_get(b->network->link, &port) == 0 &&
	        rtnl_link_get(b->network->bridge, &bridge) == 0 && port.master == bridge.index)
		link_delete(b->network->link);
	r = network_leave(b->network->directory, b->network->name, NULL, err);
	return r < 0 ? r : 0;
}

static int verify(const struct step *s, const struct build *b, struct buf *seen, struct error *err)
{
	const struct network *n = b->network;
	struct rtnl_link link;

	if (rtnl_link_get(n->bridge, &link) < 0 || strcmp(link.kind, "bridge") != 0)
		return step_unverified(s, err, n->bridge, "there is no such bridge");
	if (!link.up)
		return step_unverified(s, err, n->bridge, "it is down");
	if (!network_has(n->directory, n->name))
		return step_unverified(s, err, n->bridge, "%s has no address on it", n->name);
	buf_addf(seen, "link %d is the bridge %s, and it is up\n", link.index, n->bridge);
	return 0;
}

static void diagnose(const struct step *s, const struct build *b, int code, struct error *err)
{
	(void)s;
	(void)b;
	if (code == EPERM) {
		snprintf(err->cause, sizeof err->cause,
		        "it needs CAP_NET_ADMIN where the network namespace belongs to");
		error_advise(err, "run it as root, or with --network none or --network host");
	} else if (code == EOPNOTSUPP) {
		snprintf(err->cause, sizeof err->cause, "this kernel has no bridges");
		error_advise(err, "as root: modprobe bridge");
	}
}

const struct step_ops step_bridge = {
        .id = "bridge",
        .title = "a switch that joins the containers",
        .man = "ip-link(8), bridge(8), rtnetlink(7)",
        .where = STEP_HOST,
        .reversible = true,
        .explain = explain,
        .host_apply = apply,
        .host_undo = undo,
        .verify = verify,
        .diagnose = diagnose,
};
