#include "kernel/store/layer_below.h"

#include "kernel/base/cleanup.h"
#include "kernel/do/copy_up.h"
#include "kernel/store/layer_whiteout.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>

/* A file that was found: the directory that it is in. */
struct found {
	int parent;
	const char *name;
	struct stat st;
};

/* Goes along `path` in one layer. 1: found. 0: not in this one. *hides is set when those below it
 * are not to be asked: something else is in the place, or a directory on the way is opaque. */
static int look(int layer, const char *path, bool *hides, struct found *ret)
{
	auto_close at = fcntl(layer, F_DUPFD_CLOEXEC, 3);
	char part[NAME_MAX + 1];
	struct stat st;

	for (;;) {
		size_t n = strcspn(path, "/"), more = strspn(path + n, "/");
		int next;
		if (at < 0 || !n || n > NAME_MAX)
			return at < 0 ? -errno : -ENOENT;
		memcpy(part, path, n);
		part[n] = '\0';
		if (fstatat(at, part, &st, AT_SYMLINK_NOFOLLOW) < 0)
			return errno == ENOENT ? 0 : -errno;
		if (layer_is_whiteout(&st) || (path[n + more] && !S_ISDIR(st.st_mode))) {
			*hides = true;
			return 0;
		}
		if (!path[n + more])
			break;
		next = openat(at, part, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		cleanup_fd(&at);
		at = next;
		*hides |= at >= 0 && layer_is_opaque(at);
		path += n + more;
	}
	*ret = (struct found){.parent = steal_fd(&at), .name = path, .st = st};
	return 1;
}

/* 0 and what is the caller's to close, or -ENOENT. */
static int find(struct layer_below *b, int root, const char *path, struct found *ret)
{
	struct found own = {.parent = -1};
	bool hides = false;
	int r = b ? look(root, path, &hides, &own) : -ENOENT;

	if (r > 0)
		cleanup_fd(&own.parent);
	for (size_t i = 0; r == 0 && !hides && i < b->n; i++) {
		auto_close layer = open(b->directories[i], O_PATH | O_DIRECTORY | O_CLOEXEC);
		r = layer < 0 ? -errno : look(layer, path, &hides, ret);
		if (r > 0) {
			b->used = true;
			return 0;
		}
	}
	return r < 0 ? r : -ENOENT;
}

int layer_below_directory(struct layer_below *b, int root, const char *path, struct stat *ret)
{
	struct found f = {.parent = -1};
	int r = find(b, root, path, &f);

	if (r < 0)
		return r;
	cleanup_fd(&f.parent);
	if (!S_ISDIR(f.st.st_mode))
		return -ENOENT;
	*ret = f.st;
	return 0;
}

int layer_below_copy(struct layer_below *b, int root, const char *path, int parent)
{
	struct found f = {.parent = -1};
	int r = find(b, root, path, &f);

	if (r < 0)
		return r;
	r = S_ISDIR(f.st.st_mode) ? -EISDIR : copy_up_file(f.parent, parent, f.name);
	cleanup_fd(&f.parent);
	return r;
}
