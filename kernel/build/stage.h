/* One stage of a build: an image while it grows. Its configuration is at every moment that of the
 * image it would be (OCI image specification 1.1, config.md). */
#pragma once

#include "kernel/base/error.h"
#include "kernel/store/layer.h"
#include "kernel/store/layout.h"
#include "kernel/store/store.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct stage_layer {
	struct layer layer;
	char media_type[80];
	bool built; /* it lies in the place of builds, else in the store of images */
	char *path; /* unpacked; NULL = not yet */
	int held;   /* its directory, locked; -1 = not yet */
};

struct stage {
	char *name; /* "FROM … AS NAME"; "" without */
	json_t *image;
	struct stage_layer *layers; /* the lowest first */
	size_t n_layers;
	json_t *arguments; /* of ARG: names and values */
	/* The digest of all that has led here: what the cache knows a step by. */
	char key[DIGEST_TEXT];
	bool has_command; /* CMD was said here, and not by the base image */
};

/* Of "FROM scratch". */
int stage_scratch(struct stage *s, const char *platform, struct error *err);
/* Of an image of the store; it is made when it is "base". */
int stage_from_image(const struct layout *store, const char *name, uid_t uid_offset,
        struct stage *s, struct error *err);
/* Of a stage before it. */
int stage_from_stage(const struct stage *from, struct stage *s, struct error *err);
void stage_release(struct stage *s);

/* "config" of the image, and in it Env and the like; belong to the stage. */
json_t *stage_config(const struct stage *s);
/* A variable of the environment, or an argument; NULL when there is none. */
const char *stage_variable(const void *stage, const char *name, size_t n);
int stage_set_env(struct stage *s, const char *name, const char *value);

/* A layer that a step made, and the line of history. `layer` NULL: it changed the configuration
 * only. */
int stage_add(struct stage *s, const struct layer *layer, const char *created,
        const char *created_by, struct error *err);
/* Makes the key of what follows: that of now and `text`. */
int stage_advance_key(struct stage *s, const char *text, size_t n, struct error *err);

struct build_place;
/* Sees to it that all layers are unpacked and stay; then *ret is the image as a container takes it,
 * released by the caller with image_release(). */
int stage_image(struct stage *s, const struct layout *store, const struct build_place *place,
        uid_t uid_offset, const char *name, struct image *ret, struct error *err);

/* Writes configuration and manifest and gives the image its name ("": none), all or nothing. */
int stage_commit(const struct stage *s, const struct layout *store, const struct build_place *place,
        const char *name, char ret_digest[DIGEST_TEXT], struct error *err);
