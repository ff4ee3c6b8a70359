#include "kernel/do/overlay_mount.h"

#include "kernel/base/cleanup.h"
#include "kernel/do/overlay_options.h"
#include "kernel/do/rootpath.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>

enum { VALUE_MAX = 255 /* bytes of a value that fsconfig(2) takes */ };

/* A name in a list, with the mark that parts it from the one before. False when it does not fit. */
static bool add(char *out, size_t size, size_t *at, const char *text)
{
	size_t n = strlen(text);

	if (*at + n >= size)
		return false;
	memcpy(out + *at, text, n + 1);
	*at += n;
	return true;
}

/* As overlay_options() does: colons and commas part the options. */
static bool add_escaped(char *out, size_t size, size_t *at, const char *path)
{
	char one[3] = "\\";

	for (; *path; path++) {
		bool special = strchr(",:\\", *path);
		one[special] = *path;
		one[special + 1] = '\0';
		if (!add(out, size, at, one))
			return false;
		one[0] = '\\';
	}
	return true;
}

/* ---- one by one ---------------------------------------------------------------------------- */

static bool say(int fs, const char *key, const char *value)
{
	return strlen(value) <= VALUE_MAX &&
	       syscall(SYS_fsconfig, fs, FSCONFIG_SET_STRING, key, value, 0) == 0;
}

/* In "lowerdir+" a backslash is one, in the other two it is not. */
static bool say_directory(int fs, const char *key, const char *path)
{
	char value[VALUE_MAX + 1];
	size_t n = 0;

	return add_escaped(value, sizeof value, &n, path) && say(fs, key, value);
}

static bool say_all(int fs, const struct overlay_source *o, bool userxattr)
{
	for (size_t i = 0; i < o->n_layers; i++)
		if (!say(fs, "lowerdir+", o->layers[i]))
			return false;
	if (o->upper &&
	        !(say_directory(fs, "upperdir", o->upper) && say_directory(fs, "workdir", o->work)))
		return false;
	if (o->is_volatile && syscall(SYS_fsconfig, fs, FSCONFIG_SET_FLAG, "volatile", NULL, 0) < 0)
		return false;
	return !userxattr ||
	       syscall(SYS_fsconfig, fs, FSCONFIG_SET_FLAG, "userxattr", NULL, 0) == 0;
}

/* -ENOSYS: this kernel, or a path, does not allow it. */
static int mount_one_by_one(
        const struct overlay_source *o, bool userxattr, const char *point, unsigned long flags)
{
	auto_close fs = (int)syscall(SYS_fsopen, "overlay", FSOPEN_CLOEXEC);
	auto_close made = -1;

	if (fs < 0 || !say_all(fs, o, userxattr))
		return -ENOSYS;
	if (syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return -errno;
	made = (int)syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC,
	        flags & MS_RDONLY ? (unsigned)MOUNT_ATTR_RDONLY : 0u);
	if (made < 0 ||
	        syscall(SYS_move_mount, made, "", AT_FDCWD, point, MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return -errno;
	return 0;
}

/* ---- by descriptors ------------------------------------------------------------------------ */

/* Opens the layers from `i` on, adds their names, and mounts; a level each, so that the
 * descriptors are closed again without a list of them. */
static int mount_opened(const struct overlay_source *o, size_t i, char *options, size_t at,
        const char *rest, const char *point, unsigned long flags)
{
	char name[FD_PATH_SIZE];
	auto_close layer = -1;

	if (i == o->n_layers) {
		if (!add(options, OVERLAY_OPTIONS_MAX + 1, &at, rest))
			return -E2BIG;
		return mount("overlay", point, "overlay", flags, options) < 0 ? -errno : 0;
	}
	layer = open(o->layers[i], O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (layer < 0)
		return -errno;
	if (!add(options, OVERLAY_OPTIONS_MAX + 1, &at, i ? ":" : "lowerdir=") ||
	        !add(options, OVERLAY_OPTIONS_MAX + 1, &at, fd_path(layer, name)))
		return -E2BIG;
	return mount_opened(o, i + 1, options, at, rest, point, flags);
}

/* What follows the lower directories. */
static const char *after_layers(const struct overlay_source *o, const char *options)
{
	size_t n = strlen("lowerdir=") + (o->n_layers ? o->n_layers - 1 : 0);

	for (size_t i = 0; i < o->n_layers; i++)
		for (const char *p = o->layers[i]; *p; p++)
			n += strchr(",:\\", *p) ? 2 : 1;
	return options + n;
}

int overlay_mount(const struct overlay_source *o, bool userxattr, const char *options,
        const char *point, unsigned long flags)
{
	char shorter[OVERLAY_OPTIONS_MAX + 1] = "";
	int r;

	if (strlen(options) <= OVERLAY_OPTIONS_MAX)
		return mount("overlay", point, "overlay", flags, options) < 0 ? -errno : 0;
	r = mount_one_by_one(o, userxattr, point, flags);
	return r == -ENOSYS ? mount_opened(o, 0, shorter, 0, after_layers(o, options), point, flags)
	                    : r;
}

void overlay_mount_explain(
        const struct overlay_source *o, bool userxattr, const char *options, struct buf *out)
{
	if (strlen(options) <= OVERLAY_OPTIONS_MAX) {
		buf_addf(out, "mount(\"overlay\", \"%s\", \"overlay\", 0, \"%s\")", o->merged,
		        options);
		return;
	}
	buf_add(out, "fs = fsopen(\"overlay\")\n");
	buf_addf(out, "fsconfig(fs, FSCONFIG_SET_STRING, \"lowerdir+\", \"%s\")\n", o->layers[0]);
	buf_addf(out,
	        "… and %zu more layers: together they do not fit the 4096 bytes of options of "
	        "mount(2)\n",
	        o->n_layers - 1);
	buf_addf(out,
	        "fsconfig(fs, FSCONFIG_SET_STRING, \"upperdir\", \"%s\")\n"
	        "fsconfig(fs, FSCONFIG_SET_STRING, \"workdir\", \"%s\")\n",
	        o->upper, o->work);
	if (userxattr)
		buf_add(out, "fsconfig(fs, FSCONFIG_SET_FLAG, \"userxattr\")\n");
	buf_addf(out, "move_mount(fsmount(fs), \"\", AT_FDCWD, \"%s\")", o->merged);
}
