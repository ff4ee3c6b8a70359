/* Who may do what: nobody is asked, or one user with a password has all rights. The password comes
 * with each request (RFC 7617, Basic), or once, for a token that is good for five minutes and for
 * what it was asked for (RFC 6750, Bearer; the token authentication of the distribution project). A
 * token is signed with a key that is drawn at the start, so nothing has to be remembered. */
#pragma once

#include "kernel/base/error.h"
#include "kernel/registry/exchange.h"
#include "kernel/registry/registry.h"

struct access;

/* `options` is borrowed. */
int access_new(const struct registry_options *options, struct access **ret, struct error *err);
void access_free(struct access *a);
/* Whether the request may go on; else the answer is made. */
bool access_check(const struct access *a, struct exchange *e);
