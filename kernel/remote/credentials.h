/* Who we are to a registry: what `podman login`, `skopeo login` and `docker login` have kept.
 *
 * Looked for in this order, the first file that has something for the registry counts:
 *   $REGISTRY_AUTH_FILE
 *   $XDG_RUNTIME_DIR/containers/auth.json, without that variable /run/containers/UID/auth.json
 *   $XDG_CONFIG_HOME/containers/auth.json, without that variable ~/.config/containers/auth.json
 *   $DOCKER_CONFIG/config.json, without that variable ~/.docker/config.json
 *
 * A file is {"auths": {"HOST[:PORT][/NAMESPACE…]": {"auth": base64 of "USER:PASSWORD"}}}; the
 * longest name that fits counts. Docker also writes "https://HOST/v1/" and "identitytoken".
 *
 * Source: containers-auth.json(5); docker's config.json. Nothing of it is ever part of a message.
 */
#pragma once

#include "kernel/base/error.h"
#include "kernel/store/reference.h"

struct credentials {
	char *basic;          /* base64 of "USER:PASSWORD"; NULL: none */
	char *identity_token; /* to be exchanged for a token; NULL: none */
	char *helper; /* a program that has them instead, and that we do not ask; NULL: none */
	char *file;   /* where that was found; NULL: nowhere */
};

/* `file` (may be NULL): this one only, and it has to be there. Nothing found is no error. -EBADMSG:
 * a file that is no such file. */
int credentials_find(const struct reference *image, const char *file, struct credentials *ret,
        struct error *err);
/* Overwrites them first. */
void credentials_release(struct credentials *c);
