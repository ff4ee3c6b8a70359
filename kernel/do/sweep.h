/* Removing what is left: by labs that ended, by containers whose monitor is gone.
 *
 *   RUNTIME/labs/ID/         of a lab; its ledger belongs to the lab's keeper, and the names in its
 *                            list of images (kernel/store/lab_images.h) are taken back
 *   RUNTIME/containers/NAME/ of a container; its ledger belongs to the container's monitor
 *   DATA/containers/NAME/    the container's own files
 *
 * Whose owner lives is left alone. Every function may be called again, and by two processes at
 * once: what is gone is gone. */
#pragma once

#include "kernel/base/buf.h"
#include "kernel/base/error.h"

#include <stdbool.h>

/* The environment variable that marks the processes of a lab. */
#define LAB_VARIABLE "CUTAWAY_LAB"

struct sweep_options {
	bool all;     /* also what is in use: running labs and containers are ended, those that
	                 exited are forgotten. The lab that the caller is in is kept. */
	bool dry_run; /* only report what would be removed */
};

/* Sweeps everything of this user. `report` (may be NULL) gets one line for each thing removed:
 * "cgroup /sys/fs/…", "container hand". Goes on after a failure; the first one is returned. */
int sweep(const struct sweep_options *options, struct buf *report, struct error *err);

/* Ends one lab, whoever owns it: its containers (monitors first, so that they tidy up themselves),
 * its ledger, the processes marked with its id except the caller and the caller's ancestors, and
 * its directory. */
int lab_sweep(const char *lab_id, struct buf *report, struct error *err);

/* Only the lab's containers: their monitors are asked to end, then what they left is undone. */
int lab_containers_end(const char *lab_id, struct buf *report, struct error *err);
