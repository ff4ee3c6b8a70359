/* The file `status` of a container that record.h keeps: its lines, written and read. What of it
 * others ask for is in record.h: record_begin(), record_save() and their like. */
#pragma once

#include "kernel/oci/record.h"

/* Where it is; the caller's. */
int record_file_path(const struct record *r, char **ret, struct error *err);
/* The status that counts, the caller's. -ENOENT: whoever makes the container has not come so far.
 */
int record_file_status(const struct record *r, json_t **ret, struct error *err);
/* Says that there is no memory to keep the container of this id; -ENOMEM. */
int record_no_memory(struct error *err, const char *id);
