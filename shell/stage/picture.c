#include "shell/stage/picture.h"

#include "kernel/base/cleanup.h"
#include "kernel/observe/observer.h"
#include "kernel/observe/watch.h"
#include "render/canvas.h"
#include "render/view.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* While the learner does something the drawing follows at once. On a machine where only others are
 * busy it looks once a second, and less often where looking costs more: a share of 1 in CALM_SHARE
 * of one processor is what a lab at rest may use. */
enum {
	INTERVAL_MS = 100,
	CALM_INTERVAL_MS = 1000,
	CALM_INTERVAL_MAX_MS = 10000,
	CALM_SHARE = 200,
	LIVELY_MS = 3000
};

struct picture {
	struct observer *observer;
	struct watch *watch;
	struct model *now, *before; /* may be one and the same */
	bool changed;               /* the machine, since the last reading */
	bool touched;               /* what is shown of it */
	bool begin;                 /* the next reading becomes `before` */
	int64_t read_ms;            /* when it was read */
	int64_t lively_ms;          /* when the learner last did something */
	int64_t cost_us;            /* processor time of the last reading and layout */
	struct canvas canvas;
	char problem[512]; /* why there is no drawing; "" = there is */
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int picture_new(struct picture **ret, struct error *err)
{
	struct picture *p = calloc(1, sizeof(*p));
	int r;

	if (!p)
		return error_set(err, ENOMEM, "open", "the drawing", NULL);
	p->changed = p->touched = true;
	p->lively_ms = now_ms();
	p->read_ms = p->lively_ms - INTERVAL_MS;
	if ((r = observer_new(&(struct observer_options){0}, &p->observer, err)) < 0 ||
	        (r = watch_new(NULL, &p->watch, err)) < 0) {
		picture_free(p);
		return r;
	}
	*ret = p;
	return 0;
}

void picture_free(struct picture *p)
{
	if (!p)
		return;
	if (p->before != p->now)
		model_free(p->before);
	model_free(p->now);
	canvas_release(&p->canvas);
	observer_free(p->observer);
	watch_free(p->watch);
	free(p);
}

size_t picture_pollfds(struct picture *p, struct pollfd *fds, size_t n)
{
	return watch_pollfds(p->watch, fds, n);
}

void picture_drain(struct picture *p)
{
	p->changed |= watch_drain(p->watch);
}

void picture_touch(struct picture *p)
{
	p->touched = true;
}

void picture_lively(struct picture *p)
{
	p->lively_ms = now_ms();
}

static int64_t processor_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int64_t calm_interval_ms(const struct picture *p)
{
	int64_t ms = p->cost_us * CALM_SHARE / 1000;

	if (ms < CALM_INTERVAL_MS)
		return CALM_INTERVAL_MS;
	return ms > CALM_INTERVAL_MAX_MS ? CALM_INTERVAL_MAX_MS : ms;
}

static int64_t due_ms(const struct picture *p)
{
	bool lively = p->read_ms - p->lively_ms < LIVELY_MS;

	return p->read_ms + (lively ? INTERVAL_MS : calm_interval_ms(p));
}

int picture_wait(const struct picture *p)
{
	int64_t left = due_ms(p) - now_ms();

	if (p->touched)
		return 0;
	if (!p->changed)
		return -1;
	return left > 0 ? (int)left : 0;
}

static void read_machine(struct picture *p)
{
	struct model *fresh = NULL;
	struct error err = {0};
	auto_buf text = BUF_INIT;

	p->changed = false;
	p->problem[0] = '\0';
	if (observer_read(p->observer, &fresh, &err) < 0) {
		error_format(&err, &text);
		snprintf(p->problem, sizeof(p->problem), "%s", buf_text(&text));
		return;
	}
	if (p->now != p->before)
		model_free(p->now);
	p->now = fresh;
	if (p->begin || !p->before) {
		model_free(p->before);
		p->before = fresh;
		p->begin = false;
	}
	p->read_ms = now_ms();
}

/* At once, and also while the drawing is hidden: whoever looks at it later wants to see what
 * changed. */
void picture_begin(struct picture *p)
{
	p->begin = p->touched = true;
	read_machine(p);
}

static int lay_out(
        struct picture *p, const struct lab_state *state, int height, int width, bool ascii)
{
	const struct view *view = view_find(state->view && *state->view ? state->view : "host");
	auto_free struct view_want *wants = calloc(state->n_unmet + 1, sizeof(*wants));
	struct view_input in = {
	        .now = p->now,
	        .before = p->before,
	        .wants = wants,
	        .n_wants = state->n_unmet,
	        .subject = state->subject && *state->subject ? state->subject : NULL,
	        .width = width,
	        .height = height,
	};
	struct scene scene = {0};
	int r;

	if (!wants)
		return -ENOMEM;
	for (size_t i = 0; i < state->n_unmet; i++)
		wants[i] = (struct view_want){state->unmet[i].fact, state->unmet[i].wanted};
	if (!view)
		view = view_find("host");
	if ((r = view->layout(&in, &scene)) < 0)
		return r;
	canvas_release(&p->canvas);
	if (!(r = canvas_init(&p->canvas, width, height)))
		canvas_draw(&p->canvas, &scene, ascii);
	scene_release(&scene);
	return r;
}

bool picture_update(
        struct picture *p, const struct lab_state *state, int height, int width, bool ascii)
{
	bool due = p->changed && now_ms() >= due_ms(p);
	int64_t start = processor_us();

	if (height < 1 || width < 1 || (!due && !p->touched))
		return false;
	if (due || !p->now)
		read_machine(p);
	p->touched = false;
	if (p->now && lay_out(p, state, height, width, ascii) < 0)
		snprintf(p->problem, sizeof(p->problem), "%s", "There is no memory left to draw.");
	if (due)
		p->cost_us = processor_us() - start;
	return true;
}

void picture_draw(struct picture *p, struct screen *screen, const struct rectangle *area)
{
	screen_fill(screen, area->y, area->x, area->height, area->width);
	if (p->problem[0])
		screen_put_text(screen, area->y, area->x, area->width, p->problem, SCENE_PLAIN,
		        MARK_FAILED);
	else if (p->canvas.cells)
		screen_put_canvas(screen, area->y, area->x, area->height, area->width, &p->canvas);
}
