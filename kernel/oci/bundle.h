/* A bundle: a directory with config.json and, mostly, the root file system; OCI runtime
 * specification, bundle.md. */
#pragma once

#include "kernel/base/buf.h"
#include "kernel/base/error.h"
#include "kernel/do/config.h"

#include <jansson.h>

/* What we speak, and what the state says. */
#define BUNDLE_OCI_VERSION "1.1.0"

struct bundle {
	char *path, *rootfs; /* absolute */
	json_t *json;
	struct buf text; /* the same, in one line */
	struct config *config;
};

/* Reads DIRECTORY/config.json, or `file` if that is not NULL: JSON of a version that we speak. What
 * a caller has to ask of it before the rest is looked at can be asked then. */
int bundle_read(const char *directory, const char *file, struct bundle *ret, struct error *err);
/* Checks all of it, and finds the root. Paths of bind mounts that are relative are made absolute.
 * What was made of it before a failure goes with bundle_release(). */
int bundle_parse(struct bundle *b, struct error *err);
void bundle_release(struct bundle *b);

/* Reads a file of JSON, 16 MiB at most. *ret is the caller's. */
int bundle_read_json(const char *path, json_t **ret, struct error *err);
/* A bundle that says nothing of capabilities gives none, as with runc and crun: ours would be all
 * of root's. Leaves out those that cannot be given, as config.md has it: those that we do not have
 * ourselves (in a user namespace all can be had), and ambient ones that are not inheritable and
 * permitted, capabilities(7). What is left out is said in `warnings` (may be NULL). */
void bundle_trim_capabilities(struct config *c, struct buf *warnings);
/* HOME of the user as /etc/passwd below `root` has it, unless the environment has one: programs
 * expect it, and engines leave it to the runtime. */
int bundle_add_home(struct config *c, const char *root, struct error *err);
