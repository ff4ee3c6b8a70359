/* What all requests share. */
#pragma once

#include "kernel/registry/registry.h"
#include "kernel/registry/uploads.h"
#include "kernel/store/layout.h"

struct access;
struct MHD_Daemon;

struct registry {
	const struct registry_options *options;
	struct layout layout;
	char host[64]; /* "localhost:5000" */
	uint16_t port;
	struct uploads *uploads;
	struct access *access;
	struct MHD_Daemon *daemon;
};
