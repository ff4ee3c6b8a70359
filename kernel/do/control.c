/* Messages between parent and child, a descriptor with them: unix(7), SCM_RIGHTS. */
#include "kernel/do/child.h"

#include "kernel/base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

union control_space {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(sizeof(int))];
};

int control_send(int fd, const void *message, size_t size, int passed_fd)
{
	union control_space control = {0};
	struct iovec part = {.iov_base = (void *)message, .iov_len = size};
	struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};
	ssize_t n;

	if (passed_fd >= 0) {
		struct cmsghdr *c;
		header.msg_control = control.bytes;
		header.msg_controllen = sizeof control.bytes;
		c = CMSG_FIRSTHDR(&header);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &passed_fd, sizeof(int));
	}
	do
		n = sendmsg(fd, &header, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == ECONNRESET ? -EPIPE : -errno;
	return (size_t)n == size ? 0 : -EIO;
}

int control_receive(int fd, void *message, size_t size, int *ret_fd)
{
	union control_space control = {0};
	struct iovec part = {.iov_base = message, .iov_len = size};
	struct msghdr header = {
	        .msg_iov = &part,
	        .msg_iovlen = 1,
	        .msg_control = control.bytes,
	        .msg_controllen = sizeof control.bytes,
	};
	struct cmsghdr *c;
	ssize_t n;

	do
		n = recvmsg(fd, &header, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == ECONNRESET ? -EPIPE : -errno;
	c = CMSG_FIRSTHDR(&header);
	if (ret_fd)
		*ret_fd = -1;
	if (c && c->cmsg_type == SCM_RIGHTS && c->cmsg_len == CMSG_LEN(sizeof(int))) {
		int got;
		memcpy(&got, CMSG_DATA(c), sizeof got);
		if (ret_fd)
			*ret_fd = got;
		else
			close(got);
	}
	if (n == 0)
		return -EPIPE;
	return (size_t)n == size ? 0 : -EPROTO;
}

/* A socket's name has 108 bytes at most and the path may be longer: its descriptor's name is
 * short. */
int control_connect(const char *path)
{
	auto_close file = open(path, O_PATH | O_CLOEXEC);
	auto_close fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un name = {.sun_family = AF_UNIX};

	if (file < 0 || fd < 0)
		return -errno;
	snprintf(name.sun_path, sizeof name.sun_path, "/proc/self/fd/%d", file);
	if (connect(fd, (struct sockaddr *)&name, sizeof name) < 0)
		return -errno;
	return steal_fd(&fd);
}
