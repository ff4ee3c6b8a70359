/* Which namespaces of others a container is to have: apart from the other values, since only a
 * program that makes containers of its own knows their names. */
#include "kernel/do/container.h"
#include "shell/command/run_values.h"

#include <string.h>

int run_share(const char *text, enum share_kind kind, struct container_options *c)
{
	static const char with[] = "container:";
	bool shared = !strncmp(text, with, strlen(with));

	if (!shared && strcmp(text, "private") != 0)
		return -1;
	c->share_with[kind] = shared ? text + strlen(with) : NULL;
	return !shared || container_name_ok(c->share_with[kind]) ? 0 : -1;
}

int run_network(const char *text, struct container_options *c)
{
	c->share_with[SHARE_NETWORK] = NULL;
	c->network_host = !strcmp(text, "host");
	c->network_bridge = !strcmp(text, "bridge");
	return c->network_host || c->network_bridge || !strcmp(text, "none") ||
	                       (strcmp(text, "private") != 0 &&
	                               run_share(text, SHARE_NETWORK, c) == 0)
	               ? 0
	               : -1;
}
