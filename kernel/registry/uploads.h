/* Uploads that have begun and not ended: each a blob in the making (kernel/store/blob.h), found
 * again by a random id. They live in this process: when it ends, however it ends, what they wrote
 * is nobody's, and store_collect() takes it away. */
#pragma once

#include "kernel/base/error.h"
#include "kernel/store/blob.h"
#include "kernel/store/repository.h"

enum { UPLOAD_ID = 32 + 1 };

struct uploads;

struct upload {
	char id[UPLOAD_ID];
	char name[REPOSITORY_NAME_MAX + 1]; /* the repository it is for */
	struct blob_writer *writer;
	/* of uploads.c: */
	struct upload *next;
	time_t touched;
	bool taken;
};

/* `l` is borrowed. NULL: no memory. */
struct uploads *uploads_new(const struct layout *l);
void uploads_free(struct uploads *u);

/* Begins one; it is the caller's alone until given back or ended. -EUSERS: there are too many.
 * Those that nobody touched for an hour are ended. */
int uploads_begin(struct uploads *u, const char *name, enum digest_algorithm algorithm,
        struct upload **ret, struct error *err);
/* -ENOENT: no such one in that repository. -EBUSY: somebody else has it. */
int uploads_take(struct uploads *u, const char *name, const char *id, struct upload **ret);
void uploads_give_back(struct uploads *u, struct upload *upload);
/* Ends it, finished or not. */
void uploads_end(struct uploads *u, struct upload *upload);
