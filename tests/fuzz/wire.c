/* What two processes write to each other, in any protocol and damaged in any way: the first byte
 * says whether bodies are told; then come writes, of each its side and size in two bytes and what
 * is written. What is called a token is told by nobody, and all that is kept stays small. */
#include "kernel/watch/wire/wire.h"
#include "kernel/base/cleanup.h"
#include "kernel/watch/wire/mask.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

struct heard {
	size_t said;
};

static void on_said(void *data, const struct wire_said *said)
{
	struct heard *heard = data;
	const char *query;

	heard->said++;
	FUZZ_CHECK(said->api && said->text && (said->side == 0 || said->side == 1));
	FUZZ_CHECK(strlen(said->text) <= 128 << 10);
	FUZZ_CHECK(!said->of || said->answer);
	query = strcmp(said->api, "http") || said->answer ? NULL : strchr(said->text, '?');
	if (query && !strncmp(query, "?token=", 7))
		FUZZ_CHECK(!strncmp(query, "?token=…", strlen("?token=…")));
	FUZZ_CHECK(!said->body || strlen(said->body) <= 256 << 10);
}

static void body(const char *bytes, size_t n)
{
	auto_buf once = BUF_INIT, twice = BUF_INIT;

	if (!mask_json(&once, bytes, n)) {
		FUZZ_CHECK(once.len == 0);
		return;
	}
	/* What is masked is JSON, and masked already. */
	FUZZ_CHECK(mask_json(&twice, buf_text(&once), once.len));
	FUZZ_CHECK(!strcmp(buf_text(&once), buf_text(&twice)));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct heard heard = {0};
	struct wire *w;
	size_t at = 1, length, passed;

	if (!n)
		return 0;
	if (bytes[0] == 'j') {
		body((const char *)bytes + 1, n - 1);
		return 0;
	}
	w = wire_new(bytes[0] & 1, on_said, &heard);
	while (w && n - at > 2) {
		int side = bytes[at] >> 7;
		length = (size_t)(bytes[at] & 0x7f) << 8 | bytes[at + 1];
		at += 2;
		if (length > n - at)
			length = n - at;
		passed = wire_pass(w, side, length);
		FUZZ_CHECK(passed <= length);
		wire_bytes(w, side, at, (const char *)bytes + at + passed, length - passed);
		FUZZ_CHECK(wire_waiting(w, 0) + wire_waiting(w, 1) <= 64);
		at += length;
	}
	FUZZ_CHECK(heard.said <= n);
	wire_free(w);
	return 0;
}
