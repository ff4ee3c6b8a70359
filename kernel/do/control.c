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
	char bytes[CMSG_SPACE(CONTROL_FDS_MAX * sizeof(int))];
};

int control_send_fds(int fd, const void *message, size_t size, const int *fds, size_t n_fds)
{
	union control_space control = {0};
	struct iovec part = {.iov_base = (void *)message, .iov_len = size};
	struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};
	size_t bytes = n_fds * sizeof *fds;
	ssize_t n;

	if (n_fds > CONTROL_FDS_MAX)
		return -E2BIG;
	if (n_fds) {
		struct cmsghdr *c;
		header.msg_control = control.bytes;
		header.msg_controllen = CMSG_SPACE(bytes);
		c = CMSG_FIRSTHDR(&header);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(bytes);
		memcpy(CMSG_DATA(c), fds, bytes);
	}
	do
		n = sendmsg(fd, &header, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == ECONNRESET ? -EPIPE : -errno;
	return (size_t)n == size ? 0 : -EIO;
}

int control_send(int fd, const void *message, size_t size, int passed_fd)
{
	return control_send_fds(fd, message, size, &passed_fd, passed_fd >= 0);
}

static size_t take_fds(struct msghdr *header, int *ret_fds, size_t max)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(header);
	size_t n = 0;

	if (!c || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
		return 0;
	for (size_t at = 0; CMSG_LEN(at + sizeof(int)) <= c->cmsg_len; at += sizeof(int)) {
		int got;
		memcpy(&got, CMSG_DATA(c) + at, sizeof got);
		if (n < max)
			ret_fds[n++] = got;
		else
			close(got);
	}
	return n;
}

int control_receive_fds(int fd, void *message, size_t size, int *ret_fds, size_t max, size_t *ret_n)
{
	union control_space control = {0};
	struct iovec part = {.iov_base = message, .iov_len = size};
	struct msghdr header = {
	        .msg_iov = &part,
	        .msg_iovlen = 1,
	        .msg_control = control.bytes,
	        .msg_controllen = sizeof control.bytes,
	};
	ssize_t n;

	*ret_n = 0;
	do
		n = recvmsg(fd, &header, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == ECONNRESET ? -EPIPE : -errno;
	*ret_n = take_fds(&header, ret_fds, max);
	if (n == 0)
		return -EPIPE;
	return (size_t)n == size ? 0 : -EPROTO;
}

int control_receive(int fd, void *message, size_t size, int *ret_fd)
{
	size_t n;
	int got = -1, r = control_receive_fds(fd, message, size, &got, ret_fd != NULL, &n);

	if (ret_fd)
		*ret_fd = n ? got : -1;
	return r;
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
