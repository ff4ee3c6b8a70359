#include "shell/stage/drawing.h"

#include "kernel/base/cleanup.h"
#include "kernel/observe/fact.h"
#include "render/canvas.h"
#include "render/glyph.h"
#include "render/view.h"
#include "shell/stage/explore.h"
#include "shell/stage/machine.h"
#include "shell/stage/text.h"

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
	struct explore explore;    /* where the person is in it */
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
	explore_release(&d->explore);
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
	explore_reset(&d->explore);
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
	explore_reset(&d->explore);
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

void drawing_activate(struct drawing *d, bool active)
{
	d->touched |= active != d->explore.active;
	explore_activate(&d->explore, active);
}

/* Those that one zooms into need a subject: they are passed over. */
static const struct view *next_view(const struct view *v)
{
	do {
		v = v[1].name ? v + 1 : views;
	} while (v->deep);
	return v;
}

bool drawing_take_key(struct drawing *d, const struct screen_key *key)
{
	bool letter = key->kind == KEY_KIND_CHARACTER && !key->alt && !key->control &&
	              !explore_takes_text(&d->explore);

	if (letter && key->character == 'v')
		return choose_view(d, next_view(d->shown));
	if (letter && key->character == '0')
		return drawing_choose(d, NULL, NULL);
	if (!explore_take_key(&d->explore, key))
		return false;
	d->touched = true;
	return true;
}

void drawing_take_mouse(struct drawing *d, int row, int column, int button)
{
	explore_take_mouse(&d->explore, row, column, button);
	d->touched = true;
}

/* ---- from the machine to cells ---- */

/* The view that the person has zoomed into, or the one that zoom begins in; and what is folded. */
static int lay_out_view(struct drawing *d, const struct view_input *page, const struct view *view,
        struct scene *ret)
{
	struct view_input in = *page;
	struct arena arena = {0};
	struct model_fact fact;
	int r;

	explore_begin(&d->explore, &view, &in);
	if (view->about && !strcmp(view->about, "fact") && in.subject &&
	        fact_find(in.now, in.subject, &arena, &fact) == 0)
		in.fact = &fact;
	r = view->layout(&in, ret);
	arena_release(&arena);
	if (!r && (r = explore_scene(&d->explore, ret)) < 0)
		scene_release(ret);
	return r;
}

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
	        .height = height - explore_bar_rows(&d->explore, height),
	};
	struct scene scene = {0};
	struct canvas canvas = {0};
	int r;

	if (!wants)
		return -ENOMEM;
	for (size_t i = 0; i < state->n_unmet; i++)
		wants[i] = (struct view_want){state->unmet[i].fact, state->unmet[i].wanted};
	if ((r = lay_out_view(d, &in, view, &scene)) < 0)
		return r;
	r = canvas_init(&canvas, width, scene.height > height ? scene.height : height);
	if (r < 0) {
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

/* The bar below the picture: where the person is, and what can be done there. */
static void draw_bar(
        const struct drawing *d, struct screen *screen, const struct rectangle *area, int rows)
{
	struct style strong = screen_style(screen, SCENE_YOU),
	             dim = screen_style(screen, SCENE_DIM);
	auto_buf left = BUF_INIT, right = BUF_INIT;
	struct arena arena = {0};
	int y = area->y + area->height - rows, width;
	const char *clean;

	explore_bar(&d->explore, d->shown->name, screen_is_ascii(screen), &left, &right);
	strong.bold = true;
	width = text_width(buf_text(&right));
	clean = text_clean(&arena, buf_text(&left), 1024);
	if (clean && text_width(clean) + width + 1 > area->width) {
		buf_reset(&right);
		buf_add(&right, "? keys ");
		width = text_width(buf_text(&right));
	}
	screen_fill(screen, y, area->x, rows, area->width);
	if (clean && area->width > width)
		screen_put_styled(screen, y, area->x, area->width - width, clean, &strong);
	screen_put_styled(screen, y, area->x + area->width - width, width, buf_text(&right), &dim);
	arena_release(&arena);
}

static void draw_help(struct screen *screen, const struct rectangle *area)
{
	auto_buf help = BUF_INIT;

	explore_help(&help);
	buf_add(&help, "v 0               the next view, the lesson's again\n");
	screen_fill(screen, area->y, area->x, area->height, area->width);
	stage_message_draw(
	        screen, area, "keys of the drawing: any key closes this", buf_text(&help), true);
}

void drawing_draw(struct drawing *d, struct screen *screen, const struct rectangle *area)
{
	const char *problem =
	        d->out_of_memory ? "There is no memory left to draw." : machine_problem(d->machine);
	int rows = explore_bar_rows(&d->explore, area->height), top = d->explore.top;
	struct canvas part = d->canvas; /* of the picture that is in the window */

	screen_fill(screen, area->y, area->x, area->height, area->width);
	if (*problem) {
		screen_put_text(
		        screen, area->y, area->x, area->width, problem, SCENE_PLAIN, MARK_FAILED);
		return;
	}
	if (part.cells && top < part.height) {
		part.cells += (ptrdiff_t)top * part.width;
		part.height -= top;
		screen_put_canvas(
		        screen, area->y, area->x, area->height - rows, area->width, &part);
	}
	if (rows)
		draw_bar(d, screen, area, rows);
	if (d->explore.help)
		draw_help(screen, area);
}
