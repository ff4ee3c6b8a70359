#include "kernel/oci/console.h"

#include "kernel/base/cleanup.h"
#include "kernel/do/child.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>

int console_send(const char *path, int master, struct error *err)
{
	/* A socket's name has 108 bytes at most and the path may be longer: its descriptor's name
	 * is short. */
	auto_close file = open(path, O_PATH | O_CLOEXEC);
	auto_close fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	static const char what[] = "/dev/ptmx";
	int r;

	if (file < 0 || fd < 0)
		return error_set(err, errno, "open console socket", path, NULL);
	snprintf(name.sun_path, sizeof name.sun_path, "/proc/self/fd/%d", file);
	if (connect(fd, (struct sockaddr *)&name, sizeof name) < 0)
		return error_set(err, errno, "connect to console socket", path, NULL);
	r = control_send(fd, what, sizeof what - 1, master);
	return r < 0 ? error_set(err, -r, "send terminal to", path, NULL) : 0;
}
