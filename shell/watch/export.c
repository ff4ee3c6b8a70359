#include "shell/watch/export.h"

#include "render/backend.h"
#include "shell/watch/picture.h"
#include "shell/watch/trace_events.h"

#include <errno.h>
#include <string.h>

static const char *const names[] = {"text", "svg", "json", "trace"};

bool watch_format_find(const char *name, enum watch_format *ret)
{
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (!strcmp(names[i], name)) {
			*ret = (enum watch_format)i;
			return true;
		}
	return false;
}

enum watch_format watch_format_of_file(const char *path)
{
	const char *ending = strrchr(path, '.');
	enum watch_format format = WATCH_TEXT;

	if (ending && !watch_format_find(ending + 1, &format))
		return WATCH_TEXT;
	return format;
}

static int draw(const struct scene *s, const struct watch_export *o, struct buf *out)
{
	struct canvas c;
	int r;

	if (o->format == WATCH_SVG) {
		svg_write(s, o->theme == THEME_NONE ? THEME_LIGHT : o->theme, out);
		return 0;
	}
	r = canvas_init(&c, s->width, s->height);
	if (r < 0)
		return r;
	canvas_draw(&c, s, o->ascii);
	text_write(&c, o->theme, out);
	canvas_release(&c);
	return 0;
}

int watch_export(const struct watch_recording *r, const struct watch_export *o, struct buf *out,
        struct error *err)
{
	struct scene s;
	int result;

	if (o->format == WATCH_JSON) {
		result = watch_picture_json(r, o->level, out);
	} else if (o->format == WATCH_TRACE) {
		result = watch_trace_events(r, out);
	} else {
		result = watch_picture(r, o->level, o->width, &s);
		if (result == 0) {
			result = draw(&s, o, out);
			scene_release(&s);
		}
	}
	if (result == 0 && buf_failed(out))
		result = -ENOMEM;
	return result < 0 ? error_set(err, -result, "draw", "watch", NULL) : 0;
}
