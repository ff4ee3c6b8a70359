/* What a watched program hands to a daemon or to the kernel, and a record that somebody gave us:
 * the first byte says which one the others are, the beginning of an HTTP request, a system call
 * filter, a line of a record. */
#include "kernel/base/cleanup.h"
#include "kernel/watch/conversation.h"
#include "kernel/watch/filter_names.h"
#include "kernel/watch/record_read.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

/* What is told of it is one line for a terminal, and a secret's value is not in it. */
static void request(const char *bytes, size_t n)
{
	auto_buf out = BUF_INIT;
	const char *query;

	if (!conversation_http(&out, bytes, n)) {
		FUZZ_CHECK(out.len == 0);
		return;
	}
	for (size_t i = 0; i < out.len; i++)
		FUZZ_CHECK((unsigned char)out.data[i] >= ' ' && out.data[i] != 0x7f);
	query = strchr(buf_text(&out), '?');
	if (query && !strncmp(query, "?token=", 7))
		FUZZ_CHECK(!strncmp(query, "?token=…", strlen("?token=…")));
}

/* It ends, and answers for the same call the same. */
static void filter(const uint8_t *bytes, size_t n)
{
	const size_t count = n / sizeof(struct sock_filter);
	struct sock_filter *code = malloc(count * sizeof *code + 1);
	struct seccomp_data data = {.nr = 1, .arch = 0xc000003e, .args = {1, 2, 3}};
	uint32_t one = 1, two = 2;
	auto_buf out = BUF_INIT;

	if (!code)
		return;
	memcpy(code, bytes, count * sizeof *code);
	if (filter_run(code, count, &data, &one)) {
		FUZZ_CHECK(filter_run(code, count, &data, &two) && one == two);
	} else {
		FUZZ_CHECK(one == 1);
	}
	if (count < 64)
		filter_names_add(&out, code, count);
	free(code);
}

static void line(const char *bytes, size_t n, bool first)
{
	json_t *json = NULL;
	struct error err = {0};

	if (watch_line_read(bytes, n, first, &json, &err) < 0) {
		FUZZ_CHECK(!json && err.operation[0] && err.cause[0]);
		return;
	}
	FUZZ_CHECK(json_is_object(json) && watch_line_status(json) >= -1);
	json_decref(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	if (!n)
		return 0;
	switch (bytes[0]) {
	case 'h':
		request((const char *)bytes + 1, n - 1);
		break;
	case 'f':
		filter(bytes + 1, n - 1);
		break;
	default:
		line((const char *)bytes + 1, n - 1, bytes[0] & 1);
		break;
	}
	return 0;
}
