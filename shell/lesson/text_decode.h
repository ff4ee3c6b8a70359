/* Text files as people saved them, made UTF-8 with newlines. */
#pragma once

#include "kernel/base/buf.h"

#include <stddef.h>

/* Appends the bytes of a text file: a byte order mark goes, UTF-16 that has one is decoded, lines
 * end in newlines (not CR LF, not CR), and bytes that are no UTF-8 are what Windows wrote when it
 * wrote in its own way (code page 1252, of which Latin-1 is a part). Zero bytes go. */
void text_decode(const char *bytes, size_t n, struct buf *out);
