/* SHA-256 as OCI writes it: "sha256:" and 64 hexadecimal digits (OCI image specification 1.1,
 * descriptor.md). */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { DIGEST_TEXT = 7 + 64 + 1 }; /* bytes with the NUL */

struct digest; /* a sum in the making */

struct digest *digest_new(void); /* NULL: no memory */
void digest_free(struct digest *d);
void digest_add(struct digest *d, const void *bytes, size_t n);
/* Ends the sum. */
void digest_finish(struct digest *d, char ret[DIGEST_TEXT]);

int digest_of(const void *bytes, size_t n, char ret[DIGEST_TEXT]);
/* Whether the text is one: nothing else may become a file name. */
bool digest_valid(const char *text);
/* The digits after "sha256:". */
const char *digest_hex(const char *text);
