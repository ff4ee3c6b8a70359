#include "kernel/store/layer_directory.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/dirs.h"
#include "kernel/base/file.h"
#include "kernel/do/subid.h"
#include "kernel/store/layer.h"
#include "kernel/store/layer_below.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int unpack_into(const struct layer_request *q, const char *path, uid_t shift,
        struct layer_below *below, struct error *err)
{
	auto_close blob = layout_open_blob(q->from, q->digest, err);
	auto_close root = -1;

	if (blob < 0)
		return blob;
	if (mkdir(path, 0755) < 0)
		return error_set(err, errno, "unpack layer", path, NULL);
	root = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (root < 0 || (geteuid() == 0 && fchown(root, shift, shift) < 0) ||
	        fchmod(root, 0755) < 0)
		return error_set(err, errno, "unpack layer", path, NULL);
	return layer_unpack(blob, q->digest, q->diff_id, root, shift, below, err);
}

static int rename_to(
        const char *temporary, const struct layer_request *q, bool on_others, struct error *err)
{
	auto_free char *path = NULL;
	int r = on_others ? store_layer_path_on(q->diff_id, q->key, &q->chain, &path, err)
	                  : store_layer_path(q->diff_id, q->key, &path, err);

	if (r == 0 && rename(temporary, path) < 0)
		r = error_set(err, errno, "unpack layer", path, NULL);
	return r;
}

/* The lock makes the temporary name nobody else's; one that a crash left is removed. */
int layer_to_directory(const struct layer_request *q, uid_t shift, struct error *err)
{
	struct layer_below below = {.directories = q->below, .n = q->n_below};
	auto_free char *temporary = NULL, *parent = NULL;
	int r = dirs_path(DIRS_DATA, "layers", false, &parent, err);

	if (r < 0)
		return r;
	if (asprintf(&temporary, "%s/.unpacking", parent) < 0)
		return error_set(err, ENOMEM, "unpack layer", q->diff_id, NULL);
	r = dir_make(parent, 0700);
	if (r < 0)
		return error_set(err, -r, "make directory", parent, NULL);
	r = subid_remove_tree(AT_FDCWD, temporary);
	if (r < 0)
		return error_set(err, -r, "remove unfinished layer", temporary, NULL);
	r = unpack_into(q, temporary, shift, &below, err);
	if (r == 0)
		r = rename_to(temporary, q, below.used, err);
	if (r < 0)
		subid_remove_tree(AT_FDCWD, temporary);
	return r;
}

struct job {
	const struct layer_request *request;
	const char *data; /* what one's home would be looked for from, as root in there */
	uid_t shift;
};

static int unpack(void *argument, struct error *err)
{
	const struct job *j = argument;

	if (j->data && setenv("XDG_DATA_HOME", j->data, 1) < 0)
		return error_set(err, errno, "unpack layer", j->request->diff_id, NULL);
	return layer_to_directory(j->request, j->shift, err);
}

/* An ordinary user's subordinate ids exist in a user namespace only, and there the map does the
 * shifting. */
static int unpack_for(const struct layer_request *q, struct error *err)
{
	struct job j = {.request = q, .shift = q->key};
	auto_free char *data = NULL;
	int r;

	if (geteuid() == 0 || !q->key)
		return unpack(&j, err);
	r = dirs_path(DIRS_DATA, NULL, true, &data, err);
	if (r < 0)
		return r;
	*strrchr(data, '/') = '\0'; /* what "/cutaway" was joined to */
	j.data = data;
	j.shift = 0;
	return subid_run(unpack, &j, err);
}

int layer_directory_want(const struct layout *store, const struct layer_request *q, char **ret,
        int *ret_held, struct error *err)
{
	auto_close lock = layout_lock(store, err);
	auto_free char *path = NULL;
	int r;

	if (lock < 0)
		return lock;
	r = store_layer_find(q->diff_id, q->key, &q->chain, &path);
	if (r == -ENOENT) {
		r = unpack_for(q, err);
		if (r == 0)
			r = store_layer_find(q->diff_id, q->key, &q->chain, &path);
	}
	if (r == 0)
		r = layer_directory_hold(path, ret_held, err);
	if (r < 0)
		return error_set(err, -r, "unpack layer", q->diff_id, NULL);
	*ret = steal_ptr(path);
	return 0;
}
