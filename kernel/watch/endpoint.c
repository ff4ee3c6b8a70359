#include "kernel/watch/endpoint.h"

#include "kernel/base/cleanup.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

uint64_t endpoint_inode_of(const char *name)
{
	return strncmp(name, "socket:[", 8) != 0 ? 0 : strtoull(name + 8, NULL, 10);
}

static uint64_t inode_of_link(const char *path)
{
	char name[64];
	ssize_t n = readlink(path, name, sizeof name - 1);

	if (n <= 0)
		return 0;
	name[n] = 0;
	return endpoint_inode_of(name);
}

bool endpoint_is_held(pid_t pid, uint64_t inode)
{
	char path[320];
	struct dirent *entry;

	snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
	auto_dir dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		snprintf(path, sizeof path, "/proc/%d/fd/%s", (int)pid, entry->d_name);
		if (inode_of_link(path) == inode)
			return true;
	}
	return false;
}

void endpoint_name(const void *address, size_t n, char to[static ENDPOINT_NAME])
{
	struct sockaddr_storage storage = {0};
	const struct sockaddr_un *un = (const void *)&storage;
	const struct sockaddr_in *in = (const void *)&storage;
	const struct sockaddr_in6 *in6 = (const void *)&storage;
	const size_t path = offsetof(struct sockaddr_un, sun_path);
	char text[INET6_ADDRSTRLEN];

	*to = 0;
	if (n > sizeof storage)
		n = sizeof storage;
	memcpy(&storage, address, n);
	if (n > sizeof *un)
		n = sizeof *un;
	if (un->sun_family == AF_UNIX && n > path) {
		bool abstract = !un->sun_path[0];
		snprintf(to, ENDPOINT_NAME, "%s%.*s", abstract ? "@" : "",
		        (int)(n - path - abstract), un->sun_path + abstract);
	} else if (in->sin_family == AF_INET && n >= sizeof *in) {
		inet_ntop(AF_INET, &in->sin_addr, text, sizeof text);
		snprintf(to, ENDPOINT_NAME, "%s:%u", text, ntohs(in->sin_port));
	} else if (in6->sin6_family == AF_INET6 && n >= sizeof *in6) {
		inet_ntop(AF_INET6, &in6->sin6_addr, text, sizeof text);
		snprintf(to, ENDPOINT_NAME, "[%s]:%u", text, ntohs(in6->sin6_port));
	}
}

/* ---- the peer of a Unix domain socket -------------------------------------------------------- */

int endpoint_diag(void)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);

	return fd < 0 ? -errno : fd;
}

static int on_socket(const struct nlmsghdr *message, void *data)
{
	const struct nlattr *attr;

	if (message->nlmsg_type != SOCK_DIAG_BY_FAMILY)
		return MNL_CB_OK;
	mnl_attr_for_each(attr, message, sizeof(struct unix_diag_msg))
	{
		if (mnl_attr_get_type(attr) == UNIX_DIAG_PEER &&
		        mnl_attr_get_payload_len(attr) == sizeof(uint32_t))
			*(uint64_t *)data = mnl_attr_get_u32(attr);
	}
	return MNL_CB_OK;
}

static uint64_t ask_peer(int diag, uint64_t inode)
{
	char bytes[1024] __attribute__((aligned(8)));
	struct nlmsghdr *request = mnl_nlmsg_put_header(bytes);
	struct unix_diag_req *wanted;
	uint64_t peer = 0;
	ssize_t got;

	request->nlmsg_type = SOCK_DIAG_BY_FAMILY;
	request->nlmsg_flags = NLM_F_REQUEST;
	wanted = mnl_nlmsg_put_extra_header(request, sizeof *wanted);
	wanted->sdiag_family = AF_UNIX;
	wanted->udiag_states = ~0u;
	wanted->udiag_ino = (uint32_t)inode;
	wanted->udiag_show = UDIAG_SHOW_PEER;
	wanted->udiag_cookie[0] = wanted->udiag_cookie[1] = ~0u; /* any */
	if (diag < 0 || send(diag, request, request->nlmsg_len, 0) < 0)
		return 0;
	got = recv(diag, bytes, sizeof bytes, 0);
	if (got > 0)
		mnl_cb_run(bytes, (size_t)got, 0, 0, on_socket, &peer);
	return peer;
}

void endpoint_look(pid_t pid, int fd, uint64_t inode, int diag, struct endpoint *ret)
{
	auto_close process = (int)syscall(SYS_pidfd_open, pid, 0);
	auto_close copy = process < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, process, fd, 0);
	struct sockaddr_storage address = {0};
	struct ucred peer = {0};
	struct stat st;
	int type = 0, domain = 0;
	socklen_t n = sizeof type;

	*ret = (struct endpoint){0};
	/* It may be another file's number by now. */
	if (copy < 0 || fstat(copy, &st) < 0 || st.st_ino != inode)
		return;
	if (getsockopt(copy, SOL_SOCKET, SO_TYPE, &type, &n) < 0 || type != SOCK_STREAM)
		return;
	n = sizeof domain;
	if (getsockopt(copy, SOL_SOCKET, SO_DOMAIN, &domain, &n) < 0 ||
	        (domain != AF_UNIX && domain != AF_INET && domain != AF_INET6))
		return;
	ret->stream = true;
	n = sizeof address;
	if (getsockname(copy, (struct sockaddr *)&address, &n) == 0)
		endpoint_name(&address, n, ret->own);
	n = sizeof address;
	if (getpeername(copy, (struct sockaddr *)&address, &n) == 0)
		endpoint_name(&address, n, ret->other);
	if (domain != AF_UNIX)
		return;
	n = sizeof peer;
	if (getsockopt(copy, SOL_SOCKET, SO_PEERCRED, &peer, &n) == 0)
		ret->peer = peer.pid;
	ret->peer_inode = ask_peer(diag, inode);
}
