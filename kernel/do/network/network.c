#include "kernel/do/network/network.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/dirs.h"
#include "kernel/do/ledger_file.h"
#include "kernel/do/network/lab_bridge.h"
#include "kernel/do/network/nft.h"
#include "kernel/do/network/record.h"
#include "kernel/do/network/subnet.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/capability.h>

enum { BRIDGES = 10, ROUTES_MAX = 4096 };

struct network_text network_address(uint32_t address)
{
	struct network_text t;
	struct in_addr in = {.s_addr = htonl(address)};

	inet_ntop(AF_INET, &in, t.text, sizeof t.text);
	return t;
}

struct network_mac network_mac_text(const unsigned char mac[static RTNL_MAC])
{
	struct network_mac t;

	snprintf(t.text, sizeof t.text, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2],
	        mac[3], mac[4], mac[5]);
	return t;
}

/* Locally administered (the bit 2 of the first byte, IEEE 802), and always the same for the same
 * address: who remembers the one of a container that is gone is right about the next. */
static void mac_of(uint32_t address, unsigned char ret[static RTNL_MAC])
{
	const unsigned char mac[RTNL_MAC] = {0x02, 0xca, (unsigned char)(address >> 24),
	        (unsigned char)(address >> 16), (unsigned char)(address >> 8),
	        (unsigned char)address};

	memcpy(ret, mac, RTNL_MAC);
}

/* ---- what it is, or would be --------------------------------------------------------------- */

/* Another network of ours is there when somebody works with another runtime directory. */
static int choose_names(struct network *n, struct error *err)
{
	for (int i = 0; i < BRIDGES; i++) {
		struct rtnl_link link;
		snprintf(n->bridge, sizeof n->bridge, "cutaway%d", i);
		snprintf(n->table, sizeof n->table, i ? "cutaway%d" : "cutaway", i);
		if (rtnl_link_get(n->bridge, &link) == -ENODEV && nft_table_exists(n->table) < 0)
			return 0;
	}
	error_set(err, EEXIST, "make bridge", n->bridge,
	        "cutaway0 to cutaway%d are there, and not of this lab", BRIDGES - 1);
	error_advise(err, "see them with 'ip link show type bridge'; 'cutaway clean' removes what "
	                  "a crash left");
	return -EEXIST;
}

static int choose_subnet(struct network *n, struct error *err)
{
	auto_free struct rtnl_route *routes = calloc(ROUTES_MAX, sizeof *routes);
	size_t count = 0;
	int r = routes ? rtnl_routes(routes, ROUTES_MAX, &count) : -ENOMEM;

	if (r < 0)
		return error_set(err, -r, "read routes", "", NULL);
	n->subnet = subnet_choose(routes, count < ROUTES_MAX ? count : ROUTES_MAX);
	if (n->subnet)
		return 0;
	error_set(err, EADDRNOTAVAIL, "choose addresses", "10.88.0.0/16",
	        "routes of this machine lead to all of it, and to the other private ranges tried");
	error_advise(err, "see 'ip route show table all'");
	return -EADDRNOTAVAIL;
}

int network_fill(struct network *n, const json_t *record, struct error *err)
{
	const char *bridge = json_string_value(json_object_get(record, "bridge"));
	const char *table = json_string_value(json_object_get(record, "table"));
	uint32_t host = record_host(record, n->name);
	int r = 0;

	n->subnet = (uint32_t)json_integer_value(json_object_get(record, "subnet"));
	if (bridge && table && n->subnet) {
		snprintf(n->bridge, sizeof n->bridge, "%s", bridge);
		snprintf(n->table, sizeof n->table, "%s", table);
	} else {
		r = choose_names(n, err);
		if (r == 0)
			r = choose_subnet(n, err);
	}
	if (r < 0)
		return r;
	host = host ? host : record_free_host(record);
	if (!host) {
		error_set(err, EADDRNOTAVAIL, "take an address", n->bridge,
		        "all %d of %s/%d are taken", SUBNET_LAST - SUBNET_FIRST + 1,
		        network_address(n->subnet).text, SUBNET_PREFIX);
		error_advise(err, "remove containers; 'cutaway clean' takes off those that a crash "
		                  "left");
		return -EADDRNOTAVAIL;
	}
	n->gateway = n->subnet | 1;
	n->address = n->subnet | host;
	mac_of(n->gateway, n->bridge_mac);
	mac_of(n->address, n->mac);
	snprintf(n->link, sizeof n->link, "%.10s-%u", n->bridge, (unsigned)(host & 255));
	return 0;
}

/* ---- planning ------------------------------------------------------------------------------ */

static bool may_change_network(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {0};

	return capget(&header, data) == 0 && data[0].effective & (1u << CAP_NET_ADMIN);
}

static int check_rights(const char *name, struct error *err)
{
	if (may_change_network())
		return 0;
	error_set(err, EPERM, "plan network of container", name,
	        "a bridge is made in the network of the machine, and that takes root "
	        "(CAP_NET_ADMIN)");
	error_advise(err, "run it as root, or with --network none or --network host");
	return -EPERM;
}

/* Without the packet filter the bridge still joins containers with each other and the machine. */
static int check_rules(struct network *n, struct error *err)
{
	int r = nft_probe(n->n_ports > 0);

	if (r == 0 || r == -EPERM) /* who only looks is not told */
		return 0;
	n->no_rules = r == -ENOENT || r == -EOPNOTSUPP
	                      ? "nf_tables of this kernel has no address translation (nft_nat, "
	                        "nft_masq, nft_chain_nat, nft_fib_ipv4)"
	                      : "this kernel has no nf_tables";
	if (!n->n_ports)
		return 0;
	error_set(err, ENOTSUP, "publish port of container", n->name, "%s", n->no_rules);
	error_advise(err, "as root: modprobe nf_tables nft_nat nft_fib_ipv4; without -p the "
	                  "bridge works");
	return -ENOTSUP;
}

/* One place for each network namespace: the same names mean other things in another. */
static int place(struct network *n, struct error *err)
{
	auto_free char *below = NULL;

	if (asprintf(&below, "network/%ju", (uintmax_t)ledger_kind_namespace(LEDGER_LINK)) < 0)
		return error_set(err, ENOMEM, "plan network of container", n->name, NULL);
	return dirs_path(DIRS_RUNTIME, below, false, &n->directory, err);
}

static int look(struct network *n, bool look_only, struct error *err)
{
	json_t *record;
	int r = look_only ? 0 : check_rights(n->name, err);

	if (r == 0)
		r = place(n, err);
	if (r == 0)
		r = check_rules(n, err);
	if (r < 0)
		return r;
	record = record_read(n->directory);
	r = record ? network_fill(n, record, err)
	           : error_set(err, ENOMEM, "plan network of container", n->name, NULL);
	json_decref(record);
	return r;
}

int network_plan(const char *name, const char *hostname, const struct port *ports, size_t n_ports,
        bool look_only, struct network **ret, struct error *err)
{
	struct network *n = calloc(1, sizeof *n);
	int r;

	if (n)
		n->ports = calloc(n_ports + 1, sizeof *n->ports);
	if (!n || !n->ports || n_ports > PORT_MAX) {
		network_free(n);
		return error_set(err, n_ports > PORT_MAX ? E2BIG : ENOMEM,
		        "plan network of container", name, NULL);
	}
	n->name = name;
	n->hostname = hostname;
	n->n_ports = n_ports;
	for (size_t i = 0; i < n_ports; i++)
		n->ports[i] = ports[i];
	for (size_t i = 0; i < PORT_MAX; i++)
		n->held[i] = -1;
	r = look(n, look_only, err);
	if (r < 0) {
		network_free(n);
		return r;
	}
	*ret = n;
	return 0;
}

void network_free(struct network *n)
{
	if (!n)
		return;
	for (size_t i = 0; i < n->n_ports; i++)
		cleanup_fd(&n->held[i]);
	free(n->directory);
	free(n->ports);
	free(n);
}

/* ---- telling ------------------------------------------------------------------------------- */

json_t *network_json(const struct network *n)
{
	json_t *ports = json_array();

	for (size_t i = 0; i < n->n_ports; i++)
		json_array_append_new(
		        ports, json_pack("{s:s, s:i, s:i, s:s}", "host",
		                       network_address(n->ports[i].host).text, "host_port",
		                       n->ports[i].host_port, "port", n->ports[i].port, "protocol",
		                       port_protocol(&n->ports[i])));
	return json_pack("{s:s, s:s, s:s, s:i, s:s, s:s, s:o}", "bridge", n->bridge, "address",
	        network_address(n->address).text, "gateway", network_address(n->gateway).text,
	        "prefix", SUBNET_PREFIX, "link", n->link, "mac", network_mac_text(n->mac).text,
	        "ports", ports);
}
