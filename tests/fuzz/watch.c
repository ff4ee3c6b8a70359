/* What a watched program hands to the kernel, and a record that somebody gave us: the first byte
 * says which one the others are: a socket's address, the arguments of a call in memory, the command
 * line of a runtime, a system call filter, a line of a record. What is said over sockets is for
 * wire.c. */
#include "kernel/base/cleanup.h"
#include "kernel/watch/call.h"
#include "kernel/watch/endpoint.h"
#include "kernel/watch/filter_names.h"
#include "kernel/watch/memory.h"
#include "kernel/watch/oci_command.h"
#include "kernel/watch/record_read.h"
#include "tests/fuzz/fuzz.h"

#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* A socket's address: its name fits, whatever its size is said to be. */
static void address(const uint8_t *bytes, size_t n)
{
	char name[ENDPOINT_NAME];

	memset(name, 'x', sizeof name);
	endpoint_name(bytes, n, name);
	FUZZ_CHECK(memchr(name, 0, sizeof name) != NULL);
}

/* Another thread of the process that is looked at: it goes on while we read. */
static void *scribble(void *data)
{
	volatile char *area = data;

	for (int i = 0; i < 20000; i++)
		area[(i * 7919) % 4096] = (char)(i % 3 ? i : 0);
	return NULL;
}

/* The arguments of a call, in memory of ours that changes meanwhile and that ends where nothing is:
 * two bytes say which call, six each where an argument points to, the rest stands there. */
static void memory(const uint8_t *bytes, size_t n)
{
	struct call_made made = {.memory = {.tid = getpid()}};
	auto_buf out = BUF_INIT, words = BUF_INIT;
	size_t calls = 0;
	pthread_t thread;
	char *area;

	if (n < 2 + CALL_ARGUMENTS * 2)
		return;
	area = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	FUZZ_CHECK(area != MAP_FAILED && munmap(area + 4096, 4096) == 0);
	for (size_t i = 0; i < CALL_ARGUMENTS; i++) {
		uint64_t value = (uint64_t)bytes[2 + 2 * i] << 8 | bytes[3 + 2 * i];
		made.arguments[i] = value < 8192 ? (uint64_t)(uintptr_t)area + value : value - 8192;
	}
	bytes += 2 + CALL_ARGUMENTS * 2;
	n -= 2 + CALL_ARGUMENTS * 2;
	memcpy(area, bytes, n < 4096 ? n : 4096);
	while (call_at(calls))
		calls++;
	FUZZ_CHECK(pthread_create(&thread, NULL, scribble, area) == 0);
	call_add_arguments(&out, call_at(bytes[-1] % calls), &made);
	memory_add_words(&words, &made.memory, made.arguments[0]);
	FUZZ_CHECK(!buf_failed(&out) && out.len < 2 << 20 && words.len < 64 << 10);
	pthread_join(thread, NULL);
	munmap(area, 4096);
}

static void runtime(const char *bytes, size_t n)
{
	auto_buf words = BUF_INIT, out = BUF_INIT;
	size_t count = 0;

	buf_add_bytes(&words, bytes, n);
	buf_addc(&words, 0);
	for (size_t i = 0; i < words.len; i++)
		count += !words.data[i];
	FUZZ_CHECK(oci_command_words(&out, words.data, count) == (out.len > 0));
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
	case 'a':
		address(bytes + 1, n - 1);
		break;
	case 'm':
		memory(bytes + 1, n - 1);
		break;
	case 'o':
		runtime((const char *)bytes + 1, n - 1);
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
