#include "kernel/do/network/nft.h"

#include "kernel/base/cleanup.h"
#include "kernel/do/network/nft_rule.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	TABLE_ROOM = 8 * 1024,
	RULE_ROOM = 1024, /* of one port; it takes half of that */
	PRIORITY_NAT_DST = -100,
	PRIORITY_NAT_SRC = 100,
	PRIORITY_RAW = -300, /* before NAT changes an address back */
};

/* ---- messages ------------------------------------------------------------------------------ */

static void begin(struct netlink *n, uint16_t type, uint16_t flags)
{
	struct nfgenmsg fixed = {.nfgen_family = NFPROTO_IPV4, .version = NFNETLINK_V0};

	netlink_begin(n, (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type), flags | NLM_F_ACK, &fixed,
	        sizeof fixed);
}

static void border(struct netlink *n, uint16_t type)
{
	struct nfgenmsg fixed = {.version = NFNETLINK_V0, .res_id = htons(NFNL_SUBSYS_NFTABLES)};

	netlink_begin(n, type, 0, &fixed, sizeof fixed);
	netlink_end(n);
}

static void transaction(struct netlink *n, void *room, size_t size)
{
	netlink_init(n, room, size);
	border(n, NFNL_MSG_BATCH_BEGIN);
}

/* The last message that is acknowledged is the one before the end: that is what is waited for. */
static int commit(struct netlink *n)
{
	uint32_t last = n->count;

	border(n, NFNL_MSG_BATCH_END);
	n->count = last;
	return netlink_exchange(n, NETLINK_NETFILTER, NULL, NULL);
}

static void add_table(struct netlink *n, const char *name)
{
	begin(n, NFT_MSG_NEWTABLE, NLM_F_CREATE);
	netlink_put_text(n, NFTA_TABLE_NAME, name);
	netlink_end(n);
}

struct hook {
	const char *type;
	uint32_t number;
	int priority;
};

static void add_chain(
        struct netlink *n, const char *table, const char *name, const struct hook *hook)
{
	size_t nest;

	begin(n, NFT_MSG_NEWCHAIN, NLM_F_CREATE);
	netlink_put_text(n, NFTA_CHAIN_TABLE, table);
	netlink_put_text(n, NFTA_CHAIN_NAME, name);
	nest = netlink_nest(n, NFTA_CHAIN_HOOK);
	netlink_put_be32(n, NFTA_HOOK_HOOKNUM, hook->number);
	netlink_put_be32(n, NFTA_HOOK_PRIORITY, (uint32_t)hook->priority);
	netlink_nest_end(n, nest);
	netlink_put_be32(n, NFTA_CHAIN_POLICY, NF_ACCEPT);
	netlink_put_text(n, NFTA_CHAIN_TYPE, hook->type);
	netlink_end(n);
}

static size_t begin_rule(struct netlink *n, const char *table, const char *chain)
{
	begin(n, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND);
	netlink_put_text(n, NFTA_RULE_TABLE, table);
	netlink_put_text(n, NFTA_RULE_CHAIN, chain);
	return netlink_nest(n, NFTA_RULE_EXPRESSIONS);
}

static void end_rule(struct netlink *n, size_t expressions)
{
	netlink_nest_end(n, expressions);
	netlink_end(n);
}

/* ---- the table of the bridge --------------------------------------------------------------- */

void nft_table_messages(struct netlink *n, const struct nft_table *t)
{
	static const struct hook source = {"nat", NF_INET_POST_ROUTING, PRIORITY_NAT_SRC};
	static const struct hook early = {"filter", NF_INET_PRE_ROUTING, PRIORITY_RAW};
	size_t rule;

	add_table(n, t->name);
	add_chain(n, t->name, "way-out", &source);
	rule = begin_rule(n, t->name, "way-out");
	nft_match_source(n, t->subnet, t->prefix);
	nft_match_link(n, false, t->bridge, false);
	nft_masquerade(n);
	end_rule(n, rule);
	/* From 127.0.0.1 to a published port: no answer would find its way back to that. */
	rule = begin_rule(n, t->name, "way-out");
	nft_match_source(n, INADDR_LOOPBACK & 0xff000000, 8);
	nft_match_link(n, false, t->bridge, true);
	nft_masquerade(n);
	end_rule(n, rule);
	/* From a container to another one's published port: answered directly, over the bridge, it
	 * would come from an address that was never asked. */
	rule = begin_rule(n, t->name, "way-out");
	nft_match_source(n, t->subnet, t->prefix);
	nft_match_link(n, false, t->bridge, true);
	nft_match_redirected(n);
	nft_masquerade(n);
	end_rule(n, rule);
	add_chain(n, t->name, "guard", &early);
	rule = begin_rule(n, t->name, "guard");
	nft_match_link(n, true, t->bridge, true);
	nft_match_destination(n, INADDR_LOOPBACK & 0xff000000, 8);
	nft_drop(n);
	end_rule(n, rule);
}

int nft_table_add(const struct nft_table *t)
{
	unsigned char room[TABLE_ROOM] __attribute__((aligned(4)));
	struct netlink n;

	transaction(&n, room, sizeof room);
	nft_table_messages(&n, t);
	return commit(&n);
}

static void name_table(struct netlink *n, uint16_t type, const char *name)
{
	begin(n, type, 0);
	netlink_put_text(n, NFTA_TABLE_NAME, name);
	netlink_end(n);
}

int nft_table_delete(const char *name)
{
	unsigned char room[NETLINK_ROOM] __attribute__((aligned(4)));
	struct netlink n;

	transaction(&n, room, sizeof room);
	name_table(&n, NFT_MSG_DELTABLE, name);
	return commit(&n);
}

/* A question stands alone: only what changes something comes in a transaction. */
int nft_table_exists(const char *name)
{
	unsigned char room[NETLINK_ROOM] __attribute__((aligned(4)));
	struct netlink n;

	netlink_init(&n, room, sizeof room);
	name_table(&n, NFT_MSG_GETTABLE, name);
	return netlink_exchange(&n, NETLINK_NETFILTER, NULL, NULL);
}

/* ---- chains of a container ----------------------------------------------------------------- */

static void port_rule(
        struct netlink *n, const char *table, const char *chain, const struct port *p, uint32_t to)
{
	size_t rule = begin_rule(n, table, chain);

	if (p->host)
		nft_match_destination(n, p->host, 32);
	else
		nft_match_local(n);
	nft_match_port(n, p->udp, p->host_port);
	nft_redirect(n, to, p->port);
	end_rule(n, rule);
}

void nft_publish_messages(struct netlink *n, const char *table, const char *name,
        const struct port *ports, size_t n_ports, uint32_t to)
{
	static const struct hook hooks[] = {
	        {"nat", NF_INET_PRE_ROUTING, PRIORITY_NAT_DST},
	        {"nat", NF_INET_LOCAL_OUT, PRIORITY_NAT_DST},
	};
	static const char *const prefix[] = {"in", "out"};
	char chain[NFT_CHAIN_MAXNAMELEN];

	for (size_t h = 0; h < 2; h++) {
		snprintf(chain, sizeof chain, "%s-%s", prefix[h], name);
		add_chain(n, table, chain, &hooks[h]);
		for (size_t i = 0; i < n_ports; i++)
			port_rule(n, table, chain, &ports[i], to);
	}
}

int nft_publish(
        const char *table, const char *name, const struct port *ports, size_t n_ports, uint32_t to)
{
	size_t size = NETLINK_ROOM + 2 * n_ports * RULE_ROOM;
	auto_free void *room = malloc(size);
	struct netlink n;

	if (!room)
		return -ENOMEM;
	transaction(&n, room, size);
	nft_publish_messages(&n, table, name, ports, n_ports, to);
	return commit(&n);
}

static void name_chain(struct netlink *n, uint16_t type, const char *table, const char *chain)
{
	begin(n, type, 0);
	netlink_put_text(n, NFTA_CHAIN_TABLE, table);
	netlink_put_text(n, NFTA_CHAIN_NAME, chain);
	netlink_end(n);
}

/* Without NLM_F_NONREC its rules go with it. */
int nft_chain_delete(const char *table, const char *chain)
{
	unsigned char room[NETLINK_ROOM] __attribute__((aligned(4)));
	struct netlink n;

	transaction(&n, room, sizeof room);
	name_chain(&n, NFT_MSG_DELCHAIN, table, chain);
	return commit(&n);
}

int nft_chain_exists(const char *table, const char *chain)
{
	unsigned char room[NETLINK_ROOM] __attribute__((aligned(4)));
	struct netlink n;

	netlink_init(&n, room, sizeof room);
	name_chain(&n, NFT_MSG_GETCHAIN, table, chain);
	return netlink_exchange(&n, NETLINK_NETFILTER, NULL, NULL);
}

/* What is not ended is looked at as a whole and then forgotten: as `nft --check` does it. */
int nft_probe(bool publish)
{
	static const struct nft_table table = {"cutaway-probe", "cutaway-probe", 0x0a580000, 24};
	static const struct port port = {.host_port = 1, .port = 1};
	unsigned char room[TABLE_ROOM] __attribute__((aligned(4)));
	struct netlink n;

	transaction(&n, room, sizeof room);
	nft_table_messages(&n, &table);
	if (publish)
		nft_publish_messages(&n, table.name, "probe", &port, 1, table.subnet);
	return netlink_exchange(&n, NETLINK_NETFILTER, NULL, NULL);
}
