/* What of a screen decides how things look on it: for screen.c, which finds it out, and
 * screen_paint.c. */
#pragma once

#include "render/screen.h"

struct screen_look {
	enum theme theme;
	int colours; /* 0 = none to be used */
	bool ascii;
};

/* Lives as long as the screen. */
const struct screen_look *screen_look(const struct screen *s);
