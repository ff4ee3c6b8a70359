#include "kernel/do/network/nft_rule.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>

struct expression {
	size_t element, data;
};

static struct expression begin(struct netlink *n, const char *name)
{
	struct expression e = {.element = netlink_nest(n, NFTA_LIST_ELEM)};

	netlink_put_text(n, NFTA_EXPR_NAME, name);
	e.data = netlink_nest(n, NFTA_EXPR_DATA);
	return e;
}

static void end(struct netlink *n, struct expression e)
{
	netlink_nest_end(n, e.data);
	netlink_nest_end(n, e.element);
}

static void put_value(struct netlink *n, uint16_t type, const void *value, size_t size)
{
	size_t nest = netlink_nest(n, type);

	netlink_put(n, NFTA_DATA_VALUE, value, size);
	netlink_nest_end(n, nest);
}

static void compare(struct netlink *n, enum nft_cmp_ops op, const void *value, size_t size)
{
	struct expression e = begin(n, "cmp");

	netlink_put_be32(n, NFTA_CMP_SREG, NFT_REG_1);
	netlink_put_be32(n, NFTA_CMP_OP, op);
	put_value(n, NFTA_CMP_DATA, value, size);
	end(n, e);
}

static void load_meta(struct netlink *n, enum nft_meta_keys key)
{
	struct expression e = begin(n, "meta");

	netlink_put_be32(n, NFTA_META_DREG, NFT_REG_1);
	netlink_put_be32(n, NFTA_META_KEY, key);
	end(n, e);
}

static void load_payload(
        struct netlink *n, enum nft_payload_bases base, uint32_t offset, uint32_t length)
{
	struct expression e = begin(n, "payload");

	netlink_put_be32(n, NFTA_PAYLOAD_DREG, NFT_REG_1);
	netlink_put_be32(n, NFTA_PAYLOAD_BASE, base);
	netlink_put_be32(n, NFTA_PAYLOAD_OFFSET, offset);
	netlink_put_be32(n, NFTA_PAYLOAD_LEN, length);
	end(n, e);
}

void nft_match_link(struct netlink *n, bool incoming, const char *link, bool equal)
{
	char name[IFNAMSIZ] = "";

	strncpy(name, link, sizeof name - 1);
	load_meta(n, incoming ? NFT_META_IIFNAME : NFT_META_OIFNAME);
	compare(n, equal ? NFT_CMP_EQ : NFT_CMP_NEQ, name, sizeof name);
}

/* Whole bytes: those that count are loaded, and no mask is needed. */
static void match_address(struct netlink *n, uint32_t offset, uint32_t address, unsigned prefix)
{
	uint32_t bytes = htonl(address);

	load_payload(n, NFT_PAYLOAD_NETWORK_HEADER, offset, prefix / 8);
	compare(n, NFT_CMP_EQ, &bytes, prefix / 8);
}

/* Offsets in the header of IPv4, RFC 791. */
void nft_match_source(struct netlink *n, uint32_t address, unsigned prefix)
{
	match_address(n, 12, address, prefix);
}

void nft_match_destination(struct netlink *n, uint32_t address, unsigned prefix)
{
	match_address(n, 16, address, prefix);
}

void nft_match_local(struct netlink *n)
{
	struct expression e = begin(n, "fib");
	uint32_t local = RTN_LOCAL;

	netlink_put_be32(n, NFTA_FIB_DREG, NFT_REG_1);
	netlink_put_be32(n, NFTA_FIB_RESULT, NFT_FIB_RESULT_ADDRTYPE);
	netlink_put_be32(n, NFTA_FIB_FLAGS, NFTA_FIB_F_DADDR);
	end(n, e);
	compare(n, NFT_CMP_EQ, &local, sizeof local);
}

void nft_match_redirected(struct netlink *n)
{
	struct expression e = begin(n, "ct");
	uint32_t bit = IPS_DST_NAT, zero = 0;

	netlink_put_be32(n, NFTA_CT_DREG, NFT_REG_1);
	netlink_put_be32(n, NFTA_CT_KEY, NFT_CT_STATUS);
	end(n, e);
	e = begin(n, "bitwise");
	netlink_put_be32(n, NFTA_BITWISE_SREG, NFT_REG_1);
	netlink_put_be32(n, NFTA_BITWISE_DREG, NFT_REG_1);
	netlink_put_be32(n, NFTA_BITWISE_LEN, sizeof bit);
	put_value(n, NFTA_BITWISE_MASK, &bit, sizeof bit);
	put_value(n, NFTA_BITWISE_XOR, &zero, sizeof zero);
	end(n, e);
	compare(n, NFT_CMP_NEQ, &zero, sizeof zero);
}

/* The destination port stands at the same place in the headers of TCP and UDP. */
void nft_match_port(struct netlink *n, bool udp, uint16_t port)
{
	uint8_t protocol = udp ? IPPROTO_UDP : IPPROTO_TCP;
	uint16_t bytes = htons(port);

	load_meta(n, NFT_META_L4PROTO);
	compare(n, NFT_CMP_EQ, &protocol, sizeof protocol);
	load_payload(n, NFT_PAYLOAD_TRANSPORT_HEADER, 2, sizeof bytes);
	compare(n, NFT_CMP_EQ, &bytes, sizeof bytes);
}

static void set_register(struct netlink *n, uint32_t reg, const void *value, size_t size)
{
	struct expression e = begin(n, "immediate");

	netlink_put_be32(n, NFTA_IMMEDIATE_DREG, reg);
	put_value(n, NFTA_IMMEDIATE_DATA, value, size);
	end(n, e);
}

void nft_redirect(struct netlink *n, uint32_t address, uint16_t port)
{
	uint32_t address_bytes = htonl(address);
	uint16_t port_bytes = htons(port);
	struct expression e;

	set_register(n, NFT_REG_1, &address_bytes, sizeof address_bytes);
	set_register(n, NFT_REG_2, &port_bytes, sizeof port_bytes);
	e = begin(n, "nat");
	netlink_put_be32(n, NFTA_NAT_TYPE, NFT_NAT_DNAT);
	netlink_put_be32(n, NFTA_NAT_FAMILY, NFPROTO_IPV4);
	netlink_put_be32(n, NFTA_NAT_REG_ADDR_MIN, NFT_REG_1);
	netlink_put_be32(n, NFTA_NAT_REG_PROTO_MIN, NFT_REG_2);
	end(n, e);
}

void nft_masquerade(struct netlink *n)
{
	end(n, begin(n, "masq"));
}

void nft_drop(struct netlink *n)
{
	struct expression e = begin(n, "immediate");
	size_t data, verdict;

	netlink_put_be32(n, NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
	data = netlink_nest(n, NFTA_IMMEDIATE_DATA);
	verdict = netlink_nest(n, NFTA_DATA_VERDICT);
	netlink_put_be32(n, NFTA_VERDICT_CODE, NF_DROP);
	netlink_nest_end(n, verdict);
	netlink_nest_end(n, data);
	end(n, e);
}
