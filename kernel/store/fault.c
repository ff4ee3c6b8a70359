#include "kernel/store/fault.h"

#include <stdlib.h>
#include <string.h>

static void release_one(struct fault *f)
{
	free((char *)f->file);
	free((char *)f->at);
	free((char *)f->text);
}

void faults_add(struct faults *f, const struct fault *fault)
{
	struct fault copy = *fault;

	if (f->n >= FAULTS_MAX) {
		f->more++;
		return;
	}
	if (f->n == f->cap) {
		size_t more = f->cap ? f->cap * 2 : 16;
		void *grown = realloc(f->list, more * sizeof *f->list);
		if (!grown) {
			f->failed = true;
			return;
		}
		f->list = grown;
		f->cap = more;
	}
	copy.file = strdup(fault->file);
	copy.at = strdup(fault->at);
	copy.text = strdup(fault->text);
	if (!copy.file || !copy.at || !copy.text) {
		release_one(&copy);
		f->failed = true;
		return;
	}
	f->list[f->n++] = copy;
}

void faults_release(struct faults *f)
{
	for (size_t i = 0; i < f->n; i++)
		release_one(&f->list[i]);
	free(f->list);
	*f = (struct faults){0};
}

size_t faults_count(const struct faults *f, enum fault_level level)
{
	size_t n = 0;

	for (size_t i = 0; i < f->n; i++)
		n += f->list[i].level == level;
	return n;
}
