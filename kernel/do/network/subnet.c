#include "kernel/do/network/subnet.h"

static uint32_t mask_of(unsigned prefix)
{
	return prefix == 0 ? 0 : prefix >= 32 ? UINT32_MAX : ~(UINT32_MAX >> prefix);
}

static bool overlaps(uint32_t subnet, const struct rtnl_route *route)
{
	unsigned shorter = route->prefix < SUBNET_PREFIX ? route->prefix : SUBNET_PREFIX;

	return ((subnet ^ route->network) & mask_of(shorter)) == 0;
}

uint32_t subnet_choose(const struct rtnl_route *routes, size_t n)
{
	static const struct {
		uint32_t first;
		uint32_t count;
	} ranges[] = {{0x0a580000, 256}, {0xac1c0000, 256}, {0xc0a88000, 128}};

	for (size_t r = 0; r < sizeof ranges / sizeof *ranges; r++)
		for (uint32_t i = 0; i < ranges[r].count; i++) {
			uint32_t subnet = ranges[r].first + (i << (32 - SUBNET_PREFIX));
			size_t at = 0;
			while (at < n && !overlaps(subnet, &routes[at]))
				at++;
			if (at == n)
				return subnet;
		}
	return 0;
}
