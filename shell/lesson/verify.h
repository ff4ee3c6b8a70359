/* Scripts of a lesson: the check of a page, what runs when a page opens, the solution.
 *
 * They run through bash whatever their mode bits and first line say. A check passes as Killercoda
 * has it, with exit status 0, or as Katacoda had it, by printing the word "done"; a script that
 * prints it somewhere must print it, since such scripts end with 0 either way. */
#pragma once

#include "kernel/base/buf.h"
#include "kernel/base/error.h"
#include "shell/lesson/scenario.h"

#include <stdbool.h>
#include <stddef.h>

/* One condition that does not hold, as `cutaway check` wrote it to the file in CUTAWAY_UNMET. */
struct verify_unmet {
	char *fact, *wanted, *text;
};

struct verify_result {
	bool passed;
	bool timed_out;
	int status; /* of the script; 128+N after signal N */
	struct verify_unmet *unmet;
	size_t n_unmet;
	struct buf output; /* stdout and stderr together, clean, at most VERIFY_OUTPUT bytes */
};

enum { VERIFY_OUTPUT = 64 << 10, VERIFY_LIMIT_MS = 20000 };

struct verify_options {
	const char *directory; /* where it runs; NULL = here */
	int limit_ms;          /* after which all it started is killed; 0 = VERIFY_LIMIT_MS */
};

/* Runs a check and waits for it. Our environment is its environment; the program itself is on its
 * PATH. A script without path (a page without a check) passes. 0, or a negative errno when the
 * script could not be run at all. */
int verify_run(const struct scenario_script *script, const struct verify_options *options,
        struct verify_result *ret, struct error *err);
void verify_result_release(struct verify_result *r);

/* Appends what a bash of the lab runs when a page is opened: the background script, apart and
 * unheard, then the foreground script, in that bash, as if it were typed. "" when it has neither.
 */
void verify_page_opening(const struct scenario_page *page, struct buf *out);
