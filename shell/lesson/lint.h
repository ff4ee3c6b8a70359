/* What is wrong with a lesson: reading is lenient, this is not.
 *
 * lint_static() looks at the files; lint_proof() does the lesson (replay.h): twice, so that what it
 * leaves behind shows, and a third time with the solution scripts where there are any. */
#pragma once

#include "shell/lesson/scenario.h"

#include <stddef.h>

struct lint {
	const char *folder; /* of the lesson, as messages name it */
	/* One thing that is wrong: file relative to nothing (it begins with `folder`), line from 1.
	 */
	void (*finding)(void *data, const char *file, int line, const char *message);
	/* A page that could not be tried here, since a feature is missing. May be NULL. */
	void (*skipped)(void *data, const char *page, const char *missing);
	void *data;
	const char *after_step; /* as of replay.h, the first time that the lesson is done; NULL =
	                           none */
	size_t n;               /* findings so far */
};

/* Files, keys, links, texts, times. */
void lint_static(struct lint *l);
/* Does the lesson; only sensible when lint_static() found nothing. */
void lint_proof(struct lint *l);

/* For the parts of lint: tells one finding. `path` is relative to the folder. */
void lint_tell(struct lint *l, const char *path, int line, const char *format, ...)
        __attribute__((format(printf, 4, 5)));
