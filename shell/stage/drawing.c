#include "shell/stage/drawing.h"

#include "kernel/base/cleanup.h"
#include "render/canvas.h"
#include "render/view.h"
#include "shell/stage/machine.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct drawing {
	struct machine *machine;
	bool touched;              /* what is shown of the machine is another thing */
	const struct view *shown;  /* last laid out */
	const struct view *chosen; /* by the person, here; NULL = the page's */
	char *subject;             /* of the person's; NULL = the page's */
	struct scene scene;        /* what is drawn now; its strings may be the machine's */
	struct canvas canvas;      /* the same as cells */
	bool out_of_memory;
};

int drawing_new(struct drawing **ret, struct error *err)
{
	struct drawing *d = calloc(1, sizeof(*d));
	int r;

	if (!d)
		return error_set(err, ENOMEM, "open", "the drawing", NULL);
	d->touched = true;
	d->shown = views;
	if ((r = machine_new(&d->machine, err)) < 0) {
		drawing_free(d);
		return r;
	}
	*ret = d;
	return 0;
}

void drawing_free(struct drawing *d)
{
	if (!d)
		return;
	scene_release(&d->scene);
	canvas_release(&d->canvas);
	machine_free(d->machine);
	free(d->subject);
	free(d);
}

size_t drawing_pollfds(struct drawing *d, struct pollfd *fds, size_t n)
{
	return machine_pollfds(d->machine, fds, n);
}

void drawing_drain(struct drawing *d)
{
	machine_drain(d->machine);
}

int drawing_wait(const struct drawing *d)
{
	return d->touched ? 0 : machine_wait(d->machine);
}

void drawing_begin(struct drawing *d)
{
	scene_release(&d->scene); /* it may hold strings of a model that goes now */
	d->touched = true;
	machine_begin(d->machine);
}

void drawing_touch(struct drawing *d)
{
	d->touched = true;
}

void drawing_lively(struct drawing *d)
{
	machine_lively(d->machine);
}

/* ---- which view, of what ---- */

static bool choose_view(struct drawing *d, const struct view *view)
{
	d->chosen = view;
	d->touched = true;
	return true;
}

bool drawing_choose(struct drawing *d, const char *view, const char *subject)
{
	const struct view *chosen = view ? view_find(view) : NULL;

	if (view && !chosen)
		return false;
	free(d->subject);
	/* Without memory it is about what the page is about. */
	d->subject = chosen && subject && *subject ? strdup(subject) : NULL;
	return choose_view(d, chosen);
}

const char *drawing_view(const struct drawing *d)
{
	return d->shown->name;
}

bool drawing_is_chosen(const struct drawing *d)
{
	return d->chosen;
}

static const struct view *page_view(const struct lab_state *state)
{
	const struct view *view = state->view ? view_find(state->view) : NULL;

	return view ? view : view_find("host");
}

/* ---- keys ---- */

bool drawing_take_key(struct drawing *d, const struct screen_key *key)
{
	const struct view *next = d->shown + 1;

	if (key->kind != KEY_KIND_CHARACTER || key->alt || key->control)
		return false;
	switch (key->character) {
	case 'v':
		return choose_view(d, next->name ? next : views);
	case '0':
		return drawing_choose(d, NULL, NULL);
	default:
		return false;
	}
}

/* ---- from the machine to cells ---- */

static int lay_out(
        struct drawing *d, const struct lab_state *state, int height, int width, bool ascii)
{
	const struct view *view = d->chosen ? d->chosen : page_view(state);
	const char *subject = d->subject ? d->subject : state->subject;
	auto_free struct view_want *wants = calloc(state->n_unmet + 1, sizeof(*wants));
	struct view_input in = {
	        .now = machine_now(d->machine),
	        .before = machine_before(d->machine),
	        .wants = wants,
	        .n_wants = state->n_unmet,
	        .subject = subject && *subject ? subject : NULL,
	        .width = width,
	        .height = height,
	};
	struct scene scene = {0};
	struct canvas canvas = {0};
	int r;

	if (!wants)
		return -ENOMEM;
	for (size_t i = 0; i < state->n_unmet; i++)
		wants[i] = (struct view_want){state->unmet[i].fact, state->unmet[i].wanted};
	if ((r = view->layout(&in, &scene)) < 0)
		return r;
	if ((r = canvas_init(&canvas, width, height)) < 0) {
		scene_release(&scene);
		return r;
	}
	canvas_draw(&canvas, &scene, ascii);
	scene_release(&d->scene);
	canvas_release(&d->canvas);
	d->scene = scene;
	d->canvas = canvas;
	d->shown = view;
	machine_follow_use(d->machine, view->use);
	return 0;
}

static int64_t processor_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

bool drawing_update(
        struct drawing *d, const struct lab_state *state, int height, int width, bool ascii)
{
	int64_t start = processor_us();
	bool read;

	if (height < 1 || width < 1)
		return false;
	read = machine_update(d->machine);
	if (!read && !d->touched)
		return false;
	d->touched = false;
	d->out_of_memory = machine_now(d->machine) && lay_out(d, state, height, width, ascii) < 0;
	if (d->out_of_memory)
		scene_release(&d->scene);
	if (read)
		machine_set_cost(d->machine, processor_us() - start);
	return true;
}

void drawing_draw(struct drawing *d, struct screen *screen, const struct rectangle *area)
{
	const char *problem =
	        d->out_of_memory ? "There is no memory left to draw." : machine_problem(d->machine);

	screen_fill(screen, area->y, area->x, area->height, area->width);
	if (*problem)
		screen_put_text(
		        screen, area->y, area->x, area->width, problem, SCENE_PLAIN, MARK_FAILED);
	else if (d->canvas.cells)
		screen_put_canvas(screen, area->y, area->x, area->height, area->width, &d->canvas);
}
