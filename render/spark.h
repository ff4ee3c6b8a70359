/* How something went, in one row: ▁▂▃▄▅▆▇█, the oldest on the left. */
#pragma once

#include "render/scene.h"

#include <stdint.h>

/* The last `cells` of `n` values as a text of the scene's, on a scale from 0 to `full`, beyond
 * which everything is full. What is not known (MODEL_UNKNOWN, MODEL_NO_LIMIT) leaves a blank,
 * and so do values that are to come. "" for fewer than two values: they are no history; and for no
 * cells. */
const char *spark_text(
        struct scene *s, const uint64_t *values, size_t n, uint64_t full, size_t cells);
