/* What is drawn against what was kept in tests/golden: for tests that draw. After a change that is
 * meant: UPDATE_GOLDEN=1 build/unit/TEST, then look at the difference. Run from the root. */
#pragma once

#include "kernel/base/buf.h"
#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static inline void golden_compare(const char *name, const struct buf *drawn)
{
	char path[128];
	auto_buf kept = BUF_INIT;

	snprintf(path, sizeof path, "tests/golden/%s", name);
	if (getenv("UPDATE_GOLDEN")) {
		assert_int_equal(
		        file_replace_at(AT_FDCWD, path, buf_text(drawn), drawn->len, 0644), 0);
		return;
	}
	if (file_read_at(AT_FDCWD, path, 1 << 22, &kept) < 0)
		fail_msg("%s is missing: UPDATE_GOLDEN=1 makes it", path);
	if (strcmp(buf_text(&kept), buf_text(drawn))) {
		fprintf(stderr, "--- %s is now:\n%s", name, buf_text(drawn));
		fail_msg("%s differs from what is drawn", path);
	}
}
