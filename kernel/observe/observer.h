/* Reads the machine into a model. Readers take directory descriptors, so that a recorded tree
 * serves as well as the real one. Needs no privilege; what it may not read stays unknown. */
#pragma once

#include "kernel/base/error.h"
#include "kernel/observe/changes.h"
#include "kernel/observe/model.h"

struct observer;

struct observer_options {
	const char *root;    /* directory that holds proc/ and sys/fs/cgroup/; NULL or "/" = this
	                        machine */
	const char *runtime; /* our runtime directory (containers/NAME/state.json); NULL =
	                        dirs_path() */
	bool no_network;     /* leave links out */
};

int observer_new(const struct observer_options *options, struct observer **ret, struct error *err);
void observer_free(struct observer *o);

/* One observation. *ret is the caller's (model_free). What vanishes while it is read is left out.
 */
int observer_read(struct observer *o, struct model **ret, struct error *err);
/* The same when it is known which processes something was told of since the last observation of
 * this observer (watch.h): the others are taken from there (process_cache.h). */
int observer_read_changed(struct observer *o, const struct observer_changes *changes,
        struct model **ret, struct error *err);
