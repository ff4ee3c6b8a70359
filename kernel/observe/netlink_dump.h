/* Asks a netlink socket for a list (NLM_F_DUMP) and hands each message of the answer on. See
 * netlink(7). */
#pragma once

#include <libmnl/libmnl.h>

/* Sends `request`, whose sequence number is set, and reads until the list ends or `each` says so.
 * 0, or a negative errno: the kernel's, or the one that `each` has left with MNL_CB_ERROR. */
int netlink_dump(
        struct mnl_socket *socket, const struct nlmsghdr *request, mnl_cb_t each, void *data);
