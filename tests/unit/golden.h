/* What is drawn against what was kept in tests/golden: for tests that draw. After a change that is
 * meant: UPDATE_GOLDEN=1 build/unit/TEST, then look at the difference. Run from the root. */
#pragma once

#include "kernel/base/buf.h"
#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "render/backend.h"
#include "render/view.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* tests/golden/NAME.KIND */
static inline void golden_compare(const char *name, const char *kind, const struct buf *drawn)
{
	char path[160];
	auto_buf kept = BUF_INIT;

	snprintf(path, sizeof path, "tests/golden/%s.%s", name, kind);
	if (getenv("UPDATE_GOLDEN")) {
		assert_int_equal(
		        file_replace_at(AT_FDCWD, path, buf_text(drawn), drawn->len, 0644), 0);
		return;
	}
	if (file_read_at(AT_FDCWD, path, 1 << 22, &kept) < 0)
		fail_msg("%s is missing: UPDATE_GOLDEN=1 makes it", path);
	if (strcmp(buf_text(&kept), buf_text(drawn))) {
		fprintf(stderr, "--- %s is now:\n%s", path, buf_text(drawn));
		fail_msg("%s differs from what is drawn", path);
	}
}

/* As cells without colours, in NAME.txt. */
static inline void golden_text(const char *name, const struct scene *s, bool ascii)
{
	struct canvas c;
	auto_buf text = BUF_INIT;

	assert_int_equal(canvas_init(&c, s->width, s->height), 0);
	canvas_draw(&c, s, ascii);
	text_write(&c, THEME_NONE, &text);
	golden_compare(name, "txt", &text);
	canvas_release(&c);
}

/* As a picture, in NAME.svg. */
static inline void golden_svg(const char *name, const struct scene *s, enum theme theme)
{
	auto_buf text = BUF_INIT;

	svg_write(s, theme, &text);
	golden_compare(name, "svg", &text);
}

static inline void golden_draw(
        const char *name, const char *view, struct view_input in, bool ascii, bool svg)
{
	struct scene s;

	assert_int_equal(view_find(view)->layout(&in, &s), 0);
	golden_text(name, &s, ascii);
	if (svg)
		golden_svg(name, &s, THEME_LIGHT);
	scene_release(&s);
}
