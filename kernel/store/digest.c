#include "kernel/store/digest.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct digest {
	EVP_MD_CTX *context;
	bool failed;
};

struct digest *digest_new(void)
{
	struct digest *d = calloc(1, sizeof *d);

	if (!d)
		return NULL;
	d->context = EVP_MD_CTX_new();
	if (!d->context) {
		free(d);
		return NULL;
	}
	d->failed = EVP_DigestInit_ex(d->context, EVP_sha256(), NULL) != 1;
	return d;
}

void digest_free(struct digest *d)
{
	if (!d)
		return;
	EVP_MD_CTX_free(d->context);
	free(d);
}

void digest_add(struct digest *d, const void *bytes, size_t n)
{
	if (EVP_DigestUpdate(d->context, bytes, n) != 1)
		d->failed = true;
}

int digest_finish(struct digest *d, char ret[DIGEST_TEXT])
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	if (d->failed || EVP_DigestFinal_ex(d->context, sum, &n) != 1 || n != 32)
		return -EIO;
	memcpy(ret, "sha256:", 8);
	for (unsigned i = 0; i < n; i++)
		snprintf(ret + 7 + 2 * i, 3, "%02x", sum[i]);
	return 0;
}

int digest_of(const void *bytes, size_t n, char ret[DIGEST_TEXT])
{
	struct digest *d = digest_new();
	int r;

	if (!d)
		return -ENOMEM;
	digest_add(d, bytes, n);
	r = digest_finish(d, ret);
	digest_free(d);
	return r;
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
