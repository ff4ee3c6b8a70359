/* SHA-256 from Nettle: small enough to be loaded at every start of a container, where OpenSSL's
 * libcrypto costs more than all other libraries together. */
#include "kernel/store/digest.h"

#include <errno.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct digest {
	struct sha256_ctx context;
};

struct digest *digest_new(void)
{
	struct digest *d = calloc(1, sizeof *d);

	if (d)
		sha256_init(&d->context);
	return d;
}

void digest_free(struct digest *d)
{
	free(d);
}

void digest_add(struct digest *d, const void *bytes, size_t n)
{
	sha256_update(&d->context, n, bytes);
}

void digest_finish(struct digest *d, char ret[DIGEST_TEXT])
{
	unsigned char sum[SHA256_DIGEST_SIZE];

	sha256_digest(&d->context, sizeof sum, sum);
	memcpy(ret, "sha256:", 8);
	for (size_t i = 0; i < sizeof sum; i++)
		snprintf(ret + 7 + 2 * i, 3, "%02x", sum[i]);
}

int digest_of(const void *bytes, size_t n, char ret[DIGEST_TEXT])
{
	struct digest *d = digest_new();

	if (!d)
		return -ENOMEM;
	digest_add(d, bytes, n);
	digest_finish(d, ret);
	digest_free(d);
	return 0;
}

bool digest_valid(const char *text)
{
	return text && !strncmp(text, "sha256:", 7) && strlen(text) == DIGEST_TEXT - 1 &&
	       strspn(text + 7, "0123456789abcdef") == 64;
}

const char *digest_hex(const char *text)
{
	return text + 7;
}
