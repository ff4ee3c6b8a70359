/* How far somebody is: STATE/progress.json, kept between sessions.
 *
 *   {"version": 1, "last": NAME, "lessons": {NAME: {"page": 2, "pages": 10, "passed": [1, 2],
 *    "attempts": {"3": 4}, "times": {"1": SECONDS}, "hints": {"3": 1}, "solutions": {"3": 1},
 *    "guesses": {"2": true}}}}
 *
 * Keys of the inner objects are pages; a time is when the page was passed, in seconds since 1970; a
 * guess is whether the first one was right.
 *
 * Replaced as a whole on each save; only the lessons that were touched here are replaced in it, so
 * two sessions do not undo each other. A file that cannot be read as such is put aside, not lost.
 */
#pragma once

#include "kernel/base/buf.h"
#include "kernel/base/error.h"

#include <stdbool.h>
#include <stddef.h>

struct progress;

enum progress_use { PROGRESS_HINT, PROGRESS_SOLUTION };

/* Reads the file, or starts with none. `message` (may be NULL) gets a sentence for the learner when
 * a damaged file was put aside. */
int progress_load(struct progress **ret, struct buf *message, struct error *err);
void progress_free(struct progress *p); /* saves nothing; accepts NULL */
int progress_save(struct progress *p, struct error *err);

/* The lesson that was open last; NULL = none. Valid until the next change. */
const char *progress_last(const struct progress *p);
/* The page of a lesson that was open last, from 0; 0 when it was never opened. */
size_t progress_page(const struct progress *p, const char *lesson);
bool progress_passed(const struct progress *p, const char *lesson, size_t page);
size_t progress_count(const struct progress *p, const char *lesson); /* of pages passed */
/* How often the check of a page was asked for and failed. */
int progress_attempts(const struct progress *p, const char *lesson, size_t page);

/* When a page was passed, in seconds since 1970; 0 = not, or it was not noted. */
long long progress_time(const struct progress *p, const char *lesson, size_t page);
/* How often a hint or the solution of a page was given. */
int progress_uses(const struct progress *p, const char *lesson, size_t page, enum progress_use use);
/* 1 = the guess was right, 0 = wrong, -1 = none was made. */
int progress_guessed(const struct progress *p, const char *lesson, size_t page);

/* Changes; a failed allocation shows in progress_save(). */
void progress_open(struct progress *p, const char *lesson, size_t page, size_t pages);
void progress_pass(struct progress *p, const char *lesson, size_t page);
void progress_fail(struct progress *p, const char *lesson, size_t page);
/* Counts that a hint or the solution of a page was given. */
void progress_used(struct progress *p, const char *lesson, size_t page, enum progress_use use);
/* Whether the guess before the page's command was right; only the first of a page counts. */
void progress_guess(struct progress *p, const char *lesson, size_t page, bool right);
void progress_forget(struct progress *p, const char *lesson);
