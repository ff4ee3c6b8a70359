#include "kernel/base/overlay_look.h"

#include "kernel/base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

bool overlay_is_whiteout(const struct stat *st)
{
	return S_ISCHR(st->st_mode) && st->st_rdev == makedev(0, 0);
}

/* One is of mounts by root, the other of those in a user namespace ("userxattr"). */
bool overlay_is_opaque(int directory)
{
	char path[64], value = 0;

	snprintf(path, sizeof path, "/proc/self/fd/%d", directory);
	return (getxattr(path, "user.overlay.opaque", &value, 1) == 1 ||
	               getxattr(path, "trusted.overlay.opaque", &value, 1) == 1) &&
	       value == 'y';
}

/* One name further. 1: go on, *at is that directory now. 0: *ret has the answer. */
static int step(int *at, const char *name, bool last, size_t so_far, struct overlay_look *ret)
{
	struct stat st;
	int next;

	if (fstatat(*at, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (overlay_is_whiteout(&st)) {
		ret->word = OVERLAY_WHITEOUT;
		ret->at = so_far;
		return 0;
	}
	if (last) {
		ret->word = OVERLAY_HAS;
		ret->st = st;
		ret->parent = *at;
		*at = -1;
		return 0;
	}
	if (!S_ISDIR(st.st_mode)) {
		ret->word = OVERLAY_OTHER;
		ret->at = so_far;
		return 0;
	}
	next = openat(*at, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (next < 0)
		return -errno;
	cleanup_fd(at);
	*at = next;
	if (overlay_is_opaque(next)) {
		ret->word = OVERLAY_OPAQUE;
		ret->at = so_far;
	}
	return 1;
}

int overlay_look(int floor, const char *path, struct overlay_look *ret)
{
	struct overlay_look look = {.word = OVERLAY_NOTHING, .parent = -1};
	auto_close at = fcntl(floor, F_DUPFD_CLOEXEC, 3);
	const char *p = path + strspn(path, "/");
	char name[NAME_MAX + 1];
	int r = at < 0 ? -errno : *p ? 1 : -EINVAL;

	while (r > 0) {
		size_t n = strcspn(p, "/"), more = strspn(p + n, "/");
		if (n > NAME_MAX)
			return -ENAMETOOLONG;
		memcpy(name, p, n);
		name[n] = '\0';
		look.name = p;
		r = step(&at, name, !p[n + more], (size_t)(p + n - path), &look);
		p += n + more;
	}
	if (r == 0)
		*ret = look;
	return r;
}
