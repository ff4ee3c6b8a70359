/* Rules of the packet filter, nf_tables: what the command `nft` asks for, nft(8).
 *
 * A transaction of messages that the kernel takes as a whole or not at all. The library libnftables
 * takes longer to load than a container to start, and these few rules are all we need. All act on
 * the network namespace of the caller; 0 or a negative errno: -ENOENT for a table, chain or kind of
 * expression that is not there, -EPERM without CAP_NET_ADMIN, -EPROTONOSUPPORT and -EINVAL from a
 * kernel without nf_tables. Addresses are in host byte order. */
#pragma once

#include "kernel/do/network/netlink.h"
#include "kernel/do/network/port.h"

/* The tables are of family "ip": netfilter's NAT of IPv4. */

struct nft_table {
	const char *name;
	const char *bridge; /* link name */
	uint32_t subnet;
	unsigned prefix;
};

/* The table of a bridge: a chain that hides the bridge's addresses behind the machine's, and one
 * that keeps what comes from the bridge away from 127.0.0.0/8. */
int nft_table_add(const struct nft_table *t);
int nft_table_delete(const char *name);
int nft_table_exists(const char *name);

/* The two chains of one container, "in-NAME" for what arrives and "out-NAME" for what starts on the
 * machine itself, with a rule a port. */
int nft_publish(
        const char *table, const char *name, const struct port *ports, size_t n, uint32_t to);
/* A chain with its rules. */
int nft_chain_delete(const char *table, const char *chain);
int nft_chain_exists(const char *table, const char *chain);

/* Whether the kernel would take all of this: asked with a transaction that is never committed.
 * `publish`: also the rules of ports. */
int nft_probe(bool publish);

/* The messages alone, for those who want to see them: tests. */
void nft_table_messages(struct netlink *n, const struct nft_table *t);
void nft_publish_messages(struct netlink *n, const char *table, const char *name,
        const struct port *ports, size_t n_ports, uint32_t to);
