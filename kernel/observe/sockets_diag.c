/* Connected Unix domain sockets and their peers: one dump of sock_diag(7), taken apart by libmnl.
 *
 * The kernel tells of each socket its inode, its name and the inode of its peer. */
#include "kernel/observe/netlink_dump.h"
#include "kernel/observe/socket_list.h"

#include "kernel/base/cleanup.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <string.h>
#include <sys/socket.h>

enum { CONNECTED = 1, LISTENING = 10 }; /* TCP_ESTABLISHED, TCP_LISTEN: include/net/tcp_states.h */

struct dump {
	struct reading *reading;
	struct socket_list *list;
};

static int on_socket(const struct nlmsghdr *message, void *data)
{
	struct dump *d = data;
	const struct unix_diag_msg *m = mnl_nlmsg_get_payload(message);
	struct socket_told told = {
	        .inode = m->udiag_ino, .name = "", .listening = m->udiag_state == LISTENING};
	const struct nlattr *attr;

	if (m->udiag_type == SOCK_DGRAM)
		return MNL_CB_OK; /* has no connection that anybody accepted */
	mnl_attr_for_each(attr, message, sizeof *m)
	{
		const void *bytes = mnl_attr_get_payload(attr);
		if (mnl_attr_get_type(attr) == UNIX_DIAG_NAME)
			told.name = socket_name(d->reading, bytes, mnl_attr_get_payload_len(attr));
		else if (mnl_attr_get_type(attr) == UNIX_DIAG_PEER &&
		         mnl_attr_get_payload_len(attr) == sizeof(uint32_t))
			told.peer = mnl_attr_get_u32(attr);
	}
	/* A peer of inode 0 is one that nobody has accepted yet. */
	if (!*told.name || (!told.listening && !told.peer))
		return MNL_CB_OK;
	return socket_list_tell(d->list, &told) < 0 ? MNL_CB_ERROR : MNL_CB_OK;
}

static int ask(struct mnl_socket *socket, struct dump *d)
{
	char bytes[256] __attribute__((aligned(8)));
	struct nlmsghdr *request = mnl_nlmsg_put_header(bytes);
	struct unix_diag_req *wanted;

	request->nlmsg_type = SOCK_DIAG_BY_FAMILY;
	request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	request->nlmsg_seq = 1;
	wanted = mnl_nlmsg_put_extra_header(request, sizeof *wanted);
	wanted->sdiag_family = AF_UNIX;
	wanted->udiag_states = 1 << CONNECTED | 1 << LISTENING;
	wanted->udiag_show = UDIAG_SHOW_NAME | UDIAG_SHOW_PEER;
	return netlink_dump(socket, request, on_socket, d);
}

int sockets_diag(struct reading *r, struct socket_list *l)
{
	struct mnl_socket *socket = mnl_socket_open2(NETLINK_SOCK_DIAG, SOCK_CLOEXEC);
	struct dump d = {.reading = r, .list = l};
	int result;

	if (!socket)
		return -errno;
	result = mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0 ? -errno : ask(socket, &d);
	mnl_socket_close(socket);
	if (result < 0)
		l->n_told = 0;
	return result;
}
