/* What a registry says when it wants to know who asks: the header WWW-Authenticate (RFC 9110,
 * 11.6.1; RFC 6750, 3; distribution project, "Token Authentication Specification").
 *
 *   Bearer realm="https://auth.example/token",service="registry",scope="repository:a/b:pull"
 *   Basic realm="registry"
 */
#pragma once

#include <stdbool.h>

enum challenge_kind { CHALLENGE_NONE, CHALLENGE_BASIC, CHALLENGE_BEARER };

struct challenge {
	enum challenge_kind kind; /* the best of those offered that we can do: Bearer, then Basic */
	char *realm, *service, *scope, *error; /* the caller's; NULL when not said */
};

/* Reads any text, also a spoilt one. false: no memory. */
bool challenge_read(const char *header, struct challenge *ret);
void challenge_release(struct challenge *c);
