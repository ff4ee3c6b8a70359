#include "kernel/base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { ARENA_BLOCK = 32 * 1024 };

struct arena_block {
	struct arena_block *next;
	size_t size; /* of the bytes */
	alignas(max_align_t) char bytes[];
};

void arena_release(struct arena *a)
{
	struct arena_block *block = a->blocks;

	while (block) {
		struct arena_block *next = block->next;
		free(block);
		block = next;
	}
	*a = (struct arena){0};
}

size_t arena_bytes(const struct arena *a)
{
	size_t sum = 0;

	for (const struct arena_block *b = a->blocks; b; b = b->next)
		sum += sizeof *b + b->size;
	return sum;
}

void *arena_alloc_unset(struct arena *a, size_t n)
{
	const size_t align = alignof(max_align_t);
	void *p;

	if (n > SIZE_MAX / 2)
		return NULL;
	n = (n + align - 1) / align * align;
	if (!a->blocks || n > a->size - a->used) {
		size_t size = n > ARENA_BLOCK ? n : ARENA_BLOCK;
		struct arena_block *block = malloc(sizeof *block + size);
		if (!block)
			return NULL;
		block->next = a->blocks;
		block->size = size;
		a->blocks = block;
		a->size = size;
		a->used = 0;
	}
	p = a->blocks->bytes + a->used;
	a->used += n;
	return p;
}

void *arena_alloc(struct arena *a, size_t n)
{
	void *p = arena_alloc_unset(a, n);

	return p ? memset(p, 0, n) : NULL;
}

char *arena_strndup(struct arena *a, const char *text, size_t n)
{
	char *copy = n < SIZE_MAX ? arena_alloc_unset(a, n + 1) : NULL;

	if (!copy)
		return NULL;
	memcpy(copy, text, n);
	copy[n] = '\0';
	return copy;
}

char *arena_strdup(struct arena *a, const char *text)
{
	return arena_strndup(a, text, strlen(text));
}
