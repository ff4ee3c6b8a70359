#include "kernel/contents/upper.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/overlay_look.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

static void set_at(struct upper *u, const char *path, size_t n)
{
	if (n >= sizeof u->at)
		n = sizeof u->at - 1;
	memcpy(u->at, path, n);
	u->at[n] = '\0';
}

static enum upper_word word_of(enum overlay_word word)
{
	return word == OVERLAY_HAS        ? UPPER_HAS
	       : word == OVERLAY_WHITEOUT ? UPPER_WHITEOUT
	       : word == OVERLAY_OPAQUE   ? UPPER_OPAQUE
	                                  : UPPER_NOTHING;
}

int upper_look(const char *directory, const char *path, struct upper *ret, struct error *err)
{
	auto_close dir = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct overlay_look look = {.word = OVERLAY_HAS, .parent = -1};
	struct upper u = {.word = UPPER_NOTHING};
	int r = 0;

	if (dir < 0 || fstat(dir, &look.st) < 0)
		return error_set(err, errno, "look into upper directory", directory, NULL);
	if (path[strspn(path, "/")]) /* else the top itself */
		r = overlay_look(dir, path, &look);
	cleanup_fd(&look.parent);
	if (r < 0)
		return error_set(err, -r, "look into upper directory", path, NULL);
	u.word = word_of(look.word);
	u.stat = look.st;
	set_at(&u, path, look.at);
	*ret = u;
	return 0;
}

int upper_seen(pid_t pid, const char *path, struct stat *ret, struct error *err)
{
	struct open_how how = {
	        .flags = O_PATH | O_NOFOLLOW | O_CLOEXEC,
	        .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	char name[64];
	auto_close root = -1, fd = -1;

	snprintf(name, sizeof name, "/proc/%d/root", (int)pid);
	root = open(name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return error_set(err, errno, "open root of container", name, NULL);
	fd = (int)syscall(SYS_openat2, root, path, &how, sizeof how);
	if (fd < 0 || fstat(fd, ret) < 0)
		return error_set(err, errno, "look into container", path, NULL);
	return 0;
}
