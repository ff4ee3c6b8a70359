/* Containers as others see them: state.json, read from outside, and what one may do to them
 * without being their monitor. */
#pragma once

#include "kernel/base/error.h"
#include "kernel/base/process_id.h"

#include <jansson.h>
#include <signal.h>
#include <stdbool.h>

/* What tells a monitor to end its container and go. The first real-time signals are glibc's own. */
#define CONTAINER_QUIT_SIGNAL (SIGRTMIN + 3)

/* The state of one container, a JSON object of the caller's: the content of state.json, its status
 * put right if the monitor is dead ("exited"). -ENOENT with advice when there is none such. */
int container_load(const char *name, json_t **ret, struct error *err);
/* All of them by name: an array of the caller's. */
int container_load_all(json_t **ret, struct error *err);
/* The configuration it was made of: config.json. */
int container_load_config(const char *name, json_t **ret, struct error *err);

/* The first process, or pid 0. */
struct process_id container_process(const json_t *state);
struct process_id container_monitor(const json_t *state);
/* "planned", "building", "running" or "exited"; never NULL. */
const char *container_status_text(const json_t *state);

/* Signals the first process. -ESRCH when there is none. */
int container_kill(const json_t *state, int signal, struct error *err);
/* Freezes all its processes, or lets them run on. -ENOTSUP with advice when it has no freezer. */
int container_freeze(const json_t *state, bool frozen, struct error *err);
bool container_frozen(const json_t *state);
/* Asks it to end with `signal`, after `seconds` ends it, and waits until its monitor has cleaned
 * up. */
int container_stop(const json_t *state, int signal, int seconds, struct error *err);
/* Removes an ended one; with `force` ends it first. */
int container_remove(const char *name, bool force, struct error *err);

/* Takes away what dead monitors have left. Whether the name is free after it. */
bool container_sweep(const char *name);
/* Removes both directories; the ledger first if `ledger_done`, else last and only if all went. */
int container_remove_files(
        const char *directory, const char *data, bool ledger_done, struct error *err);
