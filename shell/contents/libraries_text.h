/* What a program needs, in words and as JSON. */
#pragma once

#include "kernel/contents/image_contents.h"
#include "kernel/contents/libraries.h"

#include <jansson.h>
#include <stdio.h>

/* `managers`: enum package_manager. */
void libraries_print_text(FILE *out, const struct image_contents *c, uint32_t program,
        const struct libraries *l, unsigned managers);
json_t *libraries_json(const struct image_contents *c, uint32_t program, const struct libraries *l);
