/* Programs that keep credentials for us: docker-credential-NAME, in the $PATH. One word as argument
 * ("get", "store", "erase"), the question on its standard input, the answer, or why there is none,
 * on its standard output (docker-credential-helpers, "Development"). */
#pragma once

#include "kernel/base/error.h"
#include "kernel/remote/credentials.h"

/* Asks `name` for what it keeps for `server`. -ENOENT: nothing. Else a failure: it is not
 * installed, does not answer in time, or says something else. */
int credential_helper_get(
        const char *name, const char *server, struct credentials *ret, struct error *err);
int credential_helper_store(const char *name, const char *server, const char *user,
        const char *password, struct error *err);
int credential_helper_erase(const char *name, const char *server, struct error *err);
