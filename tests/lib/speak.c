/* Both ends of a Unix socket for tests, under whatever name the program is given:
 *
 *   speak listen PATH      listens, says "ready", and accepts whoever comes
 *   speak connect PATH     connects, says "ready", and stays
 *   speak bound PATH       the same, with a name of its own, as sd-bus does
 *   speak leave PATH       connects, leaves the connection to a child, says "ready", and ends
 *   speak relay PATH TO    listens at PATH and is connected to TO
 *
 * Ends when its standard input does; a connection that ends is closed. PATH "@x" is abstract. */
#define _GNU_SOURCE
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { MOST = 64 };

static int make(const char *path, int (*join)(int, const struct sockaddr *, socklen_t))
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	socklen_t n = offsetof(struct sockaddr_un, sun_path) + strlen(path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memcpy(a.sun_path, path, strlen(path) < sizeof a.sun_path ? strlen(path) : 0);
	if (path[0] == '@')
		a.sun_path[0] = '\0';
	else
		n++;
	if (fd >= 0 && join(fd, (const struct sockaddr *)&a, n) == 0)
		return fd;
	perror(path);
	return -1;
}

static int enter(int fd, const struct sockaddr *a, socklen_t n)
{
	return connect(fd, a, n);
}

static int take(int fd, const struct sockaddr *a, socklen_t n)
{
	return bind(fd, a, n) < 0 ? -1 : listen(fd, MOST);
}

/* Binds to a name that the kernel chooses, unix(7), "autobind". */
static int enter_bound(int fd, const struct sockaddr *a, socklen_t n)
{
	const struct sockaddr_un own = {.sun_family = AF_UNIX};

	return bind(fd, (const struct sockaddr *)&own, sizeof own.sun_family) < 0
	               ? -1
	               : connect(fd, a, n);
}

static int serve(int listener)
{
	struct pollfd fds[MOST] = {
	        {.fd = STDIN_FILENO, .events = POLLIN}, {.fd = listener, .events = POLLIN}};
	nfds_t n = 2;
	char byte;

	while (poll(fds, n, -1) > 0 && !fds[0].revents) {
		if (fds[1].revents && n < MOST)
			fds[n++] =
			        (struct pollfd){.fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC),
			                .events = POLLIN};
		for (nfds_t i = 2; i < n; i++)
			if (fds[i].revents && read(fds[i].fd, &byte, 1) <= 0) {
				close(fds[i].fd);
				fds[i--] = fds[--n];
			}
	}
	return 0;
}

int main(int argc, char **argv)
{
	const char *word = argc > 2 ? argv[1] : "";
	int listener = -1, fd = -1;

	if (!strcmp(word, "listen") || !strcmp(word, "relay"))
		listener = make(argv[2], take);
	if (!strcmp(word, "connect") || !strcmp(word, "leave"))
		fd = make(argv[2], enter);
	else if (!strcmp(word, "bound"))
		fd = make(argv[2], enter_bound);
	else if (!strcmp(word, "relay") && argc > 3)
		fd = make(argv[3], enter);
	if (listener < 0 && fd < 0)
		return 1;
	if (!strcmp(word, "leave") && fork() > 0)
		return 0;
	puts("ready");
	fflush(stdout);
	return serve(listener);
}
