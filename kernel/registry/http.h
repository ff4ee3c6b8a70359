/* Serving HTTP on a socket that listens. */
#pragma once

#include "kernel/base/error.h"

struct registry;

/* Takes the socket over when it succeeds. */
int http_start(struct registry *r, int socket, struct error *err);
/* Returns when no thread serves any more. */
void http_stop(struct registry *r);
