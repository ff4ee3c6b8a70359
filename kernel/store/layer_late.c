#include "kernel/store/layer_late.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int late_add(struct late_list *l, const char *path, mode_t mode, struct timespec mtime)
{
	size_t n = strlen(path);

	if (l->n == l->cap) {
		size_t more = l->cap ? l->cap * 2 : 64;
		void *grown = realloc(l->all, more * sizeof *l->all);
		if (!grown)
			return -ENOMEM;
		l->all = grown;
		l->cap = more;
	}
	while (n > 1 && path[n - 1] == '/')
		n--;
	l->all[l->n] = (struct late){
	        .path = strndup(path, n), .mode = mode, .mtime = mtime, .order = l->n};
	return l->all[l->n++].path ? 0 : -ENOMEM;
}

/* "a/b" before "a"; of two that are the same the later first. */
static int compare(const void *a, const void *b)
{
	const struct late *x = a, *y = b;
	int r = strcmp(y->path, x->path);

	return r ? r : (x->order < y->order) - (x->order > y->order);
}

int late_each(struct late_list *l, int (*apply)(void *data, const struct late *one), void *data)
{
	int r = 0;

	if (l->n)
		qsort(l->all, l->n, sizeof *l->all, compare);
	for (size_t i = 0; r == 0 && i < l->n; i++)
		if (!i || strcmp(l->all[i].path, l->all[i - 1].path) != 0)
			r = apply(data, &l->all[i]);
	return r;
}

void late_release(struct late_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->all[i].path);
	free(l->all);
	*l = (struct late_list){0};
}
