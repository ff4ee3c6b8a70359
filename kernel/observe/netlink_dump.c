#include "kernel/observe/netlink_dump.h"

#include <errno.h>

int netlink_dump(
        struct mnl_socket *socket, const struct nlmsghdr *request, mnl_cb_t each, void *data)
{
	char bytes[32 * 1024] __attribute__((aligned(8)));
	int n = MNL_CB_OK;

	if (mnl_socket_sendto(socket, request, request->nlmsg_len) < 0)
		return -errno;
	while (n > MNL_CB_STOP) {
		ssize_t got = mnl_socket_recvfrom(socket, bytes, sizeof bytes);
		if (got < 0)
			return -errno;
		n = mnl_cb_run(bytes, (size_t)got, request->nlmsg_seq,
		        mnl_socket_get_portid(socket), each, data);
	}
	return n < 0 ? -errno : 0;
}
