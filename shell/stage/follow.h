/* Following a lab from outside: its lab.json, re-read when it is replaced (inotify(7)). */
#pragma once

#include "kernel/base/error.h"
#include "shell/lab_state.h"

#include <stdbool.h>

struct follow;

/* The lab need not exist yet. */
int follow_new(const char *lab_id, struct follow **ret, struct error *err);
void follow_free(struct follow *f);    /* accepts NULL */
int follow_fd(const struct follow *f); /* poll for reading */
/* Takes what happened. True when there is a newer state. */
bool follow_drain(struct follow *f);
/* The last state that could be read; empty before the first. */
const struct lab_state *follow_state(const struct follow *f);
/* Says a word to the lab's tutor. */
int follow_send(struct follow *f, const char *word, struct error *err);
