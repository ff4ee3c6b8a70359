/* The keys that move in a list or a text, those of less(1) and vi(1). */
#pragma once

#include "render/screen.h"

/* How many lines a key moves in a window of `height` of them, beyond the end when it means the end;
 * 0: it is no such key. */
long scroll_distance(const struct screen_key *key, int height);
