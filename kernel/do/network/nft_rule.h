/* What a rule is made of: expressions, each added to the list that netlink_nest() began.
 *
 * A rule is a little program: an expression loads something of the packet into a register, the next
 * compares it and ends the rule where it differs, the last one does something. `nft --debug=netlink
 * list ruleset` shows them. */
#pragma once

#include "kernel/do/network/netlink.h"

/* It comes in (or goes out) through that link; with `equal` false: through any other. */
void nft_match_link(struct netlink *n, bool incoming, const char *link, bool equal);
/* The address, of which the first `prefix` bits count: a multiple of 8. Host byte order. */
void nft_match_source(struct netlink *n, uint32_t address, unsigned prefix);
void nft_match_destination(struct netlink *n, uint32_t address, unsigned prefix);
/* The destination is an address of this machine. */
void nft_match_local(struct netlink *n);
/* The destination was changed by a rule before. */
void nft_match_redirected(struct netlink *n);
void nft_match_port(struct netlink *n, bool udp, uint16_t port);

void nft_redirect(struct netlink *n, uint32_t address, uint16_t port); /* dnat to */
void nft_masquerade(struct netlink *n);
void nft_drop(struct netlink *n);
