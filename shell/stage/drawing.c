#include "shell/stage/drawing.h"

#include "kernel/base/buf.h"
#include "kernel/base/cleanup.h"
#include "kernel/observe/fact.h"
#include "render/canvas.h"
#include "render/glyph.h"
#include "render/large.h"
#include "render/view.h"
#include "shell/stage/board.h"
#include "shell/stage/explore.h"
#include "shell/stage/machine.h"
#include "shell/stage/text.h"
#include "shell/watch/lifelines.h"

#include <errno.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { WATCH_FRAME = 4 };

struct drawing {
	struct machine *machine;
	bool touched;              /* what is shown of the machine is another thing */
	const struct view *shown;  /* last laid out */
	const struct view *chosen; /* by the person, here; NULL = the page's */
	char *subject;             /* of the person's; NULL = the page's */
	struct scene scene;        /* what is drawn now; its strings may be the machine's */
	struct canvas canvas;      /* the same as cells */
	struct explore explore;    /* where the person is in it */
	struct board *board;       /* the learner's diagram */
	bool out_of_memory;
	bool large;     /* the theme of that name */
	bool hidden;    /* there is no area for it */
	bool outside;   /* it is not the lab's own */
	char owner[64]; /* whose lab it is, then; "" = not asked yet */
	uid_t owner_uid;
	const struct watch_recording *watch; /* what goes on in the lab; NULL = nothing */
	unsigned run, run_before;            /* which one; the last one of the page before */
	struct arena watched;                /* its lifelines, as the scene has them */
	uint64_t past;                       /* number of the state that is looked at; 0 = now */
};

int drawing_new(const char *runtime, struct drawing **ret, struct error *err)
{
	struct drawing *d = calloc(1, sizeof(*d));
	int r;

	if (!d)
		return error_set(err, ENOMEM, "open", "the drawing", NULL);
	d->touched = true;
	d->shown = views;
	if ((r = board_new(&d->board, err)) < 0 ||
	        (r = machine_new(runtime, &d->machine, err)) < 0) {
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
	arena_release(&d->watched);
	canvas_release(&d->canvas);
	explore_release(&d->explore);
	machine_free(d->machine);
	board_free(d->board);
	free(d->subject);
	free(d);
}

size_t drawing_pollfds(struct drawing *d, struct pollfd *fds, size_t n)
{
	size_t used = board_pollfds(d->board, fds, n);

	return used + machine_pollfds(d->machine, fds + used, n - used);
}

void drawing_drain(struct drawing *d)
{
	machine_drain(d->machine);
	d->touched |= board_drain(d->board);
}

int drawing_wait(const struct drawing *d)
{
	return d->touched && !d->hidden ? 0 : machine_wait(d->machine);
}

void drawing_begin(struct drawing *d)
{
	scene_release(&d->scene); /* it may hold strings of a model that goes now */
	d->touched = true;
	d->past = 0;
	d->run_before = d->run;
	explore_reset(&d->explore);
	history_turn(machine_history(d->machine));
	machine_read(d->machine);
}

void drawing_set_theme(struct drawing *d, enum theme theme)
{
	d->large = theme == THEME_LARGE;
	d->touched = true;
}

void drawing_touch(struct drawing *d)
{
	d->touched = true;
}

void drawing_set_outside(struct drawing *d)
{
	d->outside = true;
}

void drawing_set_watch(struct drawing *d, const struct watch_recording *watch, unsigned run)
{
	d->watch = watch;
	d->run = run;
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

/* Those that one zooms into need a subject: they are passed over. */
const struct view *drawing_next_view(const struct drawing *d)
{
	const struct view *v = d->shown;

	do {
		v = v[1].name ? v + 1 : views;
	} while (v->deep);
	return v;
}

static const struct view *page_view(const char *name)
{
	const struct view *view = name ? view_find(name) : NULL;

	return view ? view : view_find("host");
}

/* ---- the past ---- */

static const struct history_state *past_state(const struct drawing *d)
{
	const struct history *h = machine_history(d->machine);
	const struct history_state *s = d->past ? history_find(h, d->past) : NULL;

	return s && s != history_newest(h) ? s : NULL;
}

/* A look at the past has a line above it that says so, where there is room for one. */
static int past_rows(const struct drawing *d, int height)
{
	return height > 1 && past_state(d);
}

bool drawing_is_past(const struct drawing *d)
{
	return past_state(d);
}

bool drawing_return(struct drawing *d)
{
	bool was = d->past;

	d->past = 0;
	d->touched |= was;
	return was;
}

/* By states or pages; at the newest one it is now again. */
static bool go(struct drawing *d, int by, bool pages)
{
	const struct history *h = machine_history(d->machine);
	const struct history_state *from = past_state(d), *to;

	if (!from)
		from = history_newest(h);
	if (!from)
		return true;
	to = history_move(h, from, by, pages);
	d->past = to == history_newest(h) ? 0 : to->number;
	d->touched = true;
	return true;
}

/* "state 12 of 40, 3 pages ago, 14:03:22" */
static void tell_past(const struct drawing *d, const struct history_state *s, struct buf *out)
{
	const struct history *h = machine_history(d->machine);
	uint64_t pages = history_newest(h)->page - s->page;
	time_t seconds = (time_t)(s->model->time_ms / 1000);
	struct tm local;
	char time[16];

	buf_addf(out, " THE PAST: state %zu of %zu, ", (size_t)(s - h->states) + 1, h->n);
	if (pages)
		buf_addf(out, "%" PRIu64 " page%s ago, ", pages, pages > 1 ? "s" : "");
	if (localtime_r(&seconds, &local) && strftime(time, sizeof(time), "%H:%M:%S", &local))
		buf_add(out, time);
	buf_add(out, "   [ ] back, on   { } by page   Esc now ");
}

/* ---- keys ---- */

void drawing_activate(struct drawing *d, bool active)
{
	d->touched |= active != d->explore.active;
	explore_activate(&d->explore, active);
}

/* The learner's diagram, as it is now: it can be changed. */
static bool shows_board(const struct drawing *d)
{
	return d->shown == view_find("diagram") && !d->explore.n_places && !past_state(d);
}

/* True when the key was for the editor of the diagram. */
static bool take_board_key(struct drawing *d, const struct screen_key *key)
{
	char focus[sizeof(d->explore.focus.id)];

	if (!shows_board(d) || explore_takes_text(&d->explore) ||
	        !board_take_key(d->board, key, d->explore.focus.id, focus))
		return false;
	if (*focus)
		explore_focus(&d->explore, focus);
	d->explore.note[0] = '\0';
	d->touched = true;
	return true;
}

/* Letters of the drawing's own, beside those that move about in it. */
static bool take_letter(struct drawing *d, uint32_t letter)
{
	switch (letter) {
	case 'v':
		return choose_view(d, drawing_next_view(d));
	case '0':
		return drawing_choose(d, NULL, NULL);
	case '[':
	case ']':
		return go(d, letter == '[' ? -1 : 1, false);
	case '{':
	case '}':
		return go(d, letter == '{' ? -1 : 1, true);
	default:
		return false;
	}
}

bool drawing_take_key(struct drawing *d, const struct screen_key *key)
{
	if (take_board_key(d, key))
		return true;
	if (key->kind == KEY_KIND_CHARACTER && !key->alt && !key->control &&
	        !explore_takes_text(&d->explore) && take_letter(d, key->character)) {
		d->explore.note[0] = '\0'; /* it was about the key before */
		return true;
	}
	if (explore_take_key(&d->explore, key)) {
		d->touched = true;
		return true;
	}
	/* Who looks at the past and presses another key is done with it. */
	return drawing_return(d);
}

void drawing_take_mouse(struct drawing *d, int row, int column, int button)
{
	row -= past_rows(d, 2);
	if (row >= 0)
		explore_take_mouse(&d->explore, row, column, button);
	if (row >= 0 && button == 1 && shows_board(d))
		board_take_click(d->board, d->explore.focus.id);
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

	if (d->watch && d->run != d->run_before && !past_state(d) &&
	        !strcmp(view->name, "toolchain")) {
		r = lifelines_of(d->watch, WATCH_LEVEL_KERNEL,
		        in->width - WATCH_FRAME - LIFELINES_MARGIN, &watched, &lines);
		with.watch = &lines.sequence;
		with.watch_title = r < 0 ? NULL : text_clean(&watched, d->watch->command, 200);
		if (r == 0 && !with.watch_title)
			r = -ENOMEM;
	}
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
	const struct history_state *past = past_state(d);
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
	        .height = height - explore_bar_rows(&d->explore, height) - past_rows(d, height),
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

	if (shows_board(d) && !explore_takes_text(&d->explore) && !d->explore.search[0])
		board_bar(d->board, d->explore.focus.id, screen_is_ascii(screen), &left, &right);
	else
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

static void draw_help(const struct drawing *d, struct screen *screen, const struct rectangle *area)
{
	auto_buf help = BUF_INIT;

	if (shows_board(d))
		board_help(&help);
	explore_help(&help);
	buf_add(&help, "v 0               the next view, the lesson's again\n"
	               "[ ] { }           as it was: a state back, on; by page. Esc is now\n");
	screen_fill(screen, area->y, area->x, area->height, area->width);
	stage_message_draw(
	        screen, area, "keys of the drawing: any key closes this", buf_text(&help), true);
}

/* What the editor of the diagram offers, above the bar. */
static void draw_choices(
        const struct drawing *d, struct screen *screen, const struct rectangle *area, int rows)
{
	struct rectangle above = *area;
	auto_buf choices = BUF_INIT;

	board_choices(d->board, &choices);
	above.height -= rows;
	if (choices.len)
		stage_message_draw(screen, &above, "which part?", buf_text(&choices), false);
}

static void draw_past(const struct drawing *d, const struct history_state *past,
        struct screen *screen, const struct rectangle *area)
{
	struct style bar = screen_style(screen, SCENE_YOU);
	auto_buf line = BUF_INIT;

	tell_past(d, past, &line);
	while (text_width(buf_text(&line)) < area->width)
		buf_addc(&line, ' ');
	bar.reverse = bar.bold = true;
	bar.dim = false;
	screen_put_styled(screen, area->y, area->x, area->width, buf_text(&line), &bar);
}

void drawing_draw(struct drawing *d, struct screen *screen, const struct rectangle *area)
{
	const char *problem =
	        d->out_of_memory ? "There is no memory left to draw." : machine_problem(d->machine);
	int rows = explore_bar_rows(&d->explore, area->height), top = d->explore.top;
	int above = past_rows(d, area->height);
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
		screen_put_canvas(screen, area->y + above, area->x, area->height - rows - above,
		        area->width, &part);
	}
	if (above)
		draw_past(d, past_state(d), screen, area);
	if (rows)
		draw_bar(d, screen, area, rows);
	if (d->explore.help)
		draw_help(d, screen, area);
	else if (rows && shows_board(d))
		draw_choices(d, screen, area, rows);
}
