#include "kernel/contents/lines.h"

#include <string.h>

void lines_end(struct lines *l, void (*take)(void *data, const char *line), void *data)
{
	if (!l->n)
		return;
	l->text[l->n] = '\0';
	l->n = 0;
	take(data, l->text);
}

static void keep(struct lines *l, const char *bytes, size_t n)
{
	if (n > sizeof l->text - 1 - l->n)
		n = sizeof l->text - 1 - l->n;
	memcpy(l->text + l->n, bytes, n);
	l->n += n;
}

void lines_add(struct lines *l, const char *bytes, size_t n,
        void (*take)(void *data, const char *line), void *data)
{
	while (n) {
		const char *end = memchr(bytes, '\n', n);
		size_t part = end ? (size_t)(end - bytes) : n;
		keep(l, bytes, part);
		if (!end)
			return;
		lines_end(l, take, data);
		bytes += part + 1;
		n -= part + 1;
	}
}
