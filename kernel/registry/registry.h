/* A registry of this machine: the OCI distribution specification 1.1 over HTTP, on an image layout.
 *
 * It serves repositories that were pushed to it (kernel/store/repository.h) and, to be pulled, the
 * images of the layout itself under their own names: the image "base" is base:latest here. An image
 * that is pushed gets the name HOST:PORT/REPOSITORY:TAG in the layout.
 *
 * Each connection is served by a thread of its own; what comes when there are REGISTRY_CONNECTIONS
 * is closed at once. */
#pragma once

#include "kernel/base/error.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	REGISTRY_CONNECTIONS = 256,
	REGISTRY_UPLOADS = 256, /* begun and not ended */
};

struct registry;

/* One request that has been answered. Called from several threads. */
struct registry_event {
	const char *method, *uri; /* as the client sent them: not to be printed unlooked-at */
	int status;
	uint64_t received, sent; /* bytes of the bodies */
};

struct registry_options {
	const char *store;   /* directory of the layout; NULL: that of the images of this user */
	const char *address; /* "127.0.0.1", "::1", "0.0.0.0" */
	uint16_t port;       /* 0: any that is free */
	unsigned timeout;    /* seconds after which an idle connection is ended */
	const char *user;    /* "NAME:PASSWORD"; NULL: everybody may do everything */
	bool sparse;         /* manifests may name what is not there (yet, or never) */
	bool tokens;         /* passwords are exchanged for tokens at /token */
	const char *certificate, *key; /* PEM, as text; NULL: without TLS */
	void (*log)(void *data, const struct registry_event *event); /* NULL: no log */
	void *log_data;
};

/* Listens and serves until registry_stop(). The options are borrowed until then. -EADDRINUSE:
 * another program listens there. */
int registry_start(
        const struct registry_options *options, struct registry **ret, struct error *err);
/* "localhost:5000", what goes in front of the name of an image. */
const char *registry_host(const struct registry *r);
uint16_t registry_port(const struct registry *r);
/* Ends connections and takes away what uploads left. */
void registry_stop(struct registry *r);
