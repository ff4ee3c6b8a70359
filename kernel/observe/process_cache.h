/* The process table as it was read last, so that the next reading looks only at what may have
 * changed. Internal to kernel/observe.
 *
 * The kernel tells of forks, execs, ends and changes of user (watch_processes.c). It does not tell
 * that a process enters another namespace or control group, or gives away capabilities. Those that
 * do are mostly ours, in containers or young: they are looked at each time, as far as there are not
 * too many. Of all others some are looked at each time, so that a change which nobody told of is
 * seen sooner or later. */
#pragma once

#include "kernel/observe/changes.h"
#include "kernel/observe/reading.h"

struct process_cache;

/* Rows as processes_read() makes them; they become the model's. */
struct process_table {
	struct model_process *processes;
	struct process_extra *extra;
	size_t n, room;
	bool placed;   /* the rows are in the model's arena already, and do not grow */
	size_t *fresh; /* of those: the indices of rows that were read, and not taken from the
	                  cache; also in the arena */
	size_t n_fresh;
};

struct process_cache *process_cache_new(void);
void process_cache_free(struct process_cache *c); /* accepts NULL */

/* Takes a copy of the table, by pid, before anything else is made of its rows: of what was read.
 * Without memory the next reading is a whole one. */
void process_cache_keep(
        struct process_cache *c, const struct process_table *t, const struct cgroup_table *groups);
/* What became of them in this model: whom to look at each time. */
void process_cache_note(struct process_cache *c, const struct reading *r);

size_t process_cache_size(const struct process_cache *c);
pid_t process_cache_pid(const struct process_cache *c, size_t i);
bool process_cache_has(const struct process_cache *c, pid_t pid);

/* Decides which to read again; false when all are to be read. `r->changes` says what was told. */
bool process_cache_begin(struct process_cache *c, struct reading *r);
/* How many rows from `i` on need not be read again, up to the one that is not below process `told`
 * (0 = there is none). */
size_t process_cache_run(const struct process_cache *c, size_t i, pid_t told);
/* Copies `n` such rows, with their strings in the model and their control groups in r->cgroups. */
void process_cache_take(const struct process_cache *c, struct reading *r, size_t i, size_t n,
        struct model_process *ret, struct process_extra *ret_extra);
