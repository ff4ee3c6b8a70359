/* Sockets of TCP and UDP: who listens, and who is connected, in the host's network namespace and in
 * those of containers. Internal to kernel/observe.
 *
 * Who holds a socket is looked for once, when it is new: in a container among its processes, on the
 * host among daemons of engines, their clients and ours. Who listens on TCP is asked for at each
 * look. Connections and UDP are asked for at most every half second, and connections only where
 * somebody listens and the kernel has counted one that is new or gone (inet_list.h): the table that
 * it then walks through is large. */
#pragma once

#include "kernel/observe/inet_list.h"
#include "kernel/observe/inet_translated.h"

/* A network namespace that was asked for connections. */
struct listener_place {
	uint64_t net_ns;
	bool asked;
	bool counted; /* then: */
	struct inet_counts counts;
};

enum { LISTENER_PLACES = 64 };

struct listener_cache {
	struct inet_socket *all; /* as listed last, by inode */
	size_t n;
	bool cut; /* of connections there are more */
	struct listener_place places[LISTENER_PLACES];
	size_t n_places;
	struct inet_translations translations;
	bool translated;   /* they were read since connections were asked for */
	uint64_t asked_ms; /* for what is not asked for at each look; 0 = never */
};

/* inet_pair.c: connections out of the sockets that are listed: of each its two ends, across
 * namespaces, by their addresses. `ret` has room for all that are connected; how many there are
 * comes back through `ret_n`. Wants model.listeners. */
int inet_pair(
        struct reading *r, struct listener_cache *c, struct model_connection *ret, size_t *ret_n);
