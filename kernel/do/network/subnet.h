/* A private range of addresses for the bridge, RFC 1918, that nothing on this machine uses yet. */
#pragma once

#include "kernel/do/network/rtnl.h"

enum { SUBNET_PREFIX = 24, SUBNET_FIRST = 2, SUBNET_LAST = 254 };

/* The first /24 of 10.88.0.0/16, then of 172.28.0.0/16 and 192.168.128.0/17, that no route leads
 * to or into: where a machine's own routes are more exact they would win, where ours are we would
 * cut off what is theirs. 0 = all are taken. */
uint32_t subnet_choose(const struct rtnl_route *routes, size_t n);
