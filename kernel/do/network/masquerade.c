/* The way out: the machine hands packets on, and puts its own address in the place of the
 * container's, which nobody out there knows a way back to; nft(8), NAT STATEMENTS. */
#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/do/build.h"
#include "kernel/do/network/network.h"
#include "kernel/do/network/nft.h"
#include "kernel/do/network/subnet.h"
#include "kernel/do/steps.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

static void explain(const struct step *s, const struct build *b, struct explanation *e)
{
	const struct network *n = b->network;
	const struct network_text subnet = network_address(n->subnet);

	(void)s;
	buf_addf(&e->call,
	        "write(\"/proc/sys/net/ipv4/ip_forward\", \"1\")\n"
	        "NFT_MSG_NEWTABLE {\"%s\"}\n"
	        "NFT_MSG_NEWCHAIN {\"way-out\", type nat, hook postrouting}, three rules\n"
	        "NFT_MSG_NEWCHAIN {\"guard\", type filter, hook prerouting}, one rule",
	        n->table);
	buf_addf(&e->shell,
	        "sysctl -w net.ipv4.ip_forward=1\n"
	        "nft add table ip %s\n"
	        "nft add chain ip %s way-out '{ type nat hook postrouting priority srcnat; }'\n"
	        "nft add rule ip %s way-out ip saddr %s/%d oifname != %s masquerade\n"
	        "nft add rule ip %s way-out ip saddr 127.0.0.0/8 oifname %s masquerade\n"
	        "nft add rule ip %s way-out ip saddr %s/%d oifname %s ct status dnat "
	        "masquerade\n"
	        "nft add chain ip %s guard '{ type filter hook prerouting priority raw; }'\n"
	        "nft add rule ip %s guard iifname %s ip daddr 127.0.0.0/8 drop",
	        n->table, n->table, n->table, subnet.text, SUBNET_PREFIX, n->bridge, n->table,
	        n->bridge, n->table, subnet.text, SUBNET_PREFIX, n->bridge, n->table, n->table,
	        n->bridge);
	buf_addf(&e->why,
	        "Nobody outside knows a way to %s/%d, so the machine answers for it: packets go "
	        "out under its own address. What comes from the bridge never gets to the "
	        "machine's loopback.",
	        subnet.text, SUBNET_PREFIX);
}

static int apply(const struct step *s, struct build *b, struct error *err)
{
	struct child_error fail = {0};
	struct error why = {0};

	if (network_open_way_out(b->network, &why) == 0)
		return 0;
	child_fail(&fail, why.code, why.operation, why.object);
	return step_failed(s, b, &fail, err);
}

static int undo(const struct step *s, struct build *b, struct error *err)
{
	(void)s;
	return network_close_way_out(b->network, err);
}

static int verify(const struct step *s, const struct build *b, struct buf *seen, struct error *err)
{
	auto_buf text = BUF_INIT;

	if (file_read_at(AT_FDCWD, "/proc/sys/net/ipv4/ip_forward", 16, &text) < 0 ||
	        buf_text(&text)[0] != '1')
		return step_unverified(
		        s, err, "/proc/sys/net/ipv4/ip_forward", "packets are not handed on");
	if (nft_table_exists(b->network->table) < 0)
		return step_unverified(s, err, b->network->table, "there is no such table");
	buf_addf(seen, "/proc/sys/net/ipv4/ip_forward is 1\nnftables has the table ip %s\n",
	        b->network->table);
	return 0;
}

static void diagnose(const struct step *s, const struct build *b, int code, struct error *err)
{
	(void)s;
	(void)b;
	if (code == EROFS || code == EACCES) {
		snprintf(err->cause, sizeof err->cause, "/proc/sys cannot be written here");
		error_advise(err, "this is a container itself: set net.ipv4.ip_forward=1 for it "
		                  "from outside");
	} else if (code == ENOENT || code == EPROTONOSUPPORT) {
		snprintf(
		        err->cause, sizeof err->cause, "the packet filter of this kernel lacks it");
		error_advise(err, "as root: modprobe -a nf_tables nft_chain_nat nft_masq nft_ct");
	}
}

const struct step_ops step_masquerade = {
        .id = "masquerade",
        .title = "a way out under the machine's address",
        .man = "nft(8), sysctl(8), ip(7)",
        .where = STEP_HOST,
        .reversible = true,
        .explain = explain,
        .host_apply = apply,
        .host_undo = undo,
        .verify = verify,
        .diagnose = diagnose,
};
