/* What went wrong, told so that a learner can act on it: operation, object, cause, what to do.
 *
 * Every function of ours that can fail returns a negative errno and, where it takes a
 * `struct error *`, fills it. Libraries never print: the shell does, with error_format(). */
#pragma once

#include <stddef.h>

struct buf;

struct error {
	int code;           /* positive errno; 0 = no error recorded */
	char operation[64]; /* what was tried: "mount overlay" */
	char object[256];   /* on what: a path, a name, a pid */
	char cause[256];    /* why it failed, in words that hold here */
	char advice[256];   /* what to do about it; may be empty */
};

/* Records a failure and returns -code. `code` is a positive errno (0 becomes EIO). `cause_format`
 * NULL means strerror(code). `err` may be NULL: then only the return value carries the failure.
 * An error that is already recorded is kept: the first cause is the true one. */
int error_set(struct error *err, int code, const char *operation, const char *object,
        const char *cause_format, ...) __attribute__((format(printf, 5, 6)));

/* Adds what the person can do. Keeps an advice that is already there. */
void error_advise(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Appends "operation: object: cause (ERRNO)" and, on a line of its own, the advice. No newline at
 * the end. Bytes that a terminal would act upon are shown escaped, see shown.h. */
void error_format(const struct error *err, struct buf *out);
