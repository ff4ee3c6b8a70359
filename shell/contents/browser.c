#include "shell/contents/browser.h"

#include "kernel/base/cleanup.h"
#include "render/screen.h"
#include "shell/contents/browser_state.h"
#include "shell/full_screen.h"

#include <errno.h>

/* ---- the state ---- */

int browser_init(struct browser *b, const struct image_contents *c, const struct file_view *view)
{
	*b = (struct browser){.contents = c, .view = *view, .focus = FOCUS_FILES};
	b->closed = calloc(c->files.n_nodes, 1);
	if (!b->closed || efficiency_of(&c->files, &b->efficiency, NULL) < 0) {
		browser_release(b);
		return -ENOMEM;
	}
	b->view.closed = b->closed;
	b->layers.n = c->n_layers;
	b->layers.cursor = view->layer < c->n_layers ? view->layer : c->n_layers - 1;
	browser_refresh(b);
	return 0;
}

void browser_release(struct browser *b)
{
	browser_trace_release(b);
	efficiency_release(&b->efficiency);
	file_rows_release(&b->rows);
	free(b->closed);
	*b = (struct browser){0};
}

/* ---- the terminal ---- */

static void begin(void *data, struct screen *screen)
{
	struct browser *b = data;

	screen_mouse(screen, true);
	b->ascii = screen_is_ascii(screen);
}

static void draw(void *data, struct scene *s)
{
	browser_arrange(data, s->height, s->width);
	browser_draw(data, s);
}

static void highlight(void *data, struct screen *screen, const struct canvas *c)
{
	struct browser_area a;
	struct style style = screen_style(screen, SCENE_TITLE);
	auto_buf text = BUF_INIT;

	if (!browser_cursor_line(data, &a) || a.y >= c->height)
		return;
	for (int x = a.x; x < a.x + a.width && x < c->width; x++)
		buf_add(&text, c->cells[a.y * c->width + x].text);
	style.reverse = true;
	if (!buf_failed(&text))
		screen_put_styled(screen, a.y, a.x, a.width, buf_text(&text), &style);
}

static void take_key(void *data, const struct screen_key *key)
{
	browser_key(data, key);
}

int browser_run(const struct image_contents *c, const struct file_view *view, enum theme theme,
        struct error *err)
{
	struct browser b;
	const struct full_screen f = {.data = &b,
	        .begin = begin,
	        .draw = draw,
	        .over = highlight,
	        .key = take_key,
	        .ended = &b.ended};
	int r = browser_init(&b, c, view);

	if (r < 0)
		return error_set(err, -r, "show image", c->found.name, NULL);
	r = full_screen_run(&f, theme, err);
	browser_release(&b);
	return r;
}
