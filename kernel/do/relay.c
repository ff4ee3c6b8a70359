#include "kernel/do/relay.h"

#include <errno.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

void relay_resize(struct relay *r)
{
	struct winsize size;

	if (r->in >= 0 && ioctl(r->in, TIOCGWINSZ, &size) == 0)
		ioctl(r->master, TIOCSWINSZ, &size);
}

void relay_start(struct relay *r, int in, int out, int master, int log)
{
	*r = (struct relay){.in = in, .out = out, .master = master, .log = log};
	relay_resize(r);
	if (in >= 0 && tcgetattr(in, &r->saved) == 0) {
		struct termios raw = r->saved;
		cfmakeraw(&raw);
		r->raw = tcsetattr(in, TCSADRAIN, &raw) == 0;
	}
}

static bool write_all(int fd, const char *bytes, ssize_t n)
{
	while (n > 0) {
		ssize_t w = write(fd, bytes, (size_t)n);
		if (w < 0 && (errno == EINTR || errno == EAGAIN)) {
			struct pollfd p = {.fd = fd, .events = POLLOUT};
			if (errno == EAGAIN)
				poll(&p, 1, -1);
			continue;
		}
		if (w < 0)
			return false;
		bytes += w;
		n -= w;
	}
	return true;
}

static bool copy(int from, int to, int also)
{
	char bytes[16384];
	ssize_t n = read(from, bytes, sizeof bytes);

	if (n < 0)
		return errno == EINTR || errno == EAGAIN;
	if (n == 0)
		return false;
	if (also >= 0)
		write_all(also, bytes, n);
	return to < 0 || write_all(to, bytes, n);
}

bool relay_input(struct relay *r)
{
	return copy(r->in, r->master, -1);
}

/* Reading a master whose slave nobody holds any more is EIO: the end, pty(7). */
bool relay_output(struct relay *r)
{
	return copy(r->master, r->out, r->log);
}

void relay_stop(struct relay *r)
{
	struct pollfd p = {.fd = r->master, .events = POLLIN};

	while (r->master >= 0 && poll(&p, 1, 0) > 0 && (p.revents & POLLIN) && relay_output(r))
		;
	r->master = -1;
	if (r->raw)
		tcsetattr(r->in, TCSADRAIN, &r->saved);
	r->raw = false;
}
