/* Where diagrams are kept: STATE/diagrams/TASK.json for each task, and STATE/diagrams/task with the
 * name of the one that is drawn at: the page's, or what `diagram task` has chosen.
 *
 * Whoever changes a diagram takes a lock, reads, changes and replaces it as a whole: the prompt,
 * the editor beside it and a script may do so at once. */
#pragma once

#include "kernel/base/error.h"
#include "shell/diagram/sketch.h"

/* The task that is drawn at, "" when none was chosen; an unreadable one is none. */
void keep_task_read(char ret[SKETCH_NAME]);
int keep_task_write(const char *task, struct error *err);
/* The same as a page of a lesson opens, which may be about none (NULL): a failure is told by the
 * first line that is drawn. */
void keep_task_open(const char *task);

/* The file of a task. *ret is the caller's. */
int keep_path(const char *task, char **ret, struct error *err);
/* The directory of them, made if need be: for who wants to be told of changes. *ret is the
 * caller's. */
int keep_directory(char **ret, struct error *err);

/* Reads a diagram; a file that is not there is an empty one for `task`. */
int keep_read(const char *path, const char *task, struct sketch *ret, struct error *err);

/* Reads, changes by `change` (its result is ours when negative) and writes. The sketch as it is
 * then goes to `ret` if that is not NULL. */
typedef int keep_change(struct sketch *d, void *data, struct error *err);
int keep_edit(const char *path, const char *task, keep_change *change, void *data,
        struct sketch *ret, struct error *err);
