/* What steps have made before: for the key of a step (all that it depends on, see stage.h) the
 * layer that came of it, DATA/build/steps/KEY. Entries are written whole, by rename(2), when their
 * layer is; two builds that come to the same step at once write the same one after the other. */
#pragma once

#include "kernel/base/error.h"
#include "kernel/build/place.h"
#include "kernel/store/layer.h"

#include <stdbool.h>

enum { CREATED_SIZE = 32 };

struct step_result {
	char created[CREATED_SIZE]; /* RFC 3339 */
	bool has_layer;
	struct layer layer;
};

/* Whether the step is known and its layer is still there. */
bool cache_find(const struct build_place *p, const char *key, struct step_result *ret);
int cache_put(const struct build_place *p, const char *key, const struct step_result *result,
        struct error *err);
