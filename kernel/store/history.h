/* How an image came about: the lines of its configuration's history, each with the layer that it
 * made (OCI image specification 1.1, config.md, "history"). */
#pragma once

#include "kernel/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct history_line {
	char *created;    /* RFC 3339; "" when it is not said */
	char *created_by; /* the command; "" when it is not said */
	char *comment;
	bool has_layer;         /* else it changed the configuration only */
	char *digest, *diff_id; /* of the layer, "" without one */
	uint64_t size;          /* bytes of the layer's file */
};

/* The lowest first. An image whose history is shorter than its layers gets a line for each layer
 * that is left. The caller frees with history_free(). Errors as store_find(). */
int store_history(const char *word, struct history_line **ret, size_t *ret_n, struct error *err);
void history_free(struct history_line *lines, size_t n);
