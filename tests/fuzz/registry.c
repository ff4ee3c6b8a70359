/* What a registry answers: the first byte says whether the others are the header WWW-Authenticate,
 * a manifest or an index, as whichever media type it is sent, or a configuration. */
#include "kernel/base/cleanup.h"
#include "kernel/remote/challenge.h"
#include "kernel/remote/document.h"
#include "kernel/store/layout.h"
#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <string.h>

static void read_challenge(const char *text)
{
	struct challenge c = {0};

	FUZZ_CHECK(challenge_read(text, &c));
	FUZZ_CHECK(c.kind == CHALLENGE_NONE || c.kind == CHALLENGE_BASIC ||
	           c.kind == CHALLENGE_BEARER);
	challenge_release(&c);
}

static void check_descriptor(const struct descriptor *d)
{
	FUZZ_CHECK(digest_valid(d->digest));
	FUZZ_CHECK(strlen(d->media_type) < sizeof d->media_type);
}

static void use_manifest(const struct document *d)
{
	struct descriptor config, *layers = NULL;
	struct error err = {0};
	size_t n = 0;
	int r = document_config(d, &config, &err);

	FUZZ_CHECK(r == 0 || err.code);
	if (r == 0)
		check_descriptor(&config);
	err = (struct error){0};
	r = document_layers(d, &layers, &n, &err);
	FUZZ_CHECK(r == 0 || err.code);
	FUZZ_CHECK(r < 0 || n <= DOCUMENT_LAYERS);
	for (size_t i = 0; r == 0 && i < n; i++)
		check_descriptor(&layers[i]);
	free(layers);
}

static void use_index(const struct document *d)
{
	size_t n = json_array_size(json_object_get(d->json, "manifests"));
	struct descriptor entry;

	for (size_t i = 0; i < n; i++) {
		struct error err = {0};
		int r = document_entry(d, i, &entry, &err);
		FUZZ_CHECK(r == 0 || err.code);
		if (r == 0)
			check_descriptor(&entry);
	}
}

static void read_document(struct buf *bytes, const char *sent_as)
{
	struct document d = {0};
	struct error err = {0};
	int r = document_read(bytes, DIGEST_SHA256, sent_as, "here", &d, &err);

	FUZZ_CHECK(r == 0 || err.code);
	if (r == 0 && d.is_index)
		use_index(&d);
	else if (r == 0)
		use_manifest(&d);
	document_release(&d);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static const char *const types[] = {OCI_MANIFEST, OCI_INDEX, NULL};
	auto_buf text = BUF_INIT;
	unsigned kind = n ? bytes[0] % 5 : 0;
	struct error err = {0};

	if (n)
		buf_add_bytes(&text, bytes + 1, n - 1);
	if (kind == 0)
		read_challenge(buf_text(&text));
	else if (kind < 4)
		read_document(&text, types[kind - 1]);
	else
		FUZZ_CHECK(document_check_config(&text, "here", n % 3, &err) == 0 || err.code);
	return 0;
}
