/* The keeper: the process that outlives a lab's shell, so that the lab is cleared away however the
 * shell ends, kill -9 included.
 *
 *   keeper ── shell ── bash ── whatever the learner starts
 *
 * It is the subreaper of the lab (PR_SET_CHILD_SUBREAPER): what loses its parent becomes its child,
 * monitors of containers in the background too, so that nothing can slip away. The shell in turn
 * gets SIGTERM when the keeper is killed (PR_SET_PDEATHSIG) and then clears away by itself. When
 * both are killed at once, the next start or `cutaway clean` finds the lab's ledger without an
 * owner. */
#pragma once

#include "kernel/base/error.h"

/* Sweeps what earlier labs left (kernel/do/sweep.h), then forks: the child runs child(arg) and ends
 * with what it returns; the caller becomes the keeper and waits. It makes RUNTIME/labs/ID/ and the
 * ledger in it, passes SIGTERM and SIGHUP (and a SIGINT, SIGQUIT or SIGWINCH that some process
 * sent; those of the terminal reach the shell anyway) on to the child (which has three seconds to
 * end then), gives the terminal its settings back, and ends and removes everything that belongs to
 * the lab. Returns the child's exit status, 128 + signal when one ended it; negative errno when it
 * could not start. The child inherits the signal mask that the caller had. Call before any thread
 * is made.
 */
int keeper_run(const char *lab_id, int (*child)(void *arg), void *arg, struct error *err);

/* For the shell: the keeper is gone when getppid() is no longer what it was when child() began.
 * SIGTERM tells. The shell then clears the lab away in the keeper's place, as its last act. */
int keeper_replace(const char *lab_id, struct error *err);
