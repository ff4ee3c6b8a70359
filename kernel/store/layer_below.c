#include "kernel/store/layer_below.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/overlay_look.h"
#include "kernel/do/copy_up.h"

#include <errno.h>
#include <fcntl.h>

/* 0, and ret->parent is the caller's to close; or -ENOENT. */
static int find(struct layer_below *b, int root, const char *path, struct overlay_look *ret)
{
	struct overlay_look own = {.parent = -1};
	int r = b ? overlay_look(root, path, &own) : -ENOENT;

	cleanup_fd(&own.parent);
	if (r < 0 || own.word != OVERLAY_NOTHING)
		return r < 0 ? r : -ENOENT;
	for (size_t i = 0; i < b->n; i++) {
		auto_close layer = open(b->directories[i], O_PATH | O_DIRECTORY | O_CLOEXEC);
		r = layer < 0 ? -errno : overlay_look(layer, path, ret);
		if (r == 0 && ret->word == OVERLAY_HAS) {
			b->used = true;
			return 0;
		}
		if (r < 0 || ret->word != OVERLAY_NOTHING)
			return r < 0 ? r : -ENOENT;
	}
	return -ENOENT;
}

int layer_below_directory(struct layer_below *b, int root, const char *path, struct stat *ret)
{
	struct overlay_look f = {.parent = -1};
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
	struct overlay_look f = {.parent = -1};
	int r = find(b, root, path, &f);

	if (r < 0)
		return r;
	r = copy_up_file(f.parent, parent, f.name);
	cleanup_fd(&f.parent);
	return r;
}
