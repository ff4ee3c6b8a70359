/* Reading a layer ahead of who uses it: a thread decompresses and takes the sums while the caller
 * makes files of what is there already, as tar(1) and the program that decompresses for it do side
 * by side. The thread calls nothing but layer_stream_read(). */
#pragma once

#include "kernel/store/layer_stream.h"

struct layer_ahead;

/* Starts to read. The stream is borrowed and nobody else's until layer_ahead_stop(). */
int layer_ahead_start(struct layer_stream *s, struct layer_ahead **ret, struct error *err);
/* As layer_stream_read(): the next bytes, valid until the next call; 0 at the end. */
ssize_t layer_ahead_read(struct layer_ahead *a, const void **ret, struct error *err);
/* Ends the thread, gives the stream back and frees. What was read ahead and not asked for is gone:
 * the stream goes on behind it, which does for its sums. The error that was met there, if any.
 * NULL is allowed. */
int layer_ahead_stop(struct layer_ahead *a, struct error *err);
