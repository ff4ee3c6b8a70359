/* A step: one thing asked of the kernel on the way to a container, as data.
 *
 * It can explain itself with its real arguments, be performed, be verified by reading the machine
 * back from outside, and, where the kernel allows it, be undone. The plan that is printed, the
 * list that is walked through one key at a time and the list that runs at full speed are the same
 * records. */
#pragma once

#include "kernel/base/buf.h"
#include "kernel/base/error.h"

#include <stdbool.h>

struct build;
struct step;

/* Who makes the call: the parent outside, or the child about itself (unshare(2) and its like only
 * ever change the caller). */
enum step_where { STEP_HOST, STEP_CHILD };

struct explanation {
	struct buf call;  /* the system call with its flags and arguments */
	struct buf shell; /* what one would type for the same */
	struct buf why;   /* one sentence */
};

/* A failure told by the child, which may neither allocate nor format: plain bytes. */
struct child_error {
	int code; /* positive errno */
	char operation[48];
	char object[200];
};

struct step_ops {
	const char *id;    /* "namespace-uts"; stable: lessons name it */
	const char *title; /* "a host name of its own" */
	const char *man;   /* "unshare(2), uts_namespaces(7)" */
	enum step_where where;
	bool reversible;   /* undo works on the living process; else it has to be built again */
	bool after_child;  /* the host part needs all child parts before it done */
	bool beside_child; /* it takes its time, and the child need not wait with those before it */
	const void *data;  /* for operations shared by several steps */

	void (*explain)(const struct step *s, const struct build *b, struct explanation *e);
	/* The part the parent does; may be NULL. */
	int (*host_apply)(const struct step *s, struct build *b, struct error *err);
	int (*host_undo)(const struct step *s, struct build *b, struct error *err);
	/* The part the child does; may be NULL. No stdio, no allocation. */
	int (*child_apply)(const struct step *s, struct build *b, struct child_error *fail);
	int (*child_undo)(const struct step *s, struct build *b, struct child_error *fail);
	/* Reads back from outside what is true now, one line a fact, into `seen`; an error when it
	 * is not as wanted. */
	int (*verify)(
	        const struct step *s, const struct build *b, struct buf *seen, struct error *err);
	/* Says what errno means in this step: adds cause and advice. May be NULL. */
	void (*diagnose)(const struct step *s, const struct build *b, int code, struct error *err);
};

enum step_state { STEP_STATE_TODO, STEP_STATE_DONE, STEP_STATE_FAILED };

struct step {
	const struct step_ops *ops;
	enum step_state state;
	char error[512];  /* one line, when failed */
	char advice[256]; /* what to do about it, may be "" */
};

/* All steps in the order in which they are performed, ended by NULL. */
extern const struct step_ops *const step_order[];

void explanation_release(struct explanation *e);

/* Records a failure in the child and returns -code. `object` may be NULL. */
int child_fail(struct child_error *fail, int code, const char *operation, const char *object);
/* The same as an error of ours, with the step's own diagnosis. */
int step_failed(const struct step *s, const struct build *b, const struct child_error *fail,
        struct error *err);
/* An error of the parent's part, which need not have said which step it is in: says so, and
 * diagnoses it when nobody has. */
void step_name_failure(const struct step *s, const struct build *b, int r, struct error *err);
/* For verify functions: an error "verify ID: object: cause". */
int step_unverified(const struct step *s, struct error *err, const char *object, const char *format,
        ...) __attribute__((format(printf, 4, 5)));
