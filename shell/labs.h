/* Which labs there are: for those who want to look at one. A lab is to be found below the runtime
 * directory of its user (lab.h), which lets nobody else in but root. */
#pragma once

#include "kernel/base/buf.h"
#include "kernel/base/error.h"

#include <stdbool.h>
#include <stddef.h>

enum { LAB_ID_SIZE = 64 };

struct lab_found {
	char id[LAB_ID_SIZE];
	char *runtime; /* the runtime directory that it is in */
	char *user;    /* whose */
	char *lesson;  /* title; "" = none is open */
	int step;      /* page, from 0 */
	bool alive;    /* false = it was killed, and nobody has cleared it away yet */
};

struct lab_list {
	struct lab_found *labs;
	size_t n;
};

/* Those of this user; as root also those of others, where their runtime directory is a usual one
 * (/run/user/UID, /tmp/cutaway-UID). With `runtime` those of that directory alone. A directory that
 * is not there has none. */
int labs_find(const char *runtime, struct lab_list *ret, struct error *err);
void labs_release(struct lab_list *list);
/* A line for each: name, lesson, page, user; clean for a terminal. */
void labs_describe(const struct lab_list *list, struct buf *out);
