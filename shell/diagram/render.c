#include "shell/diagram/render.h"

#include "render/backend.h"
#include "render/view.h"

#include <errno.h>

enum { SVG_COLUMNS = 110, SVG_ROWS = 300 };

static int lay_out(const struct picture *p, int width, int height, struct scene *ret)
{
	struct view_input in = {.diagram = &p->shown, .width = width, .height = height};

	return view_diagram_layout(&in, ret);
}

int diagram_text(const struct picture *p, int width, int height, bool ascii, enum theme theme,
        struct buf *out)
{
	struct scene s;
	struct canvas c;
	int r = lay_out(p, width, height, &s);

	if (r < 0)
		return r;
	r = canvas_init(&c, s.width, s.height);
	if (r == 0) {
		canvas_draw(&c, &s, ascii);
		text_write(&c, theme, out);
		canvas_release(&c);
	}
	scene_release(&s);
	return r < 0 || buf_failed(out) ? -ENOMEM : 0;
}

int diagram_svg(const struct picture *p, enum theme theme, struct buf *out)
{
	struct scene s;
	int r = lay_out(p, SVG_COLUMNS, SVG_ROWS, &s);

	if (r < 0)
		return r;
	svg_write(&s, theme, out);
	scene_release(&s);
	return buf_failed(out) ? -ENOMEM : 0;
}
