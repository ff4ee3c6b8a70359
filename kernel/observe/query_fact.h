/* The name of a fact taken apart. Internal to kernel/observe. */
#pragma once

#include "kernel/base/buf.h"
#include "kernel/observe/model.h"

struct query_parts {
	const struct model_container *container; /* NULL = there is none of that name now */
	const char *name;                        /* not terminated: name_length bytes */
	size_t name_length;
	const char *attribute; /* behind the name: "ns.uts"; "" for the container itself */
};

/* Takes "container.NAME.ATTRIBUTE" apart; false when it is not of that form. The parts point into
 * `fact`. */
bool query_split(const struct model *m, const char *fact, struct query_parts *ret);

/* query.c: a number as facts have it; the place of "uts" among the namespaces, -1 = none. */
void query_number(struct buf *out, uint64_t value);
int query_ns_type(const char *name);
/* query_container.c: "container.NAME" or "container.NAME.ATTRIBUTE". Errors as query_fact(). */
int query_container(const struct model *m, const char *fact, struct buf *out);
/* query_image.c: "NAME" or "NAME.ATTRIBUTE", as behind "image."; all that there are; and what the
 * container has written at a path, "" for nothing. Errors as query_fact(). */
int query_image(const struct model *m, const char *fact, struct buf *out);
/* How many bytes of `rest` (behind "image.") are the name; the attribute follows after a dot. */
size_t query_image_name(const char *rest);
void query_image_list(const struct model *m, struct buf *out);
/* query_connection.c: "NAME" or "NAME.ATTRIBUTE", as behind "daemon.". Errors as query_fact(). */
int query_daemon(const struct model *m, const char *fact, struct buf *out);
void query_daemon_list(const struct model *m, struct buf *out);
int query_upper(const struct model_container *c, const char *path, struct buf *out);
