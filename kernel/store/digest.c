/* SHA-2 from Nettle: small enough to be loaded at every start of a container, where OpenSSL's
 * libcrypto costs more than all other libraries together. */
#include "kernel/store/digest.h"

#include <errno.h>
#include <nettle/sha2.h>
#include <stdlib.h>
#include <string.h>

enum { NAME = 6 }; /* bytes of "sha256", and of "sha512" */

static const struct {
	const char *name;
	size_t bytes;
} algorithms[DIGEST_ALGORITHMS] = {
        [DIGEST_SHA256] = {"sha256", SHA256_DIGEST_SIZE},
        [DIGEST_SHA512] = {"sha512", SHA512_DIGEST_SIZE},
};

struct digest {
	enum digest_algorithm algorithm;
	union {
		struct sha256_ctx sha256;
		struct sha512_ctx sha512;
	} context;
};

struct digest *digest_new(enum digest_algorithm algorithm)
{
	struct digest *d = calloc(1, sizeof *d);

	if (!d)
		return NULL;
	d->algorithm = algorithm;
	if (algorithm == DIGEST_SHA512)
		sha512_init(&d->context.sha512);
	else
		sha256_init(&d->context.sha256);
	return d;
}

void digest_free(struct digest *d)
{
	free(d);
}

void digest_add(struct digest *d, const void *bytes, size_t n)
{
	if (d->algorithm == DIGEST_SHA512)
		sha512_update(&d->context.sha512, n, bytes);
	else
		sha256_update(&d->context.sha256, n, bytes);
}

void digest_finish(struct digest *d, char ret[DIGEST_TEXT])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char sum[SHA512_DIGEST_SIZE];
	size_t n = algorithms[d->algorithm].bytes;
	char *p = ret + NAME;

	if (d->algorithm == DIGEST_SHA512)
		sha512_digest(&d->context.sha512, n, sum);
	else
		sha256_digest(&d->context.sha256, n, sum);
	memcpy(ret, algorithms[d->algorithm].name, NAME);
	*p++ = ':';
	for (size_t i = 0; i < n; i++) {
		*p++ = digits[sum[i] >> 4];
		*p++ = digits[sum[i] & 15];
	}
	*p = '\0';
}

int digest_of(enum digest_algorithm algorithm, const void *bytes, size_t n, char ret[DIGEST_TEXT])
{
	struct digest *d = digest_new(algorithm);

	if (!d)
		return -ENOMEM;
	digest_add(d, bytes, n);
	digest_finish(d, ret);
	digest_free(d);
	return 0;
}

bool digest_valid(const char *text)
{
	for (size_t i = 0; text && i < DIGEST_ALGORITHMS; i++)
		if (!strncmp(text, algorithms[i].name, NAME) && text[NAME] == ':') {
			size_t n = strspn(text + NAME + 1, "0123456789abcdef");
			return n == 2 * algorithms[i].bytes && !text[NAME + 1 + n];
		}
	return false;
}

enum digest_algorithm digest_algorithm(const char *text)
{
	return strncmp(text, algorithms[DIGEST_SHA512].name, NAME) ? DIGEST_SHA256 : DIGEST_SHA512;
}

const char *digest_hex(const char *text)
{
	return text + NAME + 1;
}

void digest_path(const char *text, char ret[DIGEST_TEXT])
{
	digest_copy(ret, text);
	ret[NAME] = '/';
}

void digest_copy(char ret[DIGEST_TEXT], const char *text)
{
	memmove(ret, text, strnlen(text, DIGEST_TEXT - 1) + 1);
	ret[DIGEST_TEXT - 1] = '\0';
}

const char *digest_algorithm_name(enum digest_algorithm algorithm)
{
	return algorithms[algorithm].name;
}
