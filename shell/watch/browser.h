/* A recorded watch as a screen: lifelines and arrows, of which one is chosen; what it says in full;
 * other levels; what is looked for. What keys do and how it looks, with no terminal: screen.h has
 * one. */
#pragma once

#include "kernel/watch/recording.h"
#include "render/screen.h"
#include "shell/watch/level.h"
#include "shell/watch/lifelines.h"

#include <stdbool.h>

enum watch_over { WATCH_OVER_NOTHING, WATCH_OVER_HELP, WATCH_OVER_EVENT };

struct watch_browser {
	const struct watch_recording *recording;
	enum watch_level level;
	struct arena arena; /* of the lifelines */
	struct lifelines lifelines;
	bool stale; /* they have to be made anew: level, width, events */
	int width;  /* for which they were made */
	size_t cursor, top;
	int height; /* messages there is room for; set by drawing */
	enum watch_over over;
	size_t over_top;
	bool typing, ascii, ended;
	char search[80];
	char note[100]; /* until the next key */
};

void watch_browser_init(struct watch_browser *b, const struct watch_recording *r,
        enum watch_level level, bool ascii);
void watch_browser_release(struct watch_browser *b);
void watch_browser_key(struct watch_browser *b, const struct screen_key *key);
/* All of it into a scene of the size of the screen. */
void watch_browser_draw(struct watch_browser *b, struct scene *s);
/* The words of the chosen event in full: what it is, when, whose, and what it is for. */
void watch_browser_event(const struct watch_browser *b, struct buf *out);
