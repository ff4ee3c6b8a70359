/* What the targets share. Each is a libFuzzer program (llvm.org/docs/LibFuzzer.html) from clang's
 * sanitizers: it is given bytes, must not crash, leak or run for ever, and says with FUZZ_CHECK
 * what has to hold. */
#pragma once

#include "kernel/base/buf.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define FUZZ_CHECK(condition) fuzz_check((condition), #condition)

static inline void fuzz_check(int holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "does not hold: %s\n", what);
	abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

/* A directory of our own below $TMPDIR, else in memory. */
static inline const char *fuzz_directory(void)
{
	static char path[200];
	static int made;
	const char *parent = getenv("TMPDIR");

	if (made++)
		return path;
	snprintf(path, sizeof path, "%s/fuzz-XXXXXX", parent ? parent : "/dev/shm");
	if (!mkdtemp(path)) {
		perror(path);
		exit(2);
	}
	return path;
}
