#include "kernel/store/layer_directory.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/do/subid.h"
#include "kernel/store/layer.h"
#include "kernel/store/store_read.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static int unpack_into(const struct layout *from, const char *digest, const char *diff_id,
        const char *path, uid_t shift, struct error *err)
{
	auto_close blob = layout_open_blob(from, digest, err);
	auto_close root = -1;

	if (blob < 0)
		return blob;
	if (mkdir(path, 0755) < 0)
		return error_set(err, errno, "unpack layer", path, NULL);
	root = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (root < 0 || (geteuid() == 0 && fchown(root, shift, shift) < 0) ||
	        fchmod(root, 0755) < 0)
		return error_set(err, errno, "unpack layer", path, NULL);
	return layer_unpack(blob, digest, diff_id, root, shift, err);
}

/* The lock makes the temporary name nobody else's; one that a crash left is removed. */
int layer_to_directory(const struct layout *from, const char *digest, const char *diff_id,
        const char *path, uid_t shift, struct error *err)
{
	auto_free char *temporary = NULL,
	               *parent = strndup(path, (size_t)(strrchr(path, '/') - path));
	int r;

	if (!parent || asprintf(&temporary, "%s/.unpacking", parent) < 0)
		return error_set(err, ENOMEM, "unpack layer", path, NULL);
	r = dir_make(parent, 0700);
	if (r < 0)
		return error_set(err, -r, "make directory", parent, NULL);
	r = subid_remove_tree(AT_FDCWD, temporary);
	if (r < 0)
		return error_set(err, -r, "remove unfinished layer", temporary, NULL);
	r = unpack_into(from, digest, diff_id, temporary, shift, err);
	if (r == 0 && rename(temporary, path) < 0)
		r = error_set(err, errno, "unpack layer", path, NULL);
	if (r < 0)
		subid_remove_tree(AT_FDCWD, temporary);
	return r;
}

struct job {
	const struct layout *from;
	const char *digest, *diff_id, *path;
	uid_t shift;
};

static int unpack(void *argument, struct error *err)
{
	const struct job *j = argument;

	return layer_to_directory(j->from, j->digest, j->diff_id, j->path, j->shift, err);
}

int layer_directory_want(const struct layout *store, const struct layout *from, const char *digest,
        const char *diff_id, uid_t uid_offset, char **ret, int *ret_held, struct error *err)
{
	auto_close lock = layout_lock(store, err);
	auto_free char *path = NULL;
	struct job j = {.from = from, .digest = digest, .diff_id = diff_id};
	int r = lock < 0 ? lock : store_layer_path(diff_id, uid_offset, &path, err);

	if (r < 0)
		return r;
	j.path = path;
	if (access(path, F_OK) < 0) {
		/* An ordinary user's subordinate ids exist in a user namespace only, and there the
		 * map does the shifting. */
		bool inside = geteuid() != 0 && uid_offset;
		j.shift = inside ? 0 : uid_offset;
		r = inside ? subid_run(unpack, &j, err) : unpack(&j, err);
	}
	if (r == 0)
		r = layer_directory_hold(path, ret_held, err);
	if (r == 0)
		*ret = steal_ptr(path);
	return r;
}
