#include "shell/watch/screen.h"

#include "shell/full_screen.h"
#include "shell/watch/browser.h"

static void begin(void *data, struct screen *screen)
{
	struct watch_browser *b = data;

	b->ascii = screen_is_ascii(screen);
}

static void draw(void *data, struct scene *s)
{
	watch_browser_draw(data, s);
}

static void take_key(void *data, const struct screen_key *key)
{
	watch_browser_key(data, key);
}

int watch_screen(const struct watch_recording *recording, enum watch_level level, enum theme theme,
        struct error *err)
{
	struct watch_browser b;
	const struct full_screen f = {
	        .data = &b, .begin = begin, .draw = draw, .key = take_key, .ended = &b.ended};
	int r;

	watch_browser_init(&b, recording, level, false);
	r = full_screen_run(&f, theme, err);
	watch_browser_release(&b);
	return r;
}
