/* The lab's network: one bridge for all containers that ask for it, and one container's place on
 * it.
 *
 *   RUNTIME/network/NAMESPACE/   of the network namespace with that inode
 *     network.json   the bridge, the addresses, who is on it with which address
 *     ledger         what was made for all: bridge, table of rules, settings of the kernel
 *     hosts.NAME     all names and addresses; that container sees it as /etc/hosts
 *     resolv.conf    the name servers of the machine that a container can reach
 *
 * The first container makes it and the last one removes it. Who comes or goes holds the lock of the
 * directory, flock(2). That a container is on it stands in the container's own ledger before it
 * stands here, so whoever undoes that also takes it off, and, if it was the last, the bridge. */
#pragma once

#include "kernel/base/buf.h"
#include "kernel/base/error.h"
#include "kernel/do/network/port.h"
#include "kernel/do/network/rtnl.h"

#include <jansson.h>
#include <net/if.h>
#include <stdbool.h>
#include <sys/types.h>

struct ledger;

/* One container's place. Before it has joined, the names and the address are what they would be. */
struct network {
	const char *name, *hostname; /* of the container; not owned */
	char *directory;
	char bridge[IFNAMSIZ], table[IFNAMSIZ];
	char link[IFNAMSIZ];               /* its port of the bridge */
	uint32_t subnet, gateway, address; /* host byte order; the prefix is SUBNET_PREFIX */
	unsigned char mac[RTNL_MAC], bridge_mac[RTNL_MAC];
	struct port *ports;
	size_t n_ports;
	int held[PORT_MAX];   /* keep the ports on the machine ours; -1 = not held */
	const char *no_rules; /* why there is no packet filter; NULL = there is one */
};

/* Looks at what is there and makes nothing. -EPERM, -EADDRNOTAVAIL and the like with advice.
 * `look_only`: for a plan that is only read, no rights are needed. */
int network_plan(const char *name, const char *hostname, const struct port *ports, size_t n_ports,
        bool look_only, struct network **ret, struct error *err);
/* Closes and frees; leaves nothing. Accepts NULL. */
void network_free(struct network *n);

/* Makes the bridge if it is not there, takes an address, and puts the names into `hosts`. Fills the
 * rest of `n` with what it really is. */
int network_join(struct network *n, struct ledger *ledger, struct error *err);
/* Off again: by the directory and the name, as the container's ledger has them. Removes all of it
 * with the last one; `report` (may be NULL) gets a line for each thing. 1 when it was on it. */
int network_leave(const char *directory, const char *name, struct buf *report, struct error *err);
/* Whether a container of that name is on it. */
bool network_has(const char *directory, const char *name);

/* Lets the machine forward packets and gives the bridge its table of rules, where they are not
 * there. */
int network_open_way_out(struct network *n, struct error *err);
/* Takes both back, unless others are on the bridge. */
int network_close_way_out(struct network *n, struct error *err);

/* What belongs to containers that are no more; called after their own ledgers were undone. */
int network_sweep(const char *runtime, bool dry_run, struct buf *report, struct error *err);

/* For state.json: bridge, address, gateway, link, ports. */
json_t *network_json(const struct network *n);
/* "10.88.0.2" */
struct network_text {
	char text[16];
};
struct network_text network_address(uint32_t address);
struct network_text network_prefix(const struct network *n); /* "10.88.0.0", of the subnet */
struct network_mac {
	char text[18];
};
struct network_mac network_mac_text(const unsigned char mac[static RTNL_MAC]);
