/* What is kept of a container between two calls of an OCI runtime: ROOT/ID/.
 *
 *   status   a line "config JSON": the configuration it was made of, as it was then; and lines
 *            "status JSON": who it is, its bundle, first process, control groups. The last one
 *            counts. A line is added and never changed, so that who reads meanwhile sees either.
 *            Of a container that waits to be started, the file is one JSON object until
 *            something of it changes: its status, and its configuration as the member "config".
 *   start    the socket its first process waits on; there as long as it is not started
 *
 * It is one file, since to make one is the most of what it costs.
 *
 * Whether it is running is never written down: it is looked up, each time. */
#pragma once

#include "kernel/base/error.h"
#include "kernel/base/process_id.h"
#include "kernel/do/cgroup/group.h"
#include "kernel/do/mount_join.h"

#include <jansson.h>
#include <stdbool.h>

enum record_status {
	RECORD_CREATING,
	RECORD_CREATED,
	RECORD_RUNNING,
	RECORD_PAUSED,
	RECORD_STOPPED
};

struct record {
	char *id, *directory, *bundle, *rootfs, *created;
	char *streams; /* where our standard streams lead, a JSON list; NULL = not looked at */
	json_t *annotations;
	struct process_id process;
	bool own_pids; /* its first process is pid 1 of a namespace: the others end with it */
	struct mount_id root_mount; /* what is to be unmounted where others live; 0 = nothing */
	char *groups[GROUP_PARTS_MAX];
	size_t n_groups;
	unsigned kept; /* one bit each: it was there before the container, and stays */
	int lock;      /* of the directory: one at a time creates, starts or deletes */
};

/* Letters, digits, '_', '+', '-' and '.', not beginning with a dot; up to 255. */
bool record_id_ok(const char *id);
/* `asked`, else $XDG_RUNTIME_DIR/cutaway-oci, else /run/cutaway-oci. The caller's. */
int record_root(const char *asked, char **ret, struct error *err);

/* Of that name; touches nothing. */
int record_new(const char *root, const char *id, struct record **ret, struct error *err);
/* Makes its directory, and locks it. -EEXIST when there is one of that id. */
int record_claim(struct record *r, const char *root, struct error *err);
bool record_claimed(const struct record *r);
/* -ENOENT: there is none. With `lock` it waits for its turn. */
int record_load(
        const char *root, const char *id, bool lock, struct record **ret, struct error *err);
/* The first time: with the configuration, JSON without line ends. */
int record_begin(struct record *r, const char *config, struct error *err);
int record_save(struct record *r, struct error *err);
/* The same as one JSON object, which others can read as well. */
int record_save_whole(struct record *r, struct error *err);
/* Another configuration than before. */
int record_save_config(struct record *r, const json_t *config, struct error *err);
int record_load_config(const struct record *r, json_t **ret, struct error *err);
void record_unlock(struct record *r);
/* Removes the directory. */
int record_remove(struct record *r, struct error *err);
void record_free(struct record *r); /* accepts NULL */

enum record_status record_status(const struct record *r);
const char *record_status_name(enum record_status status);
/* The state of runtime.md, as `state` prints it and hooks read it. The caller's. */
json_t *record_state(const struct record *r, const char *status);
/* The ids below `root`, sorted: a JSON list of texts. The caller's. */
int record_list(const char *root, json_t **ret, struct error *err);
