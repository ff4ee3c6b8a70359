/* The images of the layout itself, as repositories that can be pulled from: "base" is base:latest,
 * "quay.io/team/shop:1" is quay.io/team/shop:1. An image whose name has a port cannot be one: ':'
 * is not for repositories. What was pushed comes first (kernel/store/repository.h). */
#pragma once

#include "kernel/store/repository.h"

/* The digest that a tag stands for. -ENOENT. */
int own_find_tag(const struct repository *r, const char *tag, char ret_digest[DIGEST_TEXT]);
/* Whether a manifest, or what a manifest names, belongs to an image of that repository. */
bool own_has_manifest(const struct repository *r, const char *digest);
bool own_has_blob(const struct repository *r, const char *digest);
/* Adds to an array of strings. */
void own_tags(const struct repository *r, json_t *tags);
void own_names(const struct layout *l, json_t *names);
