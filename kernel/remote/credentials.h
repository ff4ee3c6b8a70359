/* Who we are to a registry: what `cutaway login`, `podman login`, `skopeo login` and `docker login`
 * have kept.
 *
 * Looked for in this order, the first file that has something for the registry counts:
 *   $REGISTRY_AUTH_FILE
 *   $XDG_RUNTIME_DIR/containers/auth.json, without that variable /run/containers/UID/auth.json
 *   $XDG_CONFIG_HOME/containers/auth.json, without that variable ~/.config/containers/auth.json
 *   $DOCKER_CONFIG/config.json, without that variable ~/.docker/config.json
 *
 * A file is {"auths": {"HOST[:PORT][/NAMESPACE…]": {"auth": base64 of "USER:PASSWORD"}}}; the
 * longest name that fits counts. Docker also writes "https://HOST/v1/" and "identitytoken". Instead
 * {"credHelpers": {"HOST[:PORT]": NAME}} or {"credsStore": NAME} name a program that keeps them,
 * credential_helper.h; it is asked when a registry wants to know.
 *
 * Source: containers-auth.json(5); docker's config.json. Nothing of it is ever part of a message.
 */
#pragma once

#include "kernel/base/buf.h"
#include "kernel/base/error.h"
#include "kernel/store/reference.h"

#include <stdbool.h>

struct credentials {
	char *basic;          /* base64 of "USER:PASSWORD"; NULL: none */
	char *identity_token; /* to be exchanged for a token; NULL: none */
	char *helper;         /* a program that has them instead; NULL: none */
	bool asked;           /* that program has been asked */
	char *file;           /* where that was found; NULL: nowhere */
};

/* `file` (may be NULL): this one only, and it has to be there. Nothing found is no error. -EBADMSG:
 * a file that is no such file. */
int credentials_find(const struct reference *image, const char *file, struct credentials *ret,
        struct error *err);
/* Overwrites them first. */
void credentials_release(struct credentials *c);

/* "HOST[:PORT]": what an entry for a whole registry is called. */
void credentials_server(const struct reference *registry, struct buf *out);
/* Asks the helper, once. 0 also when it has nothing. */
int credentials_ask_helper(struct credentials *c, const struct reference *image, struct error *err);
/* The base64 of "USER:PASSWORD"; *ret is the caller's, to be overwritten before it is freed. */
int credentials_encode(const char *user, const char *password, char **ret);

/* Keeps what login has proved, or takes away what is kept, in `file`, or else $REGISTRY_AUTH_FILE,
 * or else the first of those places; or with the helper that the file names for this registry.
 * `login` NULL: takes away, -ENOENT when it has nothing. *ret is where, the caller's. The file is
 * replaced as a whole, mode 0600; what else is in it stays. */
struct login {
	const char *user, *password;
};
int credentials_keep(const struct reference *registry, const struct login *login, const char *file,
        char **ret, struct error *err);
/* Takes away all that the file has. */
int credentials_forget_all(const char *file, char **ret, struct error *err);
