/* Following a lab from outside: its lab.json, re-read when it is replaced (inotify(7)), and its
 * end, which its processes' descriptors tell (pidfd_open(2)). Nothing is asked again and again. */
#pragma once

#include "kernel/base/error.h"
#include "kernel/watch/recording.h"
#include "shell/lab_state.h"

#include <stdbool.h>

struct follow;

enum follow_status {
	FOLLOW_WAITING, /* no lab yet */
	FOLLOW_RUNNING,
	FOLLOW_ENDING,  /* its shell is gone, its keeper clears away */
	FOLLOW_CRASHED, /* shell and keeper are gone, what the lab made may be left */
	FOLLOW_ENDED,   /* and cleared away */
};

/* `runtime` NULL = this user's, where the lab need not exist yet. `lab_id` NULL = the first lab
 * that there is, and after its end the next one. */
int follow_new(const char *runtime, const char *lab_id, struct follow **ret, struct error *err);
void follow_free(struct follow *f);    /* accepts NULL */
int follow_fd(const struct follow *f); /* poll for reading */
/* Takes what happened. True when there is a newer state, or another status. */
bool follow_drain(struct follow *f);
/* The last state that could be read; empty before the first, and when the next lab is waited for.
 */
const struct lab_state *follow_state(const struct follow *f);
enum follow_status follow_status(const struct follow *f);
/* How many labs there have been: another lab counts its pages anew. */
unsigned follow_labs(const struct follow *f);
/* The watch that goes on in the lab or was the last there; NULL = none. It stays until the next
 * follow_drain(). *ret_runs: how many there have been. */
const struct watch_recording *follow_watch(const struct follow *f, unsigned *ret_runs);
/* Says a word to the lab's tutor. */
int follow_send(struct follow *f, const char *word, struct error *err);
