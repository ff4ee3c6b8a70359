/* A cable between two network namespaces: what goes in at one end comes out at the other, veth(4).
 *
 * One end is a port of the bridge, the other is born in the namespace of the first process, as its
 * eth0. When that namespace goes, the kernel takes both ends away.
 *
 * A container that has published a port may ask for it itself, by an address of the machine. With
 * net.bridge.bridge-nf-call-iptables such a packet is turned round on the bridge, and a port gives
 * nothing back to where it came from unless it is a hairpin; bridge(8). */
#include "kernel/do/build.h"
#include "kernel/do/link.h"
#include "kernel/do/network/network.h"
#include "kernel/do/steps.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void explain(const struct step *s, const struct build *b, struct explanation *e)
{
	const struct network *n = b->network;
	const struct network_mac mac = network_mac_text(n->mac);
	char pid[16] = "PID";

	(void)s;
	if (b->process.pid)
		snprintf(pid, sizeof pid, "%d", (int)b->process.pid);
	buf_addf(&e->call,
	        "RTM_NEWLINK {IFLA_IFNAME=\"%s\", IFLA_MASTER=\"%s\", IFLA_INFO_KIND=\"veth\", "
	        "IFF_UP, VETH_INFO_PEER={IFLA_IFNAME=\"eth0\", IFLA_ADDRESS=%s, "
	        "IFLA_NET_NS_PID=%s}}",
	        n->link, n->bridge, mac.text, pid);
	buf_addf(&e->shell,
	        "ip link add %s type veth peer name eth0 address %s netns %s\n"
	        "ip link set %s master %s up",
	        n->link, mac.text, pid, n->link, n->bridge);
	if (n->n_ports) {
		buf_addf(&e->call,
		        "\nRTM_NEWLINK {IFLA_IFNAME=\"%s\", IFLA_INFO_SLAVE_KIND=\"bridge\", "
		        "IFLA_BRPORT_MODE=1}",
		        n->link);
		buf_addf(&e->shell, "\nip link set %s type bridge_slave hairpin on", n->link);
	}
	buf_addf(&e->why,
	        "A cable with two ends: %s is plugged into the bridge, the other end is the "
	        "container's eth0.",
	        n->link);
}

/* A port of our bridge with our name is ours: of a process that was ended and whose namespace the
 * kernel has not taken apart yet. */
static int remove_old(const struct network *n, int bridge)
{
	struct rtnl_link old;
	int r;

	if (rtnl_link_get(n->link, &old) < 0)
		return 0;
	if (old.master != bridge)
		return -EEXIST;
	r = link_delete(n->link);
	return r == -ENODEV ? 0 : r; /* the kernel was quicker */
}

static int plug(const struct network *n, int bridge, pid_t pid)
{
	int r = rtnl_veth_add(n->link, bridge, "eth0", n->mac, pid);

	if (r < 0 || !n->n_ports)
		return r;
	r = rtnl_port_hairpin(n->link);
	if (r < 0)
		link_delete(n->link);
	return r;
}

static int apply(const struct step *s, struct build *b, struct error *err)
{
	const struct network *n = b->network;
	struct child_error fail = {0};
	struct rtnl_link bridge = {0};
	int r = ledger_add(b->ledger, LEDGER_LINK, n->link, err);

	if (r < 0)
		return r;
	r = rtnl_link_get(n->bridge, &bridge);
	if (r == 0)
		r = remove_old(n, bridge.index);
	if (r == 0)
		r = plug(n, bridge.index, b->process.pid);
	if (r == 0)
		return 0;
	child_fail(&fail, -r, "RTM_NEWLINK", n->link);
	return step_failed(s, b, &fail, err);
}

static int undo(const struct step *s, struct build *b, struct error *err)
{
	int r = link_delete(b->network->link);

	(void)s;
	return r == -ENODEV || r == 0 ? 0
	                              : error_set(err, -r, "delete link", b->network->link, NULL);
}

static int verify(const struct step *s, const struct build *b, struct buf *seen, struct error *err)
{
	const struct network *n = b->network;
	struct rtnl_link link, bridge;

	if (rtnl_link_get(n->link, &link) < 0 || strcmp(link.kind, "veth") != 0)
		return step_unverified(s, err, n->link, "there is no such veth");
	if (rtnl_link_get(n->bridge, &bridge) < 0 || link.master != bridge.index)
		return step_unverified(s, err, n->link, "it is no port of %s", n->bridge);
	buf_addf(seen, "link %d is the veth %s, a port of %s\n", link.index, n->link, n->bridge);
	return 0;
}

static void diagnose(const struct step *s, const struct build *b, int code, struct error *err)
{
	(void)s;
	if (code == EOPNOTSUPP) {
		snprintf(err->cause, sizeof err->cause, "this kernel has no veth");
		error_advise(err, "as root: modprobe veth");
	} else if (code == ENODEV || code == EINVAL) {
		snprintf(
		        err->cause, sizeof err->cause, "the bridge %s is gone", b->network->bridge);
		error_advise(err, "somebody has removed it; begin again, and it is made anew");
	}
}

const struct step_ops step_veth = {
        .id = "veth",
        .title = "a cable from the bridge to its eth0",
        .man = "veth(4), ip-link(8)",
        .where = STEP_HOST,
        .reversible = true,
        .after_child = true,
        .explain = explain,
        .host_apply = apply,
        .host_undo = undo,
        .verify = verify,
        .diagnose = diagnose,
};
