/* Any bytes as a source of numbers, words and lists. For fuzzers; each includes it once. */
#pragma once

#include "kernel/base/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* What is left of the bytes. Beyond their end there is a row of numbers that depends on all of
 * them, so that a few bytes make a whole machine already. */
struct source {
	const uint8_t *at, *end;
	uint32_t seed;
};

static struct source source_of(const uint8_t *bytes, size_t n)
{
	struct source s = {bytes, bytes + n, 1};

	for (size_t i = 0; i < n; i++)
		s.seed = s.seed * 31 + bytes[i];
	return s;
}

static uint8_t byte(struct source *s)
{
	if (s->at < s->end)
		return *s->at++;
	s->seed = s->seed * 1664525u + 1013904223u;
	return (uint8_t)(s->seed >> 24);
}

/* Mostly small, now and then as large as it gets. */
static uint64_t number(struct source *s)
{
	uint64_t n = byte(s);

	if (n < 0xE0)
		return n;
	if (n == 0xFF)
		return UINT64_MAX - byte(s) % 4;
	for (int i = 0; i < 8; i++)
		n = n << 8 | byte(s);
	return n;
}

static int index_of(struct source *s, size_t n)
{
	return n && byte(s) & 3 ? (int)(byte(s) % n) : -1;
}

/* A length and as many bytes, without NUL, or one of the words that something looks for. */
static const char *text(struct source *s, struct arena *a)
{
	static const char *const words[] = {"", "red", "cutaway", "/", "/cutaway/red", "eth0",
	        "veth", "bridge", "overlay", "0 100000 65536", "sleep 1000", "sha256:0123456789ab",
	        "dockerd", "pause", "memory pids", "shop"};
	size_t n = byte(s);
	char *copy;

	if (n < 64)
		return words[n % (sizeof words / sizeof *words)];
	n = n < 250 ? n % 24 : 300;
	copy = arena_alloc(a, n + 1);
	if (!copy)
		abort();
	for (size_t i = 0; i < n; i++) {
		copy[i] = (char)byte(s);
		if (!copy[i])
			copy[i] = ' ';
	}
	copy[n] = '\0';
	return copy;
}

static void *array(struct arena *a, size_t n, size_t size)
{
	void *all = arena_alloc(a, (n + 1) * size);

	if (!all)
		abort();
	memset(all, 0, (n + 1) * size);
	return all;
}
