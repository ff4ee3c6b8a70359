#include "shell/diagram/current.h"

#include <errno.h>
#include <stdlib.h>

int current_open(const char *task, struct current *ret, struct error *err)
{
	struct current c = {0};
	char name[SKETCH_NAME];
	int r = diagram_rules_read(NULL, &c.rules, err);

	if (r < 0)
		return r;
	if (!task || !*task) {
		keep_task_read(name);
		task = name;
	}
	c.task = diagram_task_find(c.rules, task);
	r = c.task ? keep_path(c.task->name, &c.path, err)
	           : error_set(err, ENOENT, "draw diagram", task, "there is no such task");
	if (r < 0) {
		current_release(&c);
		return r;
	}
	*ret = c;
	return 0;
}

int current_read(struct current *c, const struct model *now, struct error *err)
{
	struct sketch sketch;
	struct picture picture;
	int r = keep_read(c->path, c->task->name, &sketch, err);

	if (r < 0)
		return r;
	r = picture_make(c->rules, c->task, &sketch, now, &picture);
	if (r < 0) {
		sketch_release(&sketch);
		return error_set(err, -r, "draw diagram", c->path, NULL);
	}
	picture_release(&c->picture);
	sketch_release(&c->sketch);
	c->sketch = sketch;
	c->picture = picture;
	return 0;
}

void current_release(struct current *c)
{
	picture_release(&c->picture);
	sketch_release(&c->sketch);
	diagram_rules_free(c->rules);
	free(c->path);
	*c = (struct current){0};
}
