/* Builds an image as a Containerfile says: each instruction one step, each layer the upper
 * directory that the step has written.
 *
 * Everything is kept in a place of its own (place.h) until the last step is done; then the image
 * gets its name. A build that fails or is killed leaves the store of images as it was. */
#pragma once

#include "kernel/base/error.h"
#include "kernel/store/digest.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct build_events {
	/* A step begins: "3 of 7" and its text. */
	void (*step)(void *data, size_t number, size_t total, const char *text);
	/* It has been made before. */
	void (*cached)(void *data);
	void (*note)(void *data, const char *text);
	void *data;
};

struct image_build {
	const char *context; /* a directory */
	const char
	        *file; /* NULL: Containerfile or Dockerfile in the context; "-": standard input */
	const char *name;             /* as it is kept; "" = none */
	const char *target;           /* a stage; NULL = the last */
	const char *platform;         /* "linux/ARCHITECTURE"; NULL = this machine's */
	const char *const *arguments; /* "NAME=VALUE" */
	size_t n_arguments;
	bool no_cache, network_host;
	/* SOURCE_DATE_EPOCH: all times are at most this, seconds; INT64_MAX = those of the clock */
	int64_t epoch;
	struct build_events events;
};

/* *ret_status: when a program of RUN ended with one, else 0; then err says which line. */
int image_build(const struct image_build *o, char ret_digest[DIGEST_TEXT], int *ret_status,
        struct error *err);
