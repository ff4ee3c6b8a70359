/* Handing a container's terminal to the engine: a socket on which it expects the descriptor. */
#pragma once

#include "kernel/base/error.h"

/* Sends `master` to the unix socket at `path`. */
int console_send(const char *path, int master, struct error *err);
