/* From the machine to cells: which moment, what is wanted of it, laid out by the view. */
#include "shell/stage/drawing_state.h"

#include "kernel/observe/fact.h"
#include "render/glyph.h"
#include "render/large.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const struct view *page_view(const char *name)
{
	const struct view *view = name ? view_find(name) : NULL;

	return view ? view : view_find("host");
}

/* The view that the person has zoomed into, or the one that zoom begins in; and what is folded. */
static int lay_out_view(struct drawing *d, const struct view_input *page, const struct view *view,
        struct scene *ret)
{
	struct view_input in = *page;
	struct arena arena = {0};
	struct model_fact fact;
	int r, rows;

	explore_begin(&d->explore, &view, &in);
	rows = in.height;
	if (d->large)
		in.height = large_rows(rows);
	if (view->about && !strcmp(view->about, "fact") && in.subject &&
	        fact_find(in.now, in.subject, &arena, &fact) == 0)
		in.fact = &fact;
	if (view->about && !strcmp(view->about, "diagram"))
		in.diagram = board_picture(d->board, in.subject, in.now);
	r = view->layout(&in, ret);
	arena_release(&arena);
	if (!r && d->large)
		large_spread(ret, rows);
	if (!r && (r = explore_scene(&d->explore, ret)) < 0)
		scene_release(ret);
	return r;
}

/* What is looked at: a state of the past with what its page wanted then, or the machine now. */
struct moment {
	const struct model *now, *before;
	const char *view, *subject;
	const struct view_want *wants;
	size_t n_wants;
	struct view_want *own; /* of the moment, to be freed */
};

static int moment_now(struct drawing *d, const struct lab_state *lab, struct moment *ret)
{
	struct history *h = machine_history(d->machine);
	struct view_want *wants = calloc(lab->n_unmet + 1, sizeof(*wants));

	if (!wants)
		return -ENOMEM;
	for (size_t i = 0; i < lab->n_unmet; i++)
		wants[i] = (struct view_want){lab->unmet[i].fact, lab->unmet[i].wanted};
	*ret = (struct moment){
	        .now = h->live,
	        .before = history_first_of(h, history_newest(h))->model,
	        .view = lab->view,
	        .subject = lab->subject,
	        .wants = wants,
	        .n_wants = lab->n_unmet,
	        .own = wants,
	};
	return 0;
}

static struct moment moment_past(const struct drawing *d, const struct history_state *s)
{
	return (struct moment){
	        .now = s->model,
	        .before = history_first_of(machine_history(d->machine), s)->model,
	        .view = s->view,
	        .subject = s->subject,
	        .wants = s->wants,
	        .n_wants = s->n_wants,
	};
}

static int draw_cells(struct drawing *d, const struct view *view, const struct view_input *in,
        int height, bool ascii)
{
	struct scene scene = {0};
	struct canvas canvas = {0};
	struct arena watched = {0};
	struct lifelines lines;
	struct view_input with = *in;
	int r = 0;

	if (drawing_shows_watch(d, view))
		r = watching_lay_out(&d->watch, &with, &lines, &watched);
	if (r == 0)
		r = lay_out_view(d, &with, view, &scene);
	if (r < 0) {
		arena_release(&watched);
		return r;
	}
	r = canvas_init(&canvas, in->width, scene.height > height ? scene.height : height);
	if (r < 0) {
		scene_release(&scene);
		arena_release(&watched);
		return r;
	}
	canvas_draw(&canvas, &scene, ascii);
	scene_release(&d->scene);
	arena_release(&d->watched);
	d->watched = watched;
	canvas_release(&d->canvas);
	d->scene = scene;
	d->canvas = canvas;
	d->shown = view;
	machine_follow_use(d->machine, view->use);
	return 0;
}

/* Whose shell this is, for who looks from outside; NULL when that cannot be told. Asked once: it
 * may be a question to a server. */
static const char *owner_of(struct drawing *d, const struct model *m, pid_t shell)
{
	const struct model_process *p = shell > 0 ? model_process(m, shell) : NULL;
	const struct passwd *entry;

	if (!p || !d->outside)
		return NULL;
	if (!*d->owner || d->owner_uid != p->uid) {
		entry = getpwuid(p->uid);
		if (entry)
			snprintf(d->owner, sizeof(d->owner), "%s", entry->pw_name);
		else
			snprintf(d->owner, sizeof(d->owner), "user %u", (unsigned)p->uid);
		d->owner_uid = p->uid;
	}
	return d->owner;
}

static int lay_out(
        struct drawing *d, const struct lab_state *lab, int height, int width, bool ascii)
{
	const struct history_state *past = drawing_past(d);
	struct moment m = {0};
	const char *subject;
	struct view_input in;
	int r;

	if (past)
		m = moment_past(d, past);
	else if ((r = moment_now(d, lab, &m)) < 0)
		return r;
	subject = d->subject ? d->subject : m.subject;
	in = (struct view_input){
	        .now = m.now,
	        .before = m.before,
	        .wants = m.wants,
	        .n_wants = m.n_wants,
	        .subject = subject && *subject ? subject : NULL,
	        .shell = lab->shell_pid,
	        .whose = owner_of(d, m.now, lab->shell_pid),
	        .width = width,
	        .height = height - explore_bar_rows(&d->explore, height) -
	                  drawing_past_rows(d, height),
	};
	r = draw_cells(d, d->chosen ? d->chosen : page_view(m.view), &in, height, ascii);
	free(m.own);
	return r;
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
	bool read = machine_update(d->machine);

	/* What the lab has just told belongs to what is about to be read. */
	if (read || !machine_is_behind(d->machine))
		history_note(machine_history(d->machine), state);
	d->hidden = height < 1 || width < 1;
	if (d->hidden || (!read && !d->touched)) {
		if (read) { /* kept for later; the scene may hold strings of a model that went */
			scene_release(&d->scene);
			d->touched = true;
			machine_set_cost(d->machine, processor_us() - start);
		}
		return false;
	}
	d->touched = false;
	d->out_of_memory =
	        machine_history(d->machine)->live && lay_out(d, state, height, width, ascii) < 0;
	if (d->out_of_memory)
		scene_release(&d->scene);
	if (read)
		machine_set_cost(d->machine, processor_us() - start);
	return true;
}
