/* Links, addresses and routes, rtnetlink(7): what the command `ip` asks for.
 *
 * All act on the network namespace of the caller and return 0 or a negative errno. Addresses are in
 * host byte order. None allocates: the first process calls them about itself. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { RTNL_MAC = 6 };

struct rtnl_link {
	int index, master; /* of the bridge it is a port of; 0 = none */
	bool up;
	char kind[16]; /* "bridge", "veth"; "" = a device */
};

/* -ENODEV when there is none of that name. */
int rtnl_link_get(const char *name, struct rtnl_link *ret);
/* A bridge, up. -EEXIST when there is a link of that name. */
int rtnl_bridge_add(const char *name, const unsigned char mac[static RTNL_MAC]);
/* A pair of links: `name` here, up and a port of the bridge with index `master`; `peer` in the
 * network namespace of that process, down. */
int rtnl_veth_add(const char *name, int master, const char *peer,
        const unsigned char mac[static RTNL_MAC], pid_t pid);
/* Lets a port of a bridge send a packet back to where it came from. */
int rtnl_port_hairpin(const char *name);
int rtnl_link_up(const char *name, bool up);
int rtnl_address_add(int index, uint32_t address, unsigned prefix);
int rtnl_address_delete(int index, uint32_t address, unsigned prefix);
int rtnl_default_route_add(uint32_t gateway);

struct rtnl_route {
	uint32_t network;
	unsigned prefix;
};
/* All routes of all tables but default routes, up to `max`; how many there are in *ret_n. */
int rtnl_routes(struct rtnl_route *ret, size_t max, size_t *ret_n);
