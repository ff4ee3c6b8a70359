#include "kernel/watch/wire/http2_frame.h"

#include "kernel/watch/wire/wire_inner.h"

struct frame frame_at(const char *b)
{
	return (struct frame){.length = wire_u24(b),
	        .type = (unsigned char)b[3],
	        .flags = (unsigned char)b[4],
	        .stream = wire_u32(b + 5)};
}

bool frame_is_one(const struct frame *f)
{
	bool of_stream = (f->stream & 0x80000001u) == 1;

	switch (f->type) {
	case DATA:
	case CONTINUATION:
		return of_stream && f->length <= FRAME_MAX;
	case HEADERS:
		return of_stream && f->length && f->length <= BLOCK_MAX;
	case PRIORITY:
		return of_stream && f->length == 5;
	case RST_STREAM:
		return of_stream && f->length == 4;
	case SETTINGS:
		return !f->stream && f->length % 6 == 0 && f->length < 6 * 100;
	case PING:
		return !f->stream && f->length == 8;
	case GOAWAY:
		return !f->stream && f->length >= 8 && f->length <= FRAME_MAX;
	case WINDOW_UPDATE:
		return (!f->stream || of_stream) && f->length == 4;
	default:
		return false;
	}
}

bool frame_is_row(const char *bytes, size_t n)
{
	while (n >= HEAD) {
		struct frame f = frame_at(bytes);
		if (!frame_is_one(&f) || f.length > n - HEAD)
			return false;
		bytes += HEAD + f.length;
		n -= HEAD + f.length;
	}
	return n == 0;
}
