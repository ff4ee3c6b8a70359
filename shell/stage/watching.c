#include "shell/stage/watching.h"

#include "render/glyph.h"

#include <errno.h>

enum { FRAME = 4, TITLE_MOST = 200 };

void watching_init(struct watching *w)
{
	*w = (struct watching){.level = WATCH_LEVEL_KERNEL, .said = WATCH_LEVEL_KERNEL};
}

void watching_turn(struct watching *w)
{
	w->run_before = w->run;
}

bool watching_goes_on(const struct watching *w)
{
	return w->recording && w->run != w->run_before;
}

bool watching_letter(struct watching *w, uint32_t letter)
{
	int level = letter >= '1' && letter < '1' + WATCH_LEVELS ? (int)(letter - '1')
	            : letter == '+'                              ? (int)w->level + 1
	            : letter == '-'                              ? (int)w->level - 1
	                                                         : WATCH_LEVELS + 1;

	if (level > WATCH_LEVELS)
		return false;
	if (level >= 0 && level < WATCH_LEVELS)
		w->level = (enum watch_level)level;
	return true;
}

int watching_lay_out(
        struct watching *w, struct view_input *in, struct lifelines *lines, struct arena *arena)
{
	enum watch_level said = WATCH_LEVEL_KERNEL;
	int r;

	if (in->subject)
		watch_level_find(in->subject, &said);
	if (said != w->said)
		w->level = said;
	w->said = said;
	r = lifelines_of(
	        w->recording, w->level, in->width - FRAME - LIFELINES_MARGIN, arena, lines);
	if (r < 0)
		return r;
	in->watch = &lines->sequence;
	in->watch_level = watch_level_names[w->level];
	in->watch_title = text_clean(arena, w->recording->command, TITLE_MOST);
	return in->watch_title ? 0 : -ENOMEM;
}
