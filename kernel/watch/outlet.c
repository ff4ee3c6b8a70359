#include "kernel/watch/outlet.h"

#include "kernel/base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>

/* So that there is seldom something to keep, fcntl(2) F_SETPIPE_SZ; and how much of it then. */
enum { PIPE_BYTES = 1 << 20, KEPT_MAX = 256 << 20 };
/* A reader that is woken for every line takes processors from who is followed. */
enum { TOGETHER = 16 << 10 };

void outlet_init(struct outlet *o, int fd)
{
	*o = (struct outlet){.fd = fd};
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	fcntl(fd, F_SETPIPE_SZ, PIPE_BYTES);
}

void outlet_close(struct outlet *o)
{
	cleanup_fd(&o->fd);
	buf_release(&o->waiting);
}

/* How many bytes could be written. */
static size_t write_some(struct outlet *o, const char *bytes, size_t n)
{
	size_t done = 0;

	while (done < n && o->fd >= 0) {
		ssize_t r = write(o->fd, bytes + done, n - done);
		if (r >= 0)
			done += (size_t)r;
		else if (errno == EAGAIN)
			break;
		else if (errno != EINTR)
			cleanup_fd(&o->fd);
	}
	return done;
}

void outlet_put(struct outlet *o, const char *bytes, size_t n)
{
	if (o->fd < 0 || !n)
		return;
	buf_add_bytes(&o->waiting, bytes, n);
	if (o->waiting.len >= TOGETHER)
		outlet_flush(o);
	if (o->waiting.len > KEPT_MAX)
		outlet_drain(o);
}

bool outlet_flush(struct outlet *o)
{
	size_t done = o->waiting.len ? write_some(o, o->waiting.data, o->waiting.len) : 0;

	if (done) {
		o->waiting.len -= done;
		memmove(o->waiting.data, o->waiting.data + done, o->waiting.len);
	}
	if (o->fd < 0 || (o->ending && !o->waiting.len))
		outlet_close(o);
	return o->waiting.len > 0;
}

void outlet_end(struct outlet *o)
{
	o->ending = true;
	outlet_flush(o);
}

void outlet_drain(struct outlet *o)
{
	while (outlet_flush(o)) {
		struct pollfd p = {.fd = o->fd, .events = POLLOUT};
		poll(&p, 1, -1);
	}
}
