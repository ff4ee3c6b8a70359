/* Certificates for one registry, as containers-certs.d(5) has them:
 *
 *   *.crt          authorities that its certificate may be signed by, beside the system's
 *   NAME.cert, NAME.key   our own certificate and its key
 *
 * in the directory that is told, or /etc/containers/certs.d/HOST:PORT, or
 * /etc/docker/certs.d/HOST:PORT. */
#pragma once

#include "kernel/base/buf.h"
#include "kernel/base/error.h"

struct certificates {
	struct buf authorities;  /* PEM */
	char *certificate, *key; /* paths; NULL: none */
};

/* `directory` may be NULL; when told, it has to be there. */
int certificates_read(
        const char *directory, const char *server, struct certificates *ret, struct error *err);
void certificates_release(struct certificates *c);
