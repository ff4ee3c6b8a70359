#include "kernel/observe/netlink_dump.h"

#include <errno.h>

static int fail(int code)
{
	errno = code < 0 ? -code : code;
	return code ? MNL_CB_ERROR : MNL_CB_STOP;
}

static int on_error(const struct nlmsghdr *message, void *data)
{
	const struct nlmsgerr *e = mnl_nlmsg_get_payload(message);

	(void)data;
	return fail(mnl_nlmsg_get_payload_len(message) < sizeof *e ? EBADMSG : e->error);
}

/* A list may end with an error as well, which libmnl passes over: so ends one that a module would
 * have to tell which is not there. */
static int on_done(const struct nlmsghdr *message, void *data)
{
	const int *code = mnl_nlmsg_get_payload(message);

	(void)data;
	return fail(mnl_nlmsg_get_payload_len(message) < sizeof *code || *code > 0 ? 0 : *code);
}

int netlink_dump(
        struct mnl_socket *socket, const struct nlmsghdr *request, mnl_cb_t each, void *data)
{
	mnl_cb_t control[] = {[NLMSG_ERROR] = on_error, [NLMSG_DONE] = on_done};
	char bytes[32 * 1024] __attribute__((aligned(8)));
	int n = MNL_CB_OK;

	if (mnl_socket_sendto(socket, request, request->nlmsg_len) < 0)
		return -errno;
	while (n > MNL_CB_STOP) {
		ssize_t got = mnl_socket_recvfrom(socket, bytes, sizeof bytes);
		if (got < 0)
			return -errno;
		n = mnl_cb_run2(bytes, (size_t)got, request->nlmsg_seq,
		        mnl_socket_get_portid(socket), each, data, control,
		        sizeof control / sizeof *control);
	}
	return n < 0 ? -errno : 0;
}
