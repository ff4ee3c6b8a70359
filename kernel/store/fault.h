/* What is wrong with a layout, one entry a fault: where, what, and which part of the OCI image
 * specification 1.1 says so. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum fault_level {
	FAULT_BROKEN,  /* it cannot be used as it is */
	FAULT_AGAINST, /* against the specification, and still it can be used */
	FAULT_NOTE,    /* allowed, but it is not as it should be */
};

/* In a list the file, at and text are its own. */
struct fault {
	enum fault_level level;
	int code;            /* EBADMSG; ENOENT when something is missing */
	const char *file;    /* in the layout: "index.json", "blobs/sha256/…" */
	const char *role;    /* of that file: "manifest"; "" when it is what it is called */
	const char *at;      /* in that file: "layers[0].size"; may be "" */
	const char *text;    /* as it came from outside: to be shown escaped */
	const char *section; /* "manifest.md, 'Image Manifest Property Descriptions'" */
};

enum { FAULTS_MAX = 1000 }; /* a hostile layout can have any number */

struct faults {
	struct fault *list;
	size_t n, cap;
	size_t more; /* that came after FAULTS_MAX */
	bool failed; /* no memory */
};

/* Takes the texts over as copies. */
void faults_add(struct faults *f, const struct fault *fault);
void faults_release(struct faults *f);
size_t faults_count(const struct faults *f, enum fault_level level);
