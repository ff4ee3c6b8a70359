/* Values of the options of `cutaway run`: negative when there is no such one. */
#pragma once

#include "kernel/do/options.h"

#include <stdint.h>

/* "NET_ADMIN,cap_chown" or "ALL": adds to the set. */
int run_capabilities(const char *text, uint64_t *set);
/* What follows --security-opt. *ret_profile points into the text where that names a file. */
int run_security(const char *text, struct container_options *c, const char **ret_profile);
/* "0.5" processors are half of each period; the kernel takes no quota below a millisecond. */
int run_cpus(const char *text, uint64_t *ret_quota_us);
/* "SOURCE:DESTINATION[:ro]". Says itself what is wrong with it; 0 or EXIT_USAGE. */
int run_volume(const char *text, struct volume_option *ret);
/* "none", "host", "bridge" or "container:NAME". */
int run_network(const char *text, struct container_options *c);
/* "private" or "container:NAME". */
int run_share(const char *text, enum share_kind kind, struct container_options *c);
/* "[IP:]HOSTPORT:PORT[/udp]": one more of `ports`, which has room for PORT_MAX. Says itself what is
 * wrong with it; 0 or EXIT_USAGE. */
int run_port(const char *text, struct container_options *c, struct port *ports);
