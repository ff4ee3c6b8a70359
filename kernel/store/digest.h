/* Digests as OCI writes them: "sha256:" and 64 hexadecimal digits, or "sha512:" and 128, in lower
 * case (OCI image specification 1.1, descriptor.md, "Registered algorithms"). */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum digest_algorithm { DIGEST_SHA256, DIGEST_SHA512, DIGEST_ALGORITHMS };

enum { DIGEST_TEXT = 7 + 128 + 1 }; /* bytes of the longest, with the NUL */

struct digest; /* a sum in the making */

struct digest *digest_new(enum digest_algorithm algorithm); /* NULL: no memory */
void digest_free(struct digest *d);
void digest_add(struct digest *d, const void *bytes, size_t n);
/* Ends the sum. */
void digest_finish(struct digest *d, char ret[DIGEST_TEXT]);

int digest_of(enum digest_algorithm algorithm, const void *bytes, size_t n, char ret[DIGEST_TEXT]);
/* Whether the text is one: nothing else may become a file name. Accepts NULL. */
bool digest_valid(const char *text);

/* Of a valid one: */

enum digest_algorithm digest_algorithm(const char *text);
/* The digits after "sha256:" or "sha512:". */
const char *digest_hex(const char *text);
/* Where its blob lies below blobs/: "sha256/HEX" (OCI image specification 1.1, image-layout.md). */
void digest_path(const char *text, char ret[DIGEST_TEXT]);
/* A copy of the text, cut where it is longer than any digest. */
void digest_copy(char ret[DIGEST_TEXT], const char *text);

/* "sha256" */
const char *digest_algorithm_name(enum digest_algorithm algorithm);
