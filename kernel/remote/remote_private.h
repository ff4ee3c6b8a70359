/* What the files of a registry share: registry.c asks, authorize.c gets leave. */
#pragma once

#include "kernel/base/cleanup.h"
#include "kernel/remote/challenge.h"
#include "kernel/remote/credentials.h"
#include "kernel/remote/remote.h"

struct remote {
	const struct reference *image;
	const struct remote_options *options;
	struct client *client;
	char server[REFERENCE_NAME_MAX + 8]; /* "HOST:PORT", for messages and certificates */
	char *base;                          /* "https://HOST:PORT" */
	bool insecure;
	struct credentials credentials;
	struct error helper_failed; /* why their helper gave none; code 0: it did not fail */
	char **scopes;              /* "repository:NAME:pull" */
	size_t n_scopes;
	char *authorization; /* "Bearer …", "Basic …"; NULL: none is wanted */
};

/* Gets leave as the challenge says, and keeps it in `authorization`. */
int remote_authorize(struct remote *r, const char *header, struct error *err);
void remote_forget_authorization(struct remote *r);
