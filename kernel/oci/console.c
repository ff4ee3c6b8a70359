#include "kernel/oci/console.h"

#include "kernel/base/cleanup.h"
#include "kernel/do/child.h"

int console_send(const char *path, int master, struct error *err)
{
	auto_close fd = control_connect(path);
	static const char what[] = "/dev/ptmx";
	int r;

	if (fd < 0)
		return error_set(err, -fd, "connect to console socket", path, NULL);
	r = control_send(fd, what, sizeof what - 1, master);
	return r < 0 ? error_set(err, -r, "send terminal to", path, NULL) : 0;
}
