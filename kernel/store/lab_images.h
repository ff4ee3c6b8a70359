/* The images that a lab made or fetched: their names go with the lab, as all it made does.
 *
 *   RUNTIME/labs/ID/images   a line "NAME\tDIGEST" each, written before the name is in the index;
 *                            NAME is empty for an image without one
 *
 *   RUNTIME/labs/ID/repositories   a line "NAME" each, of repositories that a registry of the lab
 * has made in our store (repository.h)
 *
 * A name that the learner had before stays, also when the lab moved it; so do the base images,
 * which are made once for all. */
#pragma once

#include "kernel/base/buf.h"
#include "kernel/base/error.h"
#include "kernel/store/layout.h"

#include <stdbool.h>

/* Writes down that `name` is about to be given to `digest`, when this process belongs to a lab
 * (CUTAWAY_LAB) and `l` is our store. `index` is how things are now. Call under the layout's lock.
 */
int lab_images_note(const struct layout *l, const json_t *index, const char *name,
        const char *digest, struct error *err);

/* The same for a repository that is about to be made. */
int lab_repositories_note(const struct layout *l, const char *name, struct error *err);

/* Takes the names of a lab away, where they still mean the same image, and what nothing needs then.
 * `report` (may be NULL) gets "image NAME" lines; with `dry_run` that is all. */
int lab_images_undo(const char *lab_directory, bool dry_run, struct buf *report, struct error *err);
