#include "kernel/base/dirs.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"

#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The specification: a relative path in one of its variables is to be ignored. */
static const char *absolute_env(const char *name)
{
	const char *value = secure_getenv(name);

	return value && value[0] == '/' ? value : NULL;
}

/* What getpwuid(3) says without the libraries that it loads to ask others: in cutaway-oci, which is
 * linked statically, those could be an image's. */
static int home(char ret[static PATH_MAX])
{
	const char *value = absolute_env("HOME");
	auto_file file = value ? NULL : fopen("/etc/passwd", "re");
	struct passwd *entry;

	while (file && !value && (entry = fgetpwent(file)))
		if (entry->pw_uid == geteuid() && entry->pw_dir[0] == '/')
			value = entry->pw_dir;
	if (!value)
		value = "/";
	return snprintf(ret, PATH_MAX, "%s", value) < PATH_MAX ? 0 : -ENAMETOOLONG;
}

static int base_path(enum dirs_kind kind, char **ret)
{
	const char *env = absolute_env(kind == DIRS_DATA    ? "XDG_DATA_HOME"
	                               : kind == DIRS_STATE ? "XDG_STATE_HOME"
	                                                    : "XDG_RUNTIME_DIR");
	char own[PATH_MAX] = "";
	int n = env || kind == DIRS_RUNTIME ? 0 : home(own);

	if (n < 0)
		return n;
	if (env)
		n = asprintf(ret, "%s/cutaway", env);
	else if (kind == DIRS_DATA)
		n = asprintf(ret, "%s/.local/share/cutaway", own);
	else if (kind == DIRS_STATE)
		n = asprintf(ret, "%s/.local/state/cutaway", own);
	else if (geteuid() == 0)
		n = asprintf(ret, "/run/cutaway");
	else
		n = asprintf(ret, "/tmp/cutaway-%u", (unsigned)geteuid());
	return n < 0 ? -ENOMEM : 0;
}

static int check_owner(const char *path, struct error *err)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return error_set(err, errno, "open directory", path, NULL);
	if (!S_ISDIR(st.st_mode) || (st.st_uid != geteuid() && geteuid() != 0)) {
		error_set(err, EPERM, "open directory", path, "it belongs to somebody else");
		error_advise(err, "set XDG_RUNTIME_DIR to a directory of your own");
		return -EPERM;
	}
	return 0;
}

int dirs_path(enum dirs_kind kind, const char *below, bool create, char **ret, struct error *err)
{
	auto_free char *base = NULL, *path = NULL;
	int r = base_path(kind, &base);

	if (r < 0)
		return error_set(err, -r, "find directory", "cutaway", NULL);
	if ((below ? asprintf(&path, "%s/%s", base, below) : asprintf(&path, "%s", base)) < 0)
		return error_set(err, ENOMEM, "find directory", base, NULL);
	if (create) {
		r = dir_make(base, 0700);
		if (r == 0)
			r = check_owner(base, err);
		if (r == 0)
			r = dir_make(path, 0700);
		if (r < 0) {
			error_set(err, -r, "make directory", path, NULL);
			error_advise(err, "make it one that you can write to, or name another: "
			                  "XDG_STATE_HOME for progress, XDG_DATA_HOME for images");
			return r;
		}
	}
	/* Somebody else may have made it first, where all may write. */
	if (!create && access(base, F_OK) == 0 && (r = check_owner(base, err)) < 0)
		return r;
	*ret = steal_ptr(path);
	return 0;
}
