/* Between the files of kernel/do/network: what network.c knows and lab_bridge.c needs. */
#pragma once

#include "kernel/do/network/network.h"

/* The names and addresses of `n`: of the record, or chosen anew where it has none. */
int network_fill(struct network *n, const json_t *record, struct error *err);
