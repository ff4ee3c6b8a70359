/* The model as JSON (`cutaway state`): names as in model.h, stable, documented by --help. */
#pragma once

#include "kernel/observe/model.h"

#include <jansson.h>

/* A new reference of the caller's, NULL when memory is out. */
json_t *model_to_json(const struct model *m);
