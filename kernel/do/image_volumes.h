/* Volumes that an image asks for: config.Volumes, "a set of directories describing where the
 * process is likely to write data specific to a container instance" (OCI image specification 1.1,
 * config.md).
 *
 * Each is a directory of the container's own, DATA/containers/NAME/volumes/N, seen at its place: it
 * begins as a copy of what the image has there, what is written to it is in no layer, and it goes
 * with the container. docker and podman call it an anonymous volume. A volume that the command line
 * puts at the same place is there instead. */
#pragma once

#include "kernel/base/error.h"
#include "kernel/do/config.h"
#include "kernel/do/options.h"

#include <stdbool.h>

struct image_volumes {
	struct volume_option *all; /* those of the options first: their texts are borrowed */
	size_t n, n_given;
};

/* `data` is DATA/containers/NAME. -EINVAL: an image that wants one where none can be. Nothing is
 * made. */
int image_volumes_plan(const struct container_options *o, const char *image_config,
        const char *data, struct image_volumes *ret, struct error *err);
void image_volumes_release(struct image_volumes *v);

/* Whether the mount is of such a directory. */
bool image_volumes_is_one(const struct mount_spec *m, const char *data);
/* Makes those directories, empty, for `owner`. */
int image_volumes_make(
        const struct config *c, const char *data, uid_t owner, gid_t group, struct error *err);
/* For a child with the rights to do it: fills one that is empty with what is at the place that it
 * is to cover. `tree` and `place` are open, O_PATH. -errno. */
int image_volumes_fill(int tree, int place);
