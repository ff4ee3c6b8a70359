/* What is done to a container after it was created; runtime.md, "Operations". Each loads, locks and
 * looks at its state first: an operation that does not fit is an error that says so. */
#pragma once

#include "kernel/base/buf.h"
#include "kernel/base/error.h"

#include <stdbool.h>

struct config;
struct record;
struct hook_list;

/* Lets the program run; `warnings` gets a line for each poststart hook that failed. */
int life_start(const char *root, const char *id, struct buf *warnings, struct error *err);
/* To its first process; `all`: to every process in its control group. */
int life_kill(const char *root, const char *id, int signal, bool all, struct error *err);
/* Only a stopped one, unless `force`: that ends it first. Then its control group, its directory
 * and its poststop hooks. With `force`, one that is not there is no error. Who knows its
 * configuration says it, else it is read again (NULL). */
int life_delete(const char *root, const char *id, bool force, const struct config *known,
        struct buf *warnings, struct error *err);
int life_pause(const char *root, const char *id, bool pause, struct error *err);

/* What life_start() does when all has been looked at: by who holds the lock, and without hooks. */
int life_release(const struct record *r, const struct config *config, struct error *err);
/* Hooks that cannot stop anything any more: all are run, and `warnings` (may be NULL) gets a line
 * for each that failed. */
void life_late_hooks(const struct record *r, const struct hook_list *hooks, const char *status,
        struct buf *warnings);
