#include "shell/stage/drawing_state.h"

#include "render/view.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int drawing_new(const char *runtime, struct drawing **ret, struct error *err)
{
	struct drawing *d = calloc(1, sizeof(*d));
	int r;

	if (!d)
		return error_set(err, ENOMEM, "open", "the drawing", NULL);
	d->touched = true;
	d->shown = views;
	watching_init(&d->watch);
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
	watching_turn(&d->watch);
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
	d->watch.recording = watch;
	d->watch.run = run;
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

/* ---- keys ---- */

void drawing_activate(struct drawing *d, bool active)
{
	d->touched |= active != d->explore.active;
	explore_activate(&d->explore, active);
}

bool drawing_shows_watch(const struct drawing *d, const struct view *view)
{
	return watching_goes_on(&d->watch) && !drawing_past(d) && view == view_find("toolchain");
}

bool drawing_shows_board(const struct drawing *d)
{
	return d->shown == view_find("diagram") && !d->explore.n_places && !drawing_past(d);
}

/* True when the key was for the editor of the diagram. */
static bool take_board_key(struct drawing *d, const struct screen_key *key)
{
	char focus[sizeof(d->explore.focus.id)];

	if (!drawing_shows_board(d) || explore_takes_text(&d->explore) ||
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
	if (!d->explore.n_places && drawing_shows_watch(d, d->shown) &&
	        watching_letter(&d->watch, letter)) {
		d->touched = true;
		return true;
	}
	switch (letter) {
	case 'v':
		return choose_view(d, drawing_next_view(d));
	case '0':
		return drawing_choose(d, NULL, NULL);
	case '[':
	case ']':
		drawing_go(d, letter == '[' ? -1 : 1, false);
		return true;
	case '{':
	case '}':
		drawing_go(d, letter == '{' ? -1 : 1, true);
		return true;
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
	row -= drawing_past_rows(d, 2);
	if (row >= 0)
		explore_take_mouse(&d->explore, row, column, button);
	if (row >= 0 && button == 1 && drawing_shows_board(d))
		board_take_click(d->board, d->explore.focus.id);
	d->touched = true;
}
