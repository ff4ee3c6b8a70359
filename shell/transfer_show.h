/* Transfers as people see them, on stderr: bars with rate and time left on a terminal, a line for
 * each finished blob elsewhere, nothing when that is wanted. */
#pragma once

#include "kernel/remote/progress.h"

#include <stdbool.h>

struct transfer_show;

/* `moved`: what happened to a blob that went over the line: "fetched", "sent"; `there`: to one that
 * need not. NULL without memory: then nothing is shown. */
struct transfer_show *transfer_show_new(bool quiet, const char *moved, const char *there);
/* For what reports; valid as long as the other is. Accepts NULL. */
struct progress transfer_show_progress(struct transfer_show *s);
/* Leaves the last picture on the terminal. Accepts NULL. */
void transfer_show_free(struct transfer_show *s);
