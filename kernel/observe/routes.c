/* Routes that lead over a gateway, by network namespace, out of /proc/PID/net/route of one of its
 * processes (proc(5)): who reaches what lies beyond the networks of its own links. IPv4 only. */
#include "kernel/observe/reading.h"

#include "kernel/base/cleanup.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { MAX_ROUTES = 256 };

static const char *address_text(struct reading *r, uint32_t address, uint32_t mask)
{
	struct in_addr in = {.s_addr = address};
	char text[INET_ADDRSTRLEN + 4];

	if (!mask)
		return "default";
	if (!inet_ntop(AF_INET, &in, text, INET_ADDRSTRLEN))
		return "";
	if (mask != UINT32_MAX)
		snprintf(text + strlen(text), 4, "/%d", __builtin_popcount(mask));
	return reading_string(r, text, strlen(text));
}

/* "eth0 00000000 010200C0 0003 0 0 0 00000000 …": addresses in the order of the network. */
static void read_line(struct reading *r, const char *line, uint64_t net_ns)
{
	struct model *m = r->model;
	uint32_t network, gateway, mask;
	char name[32];

	if (m->n_routes == MAX_ROUTES ||
	        sscanf(line, "%31s %x %x %*x %*d %*d %*d %x", name, &network, &gateway, &mask) !=
	                4 ||
	        !gateway)
		return;
	m->routes[m->n_routes++] = (struct model_route){
	        .net_ns = net_ns,
	        .destination = address_text(r, network, mask),
	        .gateway = address_text(r, gateway, UINT32_MAX),
	        .link = reading_string(r, name, strlen(name)),
	};
}

static void read_namespace(struct reading *r, const struct model_namespace *ns)
{
	auto_close dir = reading_process_dir(r, ns->first_pid);
	char *at = r->scratch, *line;

	if (dir < 0 || reading_file(r, dir, "net/route") <= 0)
		return;
	while ((line = strsep(&at, "\n")))
		read_line(r, line, ns->inode);
}

int routes_read(struct reading *r)
{
	struct model *m = r->model;
	int looked = 0;

	m->routes = arena_alloc(&m->arena, MAX_ROUTES * sizeof *m->routes);
	if (!m->routes)
		return -ENOMEM;
	for (size_t i = 0; i < m->n_namespaces; i++)
		if (m->namespaces[i].type == NS_NET && looked++ < READING_MAX_NAMESPACES)
			read_namespace(r, &m->namespaces[i]);
	return 0;
}
