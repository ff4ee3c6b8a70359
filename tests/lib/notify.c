/* An agent for SCMP_ACT_NOTIFY, for tests: notify SOCKET FILE ERRNO COUNT
 *
 * Listens on SOCKET for COUNT listeners, one after another. What comes with the n-th goes to
 * FILE.n, when it has been read up to the end of the connection. Each mkdir and mkdirat under it is
 * then answered with ERRNO, and what else is asked is let through, until nobody is under it any
 * more. */
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* All of one connection; *ret_fd is the descriptor that came along, -1 for none. */
static size_t receive(int connection, char *text, size_t size, int *ret_fd)
{
	size_t got = 0;

	*ret_fd = -1;
	for (;;) {
		union {
			struct cmsghdr align;
			char bytes[CMSG_SPACE(4 * sizeof(int))];
		} control = {0};
		struct iovec part = {.iov_base = text + got, .iov_len = size - got};
		struct msghdr header = {.msg_iov = &part,
		        .msg_iovlen = 1,
		        .msg_control = control.bytes,
		        .msg_controllen = sizeof control.bytes};
		ssize_t n = recvmsg(connection, &header, 0);
		struct cmsghdr *c = CMSG_FIRSTHDR(&header);
		if (n < 0)
			die("recvmsg");
		if (c && c->cmsg_type == SCM_RIGHTS) {
			if (got || c->cmsg_len != CMSG_LEN(sizeof(int)))
				die("not one descriptor, with the first bytes");
			memcpy(ret_fd, CMSG_DATA(c), sizeof(int));
		}
		if (n == 0)
			return got;
		got += (size_t)n;
	}
}

static void answer(int listener, int code)
{
	struct pollfd p = {.fd = listener, .events = POLLIN};
	static union {
		struct seccomp_notif notif;
		char room[4096];
	} call;
	static union {
		struct seccomp_notif_resp resp;
		char room[4096];
	} reply;

	while (poll(&p, 1, -1) > 0 && p.revents & POLLIN) {
		memset(&call, 0, sizeof call);
		memset(&reply, 0, sizeof reply);
		if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call.notif) < 0)
			continue; /* it was killed meanwhile */
		reply.resp.id = call.notif.id;
		if (call.notif.data.nr == SYS_mkdirat
#ifdef SYS_mkdir
		        || call.notif.data.nr == SYS_mkdir
#endif
		)
			reply.resp.error = -code;
		else
			reply.resp.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
		ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &reply.resp);
	}
}

static void serve(int connection, const char *file, int number, int code)
{
	static char text[65536];
	char path[4096], ready[4200];
	int listener;
	size_t n = receive(connection, text, sizeof text, &listener);
	FILE *out;

	close(connection);
	if (listener < 0)
		die("no descriptor came along");
	snprintf(path, sizeof path, "%s.%d", file, number);
	snprintf(ready, sizeof ready, "%s.new", path);
	out = fopen(ready, "w");
	if (!out || fwrite(text, 1, n, out) != n || fclose(out) || rename(ready, path) < 0)
		die(path);
	answer(listener, code);
	exit(0);
}

int main(int argc, char **argv)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int code = argc == 5 ? atoi(argv[3]) : 0, count = argc == 5 ? atoi(argv[4]) : 0;

	if (argc != 5 || strlen(argv[1]) >= sizeof name.sun_path) {
		fprintf(stderr, "usage: notify SOCKET FILE ERRNO COUNT\n");
		return 2;
	}
	strcpy(name.sun_path, argv[1]);
	if (fd < 0 || bind(fd, (struct sockaddr *)&name, sizeof name) < 0 || listen(fd, 4) < 0)
		die(argv[1]);
	for (int i = 1; i <= count; i++) {
		int connection = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
		if (connection < 0)
			die("accept");
		if (fork() == 0)
			serve(connection, argv[2], i, code);
		close(connection);
	}
	while (wait(NULL) > 0)
		;
	return 0;
}
