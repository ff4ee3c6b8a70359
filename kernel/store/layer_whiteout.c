#include "kernel/store/layer_whiteout.h"

#include "kernel/base/cleanup.h"
#include "kernel/store/layer_name.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

/* One for mounts by root, the other for those in a user namespace ("userxattr"). */
static const char of_root[] = "trusted.overlay.opaque", of_user[] = "user.overlay.opaque";

enum { FD_PATH = 64 };

static const char *path_of(int directory, char out[static FD_PATH])
{
	snprintf(out, FD_PATH, "/proc/self/fd/%d", directory);
	return out;
}

int layer_make_opaque(int directory)
{
	char path[FD_PATH];

	path_of(directory, path);
	if (setxattr(path, of_user, "y", 1, 0) < 0 && errno != ENOTSUP)
		return -errno;
	if (geteuid() == 0 && setxattr(path, of_root, "y", 1, 0) < 0 && errno != EPERM)
		return -errno;
	return 0;
}

int layer_make_opaque_at(int parent, const char *name)
{
	auto_close fd = openat(parent, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? -errno : layer_make_opaque(fd);
}

/* "this name is gone from here up". What this layer has under the name itself stays, whichever came
 * first: a directory then hides the one below (layer.md, "Whiteouts"). */
static int make_whiteout(int parent, const char *hidden)
{
	struct stat st;

	if (fstatat(parent, hidden, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return S_ISDIR(st.st_mode) ? layer_make_opaque_at(parent, hidden) : 0;
	return mknodat(parent, hidden, S_IFCHR, makedev(0, 0)) < 0 ? -errno : 0;
}

int layer_apply_whiteout(int parent, const char *name)
{
	const char *hidden = NULL;

	switch (layer_whiteout_of(name, &hidden)) {
	case WHITEOUT_NAME:
		return make_whiteout(parent, hidden);
	case WHITEOUT_OPAQUE:
		return layer_make_opaque(parent);
	case WHITEOUT_BAD:
		return -EBADMSG;
	default:
		return 0;
	}
}
