/* A string that grows. Always NUL-terminated once something was added; binary content is allowed.
 * A failed allocation sets `failed` and later additions do nothing, so that a caller may check
 * once, at the end, with buf_failed(). */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct buf {
	char *data; /* NULL while empty; owned */
	size_t len; /* bytes, without the NUL */
	size_t cap;
	bool failed;
};

#define BUF_INIT                                                                                   \
	{                                                                                          \
		0                                                                                  \
	}

void buf_release(struct buf *b);
void buf_reset(struct buf *b); /* empties, keeps the memory */
void buf_add(struct buf *b, const char *text);
void buf_add_bytes(struct buf *b, const void *bytes, size_t n);
void buf_addc(struct buf *b, char c);
void buf_addf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_addv(struct buf *b, const char *format, va_list args);

/* The text, never NULL; valid until the next change. */
const char *buf_text(const struct buf *b);
/* The text as a heap string of the caller's, NULL after a failed allocation; `b` is empty after it.
 */
char *buf_steal(struct buf *b);
bool buf_failed(const struct buf *b);
