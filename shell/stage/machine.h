/* The machine as the drawing follows it: read as soon as it changed while the person does
 * something, and otherwise as long as there is budget for it (budget.h); then once a second. */
#pragma once

#include "kernel/base/error.h"
#include "shell/stage/history.h"

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

struct machine;

/* `runtime`: where our containers' state is kept, NULL = this user's. */
int machine_new(const char *runtime, struct machine **ret, struct error *err);
void machine_free(struct machine *m); /* accepts NULL */

size_t machine_pollfds(struct machine *m, struct pollfd *fds, size_t n);
/* Call after each poll(); takes what happened. */
void machine_drain(struct machine *m);
/* The person types or a command writes: for a while the machine is read more often. */
void machine_lively(struct machine *m);
/* Milliseconds until the next reading is due; -1 = when something changes. */
int machine_wait(const struct machine *m);
/* Reads if it is due. True when it was read, or could not be. */
bool machine_update(struct machine *m);
/* Whether something is known to have happened since it was read. */
bool machine_is_behind(const struct machine *m);
/* Reads now. */
void machine_read(struct machine *m);
/* Whether what is shown changes without an event, as the use of control groups does: then it is
 * read once a second, or as seldom as it is read while others are busy. */
void machine_follow_use(struct machine *m, bool follow);
/* What a reading and all that followed from it cost, in microseconds of processor time: at rest the
 * machine is read so seldom that this does not weigh. */
void machine_set_cost(struct machine *m, int64_t us);

/* What was read, the newest last; lives as long as the machine. A reading may end the life of
 * models in it. */
struct history *machine_history(struct machine *m);
/* Why the last reading failed; "" = it did not. */
const char *machine_problem(const struct machine *m);
