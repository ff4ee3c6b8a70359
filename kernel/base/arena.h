/* Memory that is released all at once: a model and its strings live and die together. */
#pragma once

#include <stddef.h>

struct arena_block;

struct arena {
	struct arena_block *blocks;
	size_t used, size; /* bytes used of and in the newest block */
};

void arena_release(struct arena *a);
/* Bytes that it holds of the heap. */
size_t arena_bytes(const struct arena *a);
/* Zeroed memory aligned for any type, or NULL. */
void *arena_alloc(struct arena *a, size_t n);
/* The same with whatever it holds, for who writes all of it. */
void *arena_alloc_unset(struct arena *a, size_t n);
char *arena_strndup(struct arena *a, const char *text, size_t n);
char *arena_strdup(struct arena *a, const char *text);
