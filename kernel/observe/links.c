/* Network links and their addresses, by network namespace.
 *
 * Each answers over netlink (links_netlink.c), for root at least. Namespaces that we may not enter,
 * and recorded trees, are read from what /proc/PID/net shows through one of their processes:
 *
 *   dev       every link's name
 *   igmp      index and name of those that are up: each then is in 224.0.0.1, the group of all
 *             hosts, "010000E0"
 *   if_inet6  IPv6 addresses with index and prefix length
 *   fib_trie  IPv4 addresses of this machine ("/32 host LOCAL"), but not on which link
 *   route     on which link: the directly connected networks */
#include "kernel/observe/reading.h"

#include "kernel/base/cleanup.h"
#include "kernel/observe/link_list.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_LINKS = 4096 };

int link_list_add(struct link_list *l, const struct model_link *link)
{
	if (l->n >= MAX_LINKS)
		return 0;
	if (l->n == l->room) {
		size_t room = l->room ? l->room * 2 : 32;
		struct model_link *all = reallocarray(l->all, room, sizeof *all);
		if (!all)
			return -ENOMEM;
		l->all = all;
		l->room = room;
	}
	l->all[l->n++] = *link;
	return 0;
}

void link_add_address(struct reading *r, struct model_link *link, const char *address)
{
	auto_buf text = BUF_INIT;

	buf_add(&text, link->addresses);
	if (text.len)
		buf_addc(&text, ' ');
	buf_add(&text, address);
	link->addresses = reading_string(r, buf_text(&text), text.len);
}

/* The links of the namespace that is being read: from `all` on. */
struct here {
	struct link_list *list;
	size_t first;
	uint64_t net_ns;
};

static struct model_link *link_named(const struct here *h, const char *name)
{
	for (size_t i = h->first; i < h->list->n; i++)
		if (!strcmp(h->list->all[i].name, name))
			return &h->list->all[i];
	return NULL;
}

/* "  eth0: 1234 …", below two lines of heading. */
static int read_dev(struct reading *r, int dir, const struct here *h)
{
	char *at = r->scratch, *line;

	if (reading_file(r, dir, "net/dev") <= 0)
		return 0;
	while ((line = strsep(&at, "\n"))) {
		struct model_link link = {.net_ns = h->net_ns, .kind = "", .addresses = ""};
		char *colon = strrchr(line, ':'); /* a name may hold one, the numbers can not */
		line += strspn(line, " ");
		if (!colon || colon <= line)
			continue;
		link.name = reading_string(r, line, (size_t)(colon - line));
		if (!strcmp(link.name, "lo")) {
			link.kind = "loopback";
			link.index = 1;
		}
		if (link_list_add(h->list, &link) < 0)
			return -ENOMEM;
	}
	return 0;
}

/* "4\teth0      :     1      V3", then a line for each group it is in. */
static void read_igmp(struct reading *r, int dir, const struct here *h)
{
	char *at = r->scratch, *line;
	struct model_link *link = NULL;

	if (reading_file(r, dir, "net/igmp") <= 0)
		return;
	while ((line = strsep(&at, "\n"))) {
		char name[32];
		int index;
		if (sscanf(line, "%d %31[^ :]", &index, name) == 2 && line[0] != '\t') {
			link = link_named(h, name);
			if (link)
				link->index = index;
		} else if (link && strstr(line, "010000E0")) {
			link->up = true;
		}
	}
}

struct route {
	uint32_t network, mask; /* host byte order */
	char name[32];
};

/* The connected network with the longest prefix that holds `address`. */
static const struct route *route_to(const struct route *routes, size_t n, uint32_t address)
{
	const struct route *best = NULL;

	for (size_t i = 0; i < n; i++)
		if ((address & routes[i].mask) == routes[i].network &&
		        (!best || routes[i].mask > best->mask))
			best = &routes[i];
	return best;
}

static size_t read_routes(struct reading *r, int dir, struct route *routes, size_t room)
{
	char *at = r->scratch, *line;
	size_t n = 0;

	if (reading_file(r, dir, "net/route") <= 0)
		return 0;
	while ((line = strsep(&at, "\n")) && n < room) {
		struct route *route = &routes[n];
		uint32_t network, gateway, mask;
		if (sscanf(line, "%31s %x %x %*x %*d %*d %*d %x", route->name, &network, &gateway,
		            &mask) == 4 &&
		        gateway == 0 && mask != 0) {
			route->network = ntohl(network);
			route->mask = ntohl(mask);
			n++;
		}
	}
	return n;
}

static void place_ipv4(struct reading *r, const struct here *h, const struct route *routes,
        size_t n, const char *address)
{
	struct in_addr in;
	const struct route *route;
	struct model_link *link;
	char text[64];
	int prefix;

	if (inet_pton(AF_INET, address, &in) != 1)
		return;
	route = route_to(routes, n, ntohl(in.s_addr));
	link = link_named(h, route ? route->name : "lo");
	prefix = route ? __builtin_popcount(route->mask) : 32;
	if (!route && ntohl(in.s_addr) >> 24 == 127)
		prefix = 8;
	snprintf(text, sizeof text, "%s/%d", address, prefix);
	if (link && !strstr(link->addresses, text))
		link_add_address(r, link, text);
}

/* An address stands on a line of its own ("|-- 192.0.2.2"), what it is on the next ones. */
static void read_fib_trie(struct reading *r, int dir, const struct here *h)
{
	struct route routes[256];
	size_t n = read_routes(r, dir, routes, sizeof routes / sizeof *routes);
	char *at = r->scratch, *line, address[32] = "";

	if (reading_file(r, dir, "net/fib_trie") <= 0)
		return;
	while ((line = strsep(&at, "\n"))) {
		const char *leaf = strstr(line, "|-- ");
		if (leaf)
			snprintf(address, sizeof address, "%s", leaf + 4);
		else if (strstr(line, "/32 host LOCAL"))
			place_ipv4(r, h, routes, n, address);
	}
}

/* "fe80…  04 40 20 80     eth0": address, index, prefix length, scope, flags, name. */
static void read_if_inet6(struct reading *r, int dir, const struct here *h)
{
	char *at = r->scratch, *line;

	if (reading_file(r, dir, "net/if_inet6") <= 0)
		return;
	while ((line = strsep(&at, "\n"))) {
		char hex[33], name[32], text[INET6_ADDRSTRLEN + 8], shown[INET6_ADDRSTRLEN];
		struct in6_addr in;
		unsigned index, prefix;
		struct model_link *link;
		bool whole = true;
		if (sscanf(line, "%32[0-9a-f] %x %x %*x %*x %31s", hex, &index, &prefix, name) != 4)
			continue;
		for (int i = 0; i < 16 && whole; i++)
			whole = sscanf(hex + 2 * i, "%2hhx", &in.s6_addr[i]) == 1;
		link = link_named(h, name);
		if (!whole || !link || !inet_ntop(AF_INET6, &in, shown, sizeof shown))
			continue;
		link->index = (int)index;
		snprintf(text, sizeof text, "%s/%u", shown, prefix);
		link_add_address(r, link, text);
	}
}

static int read_namespace(struct reading *r, const struct model_namespace *ns, struct link_list *l)
{
	const struct model *m = r->model;
	struct here h = {.list = l, .first = l->n, .net_ns = ns->inode};

	for (size_t i = 0; i < m->n_processes; i++) {
		const struct model_process *p = &m->processes[i];
		auto_close dir = -1;
		if (p->ns[NS_NET] != ns->inode || p->state == 'Z')
			continue;
		if (r->live && links_netlink(r, ns->inode, p->pid, l) == 0)
			break;
		dir = reading_process_dir(r, p->pid);
		if (dir < 0)
			continue;
		if (read_dev(r, dir, &h) < 0)
			return -ENOMEM;
		if (l->n == h.first)
			continue; /* gone meanwhile: ask another member */
		read_igmp(r, dir, &h);
		read_fib_trie(r, dir, &h);
		read_if_inet6(r, dir, &h);
		break;
	}
	return 0;
}

static int by_namespace_index(const void *a, const void *b)
{
	const struct model_link *x = a, *y = b;

	if (x->net_ns != y->net_ns)
		return x->net_ns < y->net_ns ? -1 : 1;
	if (x->index != y->index) /* 0 = not told: last */
		return (unsigned)x->index - 1 < (unsigned)y->index - 1 ? -1 : 1;
	return strcmp(x->name, y->name);
}

int links_read(struct reading *r)
{
	struct model *m = r->model;
	const struct model_process *self = r->live ? model_process(m, getpid()) : NULL;
	uint64_t own = self ? self->ns[NS_NET] : 0;
	struct link_list l = {0};
	int result = 0, looked = 0;

	if (own && links_netlink(r, own, 0, &l) < 0)
		own = 0; /* no netlink here: as for the others */
	for (size_t i = 0; i < m->n_namespaces && result == 0; i++)
		if (m->namespaces[i].type == NS_NET && m->namespaces[i].inode != own &&
		        looked++ < READING_MAX_NAMESPACES)
			result = read_namespace(r, &m->namespaces[i], &l);
	if (result == 0 && l.n) {
		qsort(l.all, l.n, sizeof *l.all, by_namespace_index);
		m->links = arena_alloc(&m->arena, l.n * sizeof *l.all);
		if (m->links) {
			memcpy(m->links, l.all, l.n * sizeof *l.all);
			m->n_links = l.n;
		} else {
			result = -ENOMEM;
		}
	}
	free(l.all);
	return result;
}
