#include "kernel/store/layer.h"
#include "kernel/store/layer_stream.h"

#include <stdio.h>

int layer_read(int blob, const char *digest, const char *diff_id,
        int (*take)(void *data, const void *bytes, size_t n), void *data, struct error *err)
{
	struct layer_stream *s = NULL;
	const void *bytes;
	ssize_t n = 0;
	int r = layer_stream_open(blob, digest, diff_id, &s, err);

	while (r == 0 && (n = layer_stream_read(s, &bytes, err)) > 0)
		r = take(data, bytes, (size_t)n);
	if (r == 0)
		r = n < 0 ? (int)n : layer_stream_finish(s, err);
	layer_stream_free(s);
	if (r < 0 && err && !err->object[0])
		snprintf(err->object, sizeof err->object, "%s", digest ? digest : diff_id);
	return r;
}
