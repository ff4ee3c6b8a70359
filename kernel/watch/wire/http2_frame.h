/* The frames of HTTP/2, RFC 9113 section 4 and 6. Internal to kernel/watch/wire. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum h2_type {
	DATA,
	HEADERS,
	PRIORITY,
	RST_STREAM,
	SETTINGS,
	PUSH_PROMISE,
	PING,
	GOAWAY,
	WINDOW_UPDATE,
	CONTINUATION,
};
enum { END_STREAM = 0x1, END_HEADERS = 0x4, PADDED = 0x8, HAS_PRIORITY = 0x20 };
/* Bytes of a frame's head; and the most that we take for one. */
enum { HEAD = 9, BLOCK_MAX = 64 << 10, FRAME_MAX = 1 << 20 };

struct frame {
	uint32_t length, stream;
	int type, flags;
};

/* The head at HEAD bytes. */
struct frame frame_at(const char *bytes);
/* What section 6 says of each: its size and whether it belongs to a stream. Streams of clients are
 * odd, others do not happen with gRPC. */
bool frame_is_one(const struct frame *f);
/* Whether frames begin and end where the bytes do: so it was no accident. */
bool frame_is_row(const char *bytes, size_t n);
