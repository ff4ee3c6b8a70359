/* The diagram of a task with all that belongs to it, read again as often as it changes. */
#pragma once

#include "shell/diagram/keep.h"
#include "shell/diagram/picture.h"

struct current {
	struct diagram_rules *rules;
	const struct diagram_task *task;
	char *path; /* of its file */
	struct sketch sketch;
	struct picture picture;
};

/* `task` NULL or "" = the one that is drawn at, else the first. -ENOENT when there is no such. */
int current_open(const char *task, struct current *ret, struct error *err);
/* Takes what the file holds now; what was taken before is gone then, unless it fails. */
int current_read(struct current *c, const struct model *now, struct error *err);
void current_release(struct current *c);
