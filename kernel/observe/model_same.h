/* Whether two models show the same machine. */
#pragma once

#include "kernel/observe/model.h"

/* True when nothing happened between them that somebody would want to go back to: what processes
 * use (memory, time, states) and the machine's other processes, which come and go all the time,
 * do not count. Those of the lab, of containers and of daemons do, and so do all namespaces,
 * control groups with their limits, mounts, links, routes, containers with what they wrote, and
 * images. */
bool model_same(const struct model *a, const struct model *b);
