/* Measurements: what the runs of a command took, under a name.
 *
 * They are kept one file each, RUNTIME/labs/ID/measures/NAME.json in a lab, whose end they do not
 * outlive, and RUNTIME/measures/NAME.json outside. Bars and checks are both made from these files.
 *
 * Times are whole microseconds. Quartiles are those of Hyndman and Fan's definition 7, the one that
 * R and NumPy have as their default. */
#pragma once

#include "kernel/base/buf.h"
#include "kernel/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MEASURE_NAME_MAX = 24, MEASURE_RUNS_MAX = 10000, MEASURE_KEPT_MAX = 64 };

struct measure_sample {
	uint64_t wall_us; /* from before the start to after the end */
	uint64_t
	        cpu_us; /* user and system, of the process and of its children that it waited for */
};

struct measure {
	char name[MEASURE_NAME_MAX + 1];
	char *command;    /* its words, with spaces between */
	uint64_t time_us; /* when; CLOCK_REALTIME. What was measured together has its order in it */
	struct measure_sample *samples; /* in the order of the runs */
	size_t n;
};

struct measure_summary {
	uint64_t min, q1, median, q3, max;
	uint64_t cpu; /* the median of the processor times */
};

struct measure_list {
	struct measure *all; /* the oldest first */
	size_t n;
};

/* Letters, digits, '-' and '_', beginning with a letter or digit. */
bool measure_name_ok(const char *name);

/* All zero for a measurement without samples. */
void measure_summarize(const struct measure *m, struct measure_summary *ret);

/* Where they are kept, below the runtime directory: "measures" or "labs/ID/measures". */
void measure_place(struct buf *out);
/* Keeps it, in the place of one of the same name. -ENOSPC when MEASURE_KEPT_MAX are there. */
int measure_store(const struct measure *m, struct error *err);
/* Reads all below the directory `place` of `runtime` (a descriptor, or AT_FDCWD with an absolute
 * path). None is there when the directory is not; a file that is no measurement is left out. */
int measure_list_read(int runtime, const char *place, struct measure_list *ret);
/* Removes one. -ENOENT when there is none of that name. */
int measure_forget(const char *name, struct error *err);

const struct measure *measure_find(const struct measure_list *list, const char *name);
void measure_list_release(struct measure_list *list);
void measure_release(struct measure *m);
