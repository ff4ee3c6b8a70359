/* One loop over four sources, as the stage's: keys, the lab's state, the machine, signals. */
#include "shell/stage/viewer.h"

#include "kernel/base/arena.h"
#include "kernel/base/buf.h"
#include "kernel/base/cleanup.h"
#include "render/glyph.h"
#include "render/screen.h"
#include "shell/screen_guard.h"
#include "shell/stage/drawing.h"
#include "shell/stage/follow.h"
#include "shell/stage/place.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum { SOURCES = 3, WATCHES = 12, CTRL_C = 3, CTRL_D = 4, CTRL_L = 12 };

struct viewer {
	struct screen *screen;
	struct drawing *drawing;
	struct follow *follow;
	int signals;
	struct rectangle area, status; /* status: height 0 = no room for it */
	uint64_t page;                 /* step_serial of the page shown */
	unsigned labs;                 /* the lab it belongs to */
	bool dirty, ended;
	int result;
};

/* ---- drawing ---- */

static void add_status(const struct viewer *v, bool narrow, struct buf *out)
{
	switch (follow_status(v->follow)) {
	case FOLLOW_WAITING:
		buf_add(out, " no lab runs yet: this is the machine");
		break;
	case FOLLOW_RUNNING:
		place_add(follow_state(v->follow), narrow, screen_is_ascii(v->screen), out);
		break;
	case FOLLOW_ENDING:
		buf_add(out, " the lab is ending");
		break;
	case FOLLOW_CRASHED:
		buf_add(out, " the lab was killed: 'cutaway clean' tidies up");
		break;
	case FOLLOW_ENDED:
		buf_add(out, " the lab has ended: this is the machine");
		break;
	}
}

static void draw_status(const struct viewer *v)
{
	const struct rectangle *a = &v->status;
	struct style bar = screen_style(v->screen, SCENE_PLAIN);
	auto_buf place = BUF_INIT, keys = BUF_INIT, blank = BUF_INIT;
	struct arena arena = {0};
	const char *clean;
	int width;

	bar.reverse = true;
	for (int x = 0; x < a->width; x++)
		buf_addc(&blank, ' ');
	screen_put_styled(v->screen, a->y, 0, a->width, buf_text(&blank), &bar);
	buf_addf(&keys, " v view%s  ? keys  q close ",
	        drawing_is_chosen(v->drawing) ? "  0 lesson's" : "");
	width = text_width(buf_text(&keys));
	if (width > a->width / 2) { /* where we are needs the room more */
		buf_reset(&keys);
		buf_add(&keys, a->width >= 40 ? " ? keys " : "");
		width = text_width(buf_text(&keys));
	}
	add_status(v, a->width < 100, &place);
	clean = text_clean(&arena, buf_text(&place), 1024);
	if (clean)
		screen_put_styled(v->screen, a->y, 0, a->width - width, clean, &bar);
	screen_put_styled(v->screen, a->y, a->width - width, width, buf_text(&keys), &bar);
	arena_release(&arena);
}

static void draw(struct viewer *v)
{
	v->dirty = false;
	drawing_draw(v->drawing, v->screen, &v->area);
	if (v->status.height)
		draw_status(v);
	screen_flush(v->screen);
}

/* The drawing gets all but one row; a single row it has alone. */
static void arrange(struct viewer *v)
{
	int rows, columns;

	screen_size(v->screen, &rows, &columns);
	v->area = (struct rectangle){0, 0, rows > 1 ? rows - 1 : rows, columns};
	v->status = (struct rectangle){rows - 1, 0, rows > 1, columns};
	drawing_touch(v->drawing);
	screen_clear(v->screen);
	v->dirty = true;
}

/* ---- what comes ---- */

static void take_state(struct viewer *v)
{
	const struct lab_state *state;

	if (!follow_drain(v->follow))
		return;
	state = follow_state(v->follow);
	if (state->shell_pid &&
	        (state->step_serial != v->page || follow_labs(v->follow) != v->labs)) {
		drawing_begin(v->drawing);
		v->page = state->step_serial;
		v->labs = follow_labs(v->follow);
	}
	drawing_touch(v->drawing);
	v->dirty = true;
}

static bool is_letter(const struct screen_key *key, uint32_t character)
{
	return key->kind == KEY_KIND_CHARACTER && !key->alt && key->character == character;
}

static bool is_time(const struct screen_key *key)
{
	return key->kind == KEY_KIND_CHARACTER && key->character && key->character < 0x80 &&
	       strchr("[]{}", (int)key->character);
}

static bool closes(const struct viewer *v, const struct screen_key *key)
{
	if (is_letter(key, 'q') || is_letter(key, CTRL_C) || is_letter(key, CTRL_D))
		return true;
	/* With nothing left to follow, who presses Esc is done. */
	return follow_status(v->follow) == FOLLOW_ENDED && key->kind == KEY_KIND_ESCAPE;
}

/* The focus is shown once somebody moves it: a picture on a wall has none. */
static void take_key(struct viewer *v, const struct screen_key *pressed)
{
	struct screen_key key = *pressed;

	v->dirty = true;
	if (key.kind == KEY_KIND_MOUSE) {
		drawing_activate(v->drawing, true);
		if (key.row < v->area.height)
			drawing_take_mouse(v->drawing, key.row, key.column, key.number);
		return;
	}
	if (key.kind == KEY_KIND_FUNCTION && key.number == 1)
		key = (struct screen_key){.kind = KEY_KIND_CHARACTER, .character = '?'};
	if (drawing_take_key(v->drawing, &key)) {
		/* Neither another picture nor a list of keys is about something in it. */
		if (!is_letter(&key, 'v') && !is_letter(&key, '0') && !is_letter(&key, '?') &&
		        !is_time(&key) && key.kind != KEY_KIND_ESCAPE)
			drawing_activate(v->drawing, true);
	} else if (closes(v, &key)) {
		v->ended = true;
	} else if (is_letter(&key, CTRL_L)) {
		screen_redraw(v->screen);
	} else if (key.kind == KEY_KIND_ESCAPE) {
		drawing_activate(v->drawing, false);
	}
}

static void resize(struct viewer *v)
{
	if (screen_resize(v->screen))
		arrange(v);
}

static void take_keys(struct viewer *v)
{
	struct screen_key key;

	drawing_lively(v->drawing);
	while (screen_read_key(v->screen, &key)) {
		if (key.kind == KEY_KIND_RESIZE)
			resize(v);
		else
			take_key(v, &key);
	}
}

static void take_signal(struct viewer *v)
{
	struct signalfd_siginfo info;

	while (read(v->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGWINCH) {
			resize(v);
		} else {
			v->ended = true;
			v->result = 128 + (int)info.ssi_signo;
		}
	}
}

/* What was asked for ends with the lab: no ghosts of it. */
static struct lab_state state_to_draw(const struct viewer *v)
{
	struct lab_state state = *follow_state(v->follow);
	enum follow_status status = follow_status(v->follow);

	if (status == FOLLOW_ENDED || status == FOLLOW_CRASHED)
		state.n_unmet = 0;
	if (status == FOLLOW_ENDED)
		state.view = state.subject = "";
	return state;
}

static void loop(struct viewer *v)
{
	struct pollfd fds[SOURCES + WATCHES];
	const struct watch_recording *watch;
	unsigned run;
	size_t n;

	while (!v->ended) {
		struct lab_state state = state_to_draw(v);

		watch = follow_watch(v->follow, &run);
		drawing_set_watch(v->drawing, watch, run);
		if (drawing_update(v->drawing, &state, v->area.height, v->area.width,
		            screen_is_ascii(v->screen)))
			v->dirty = true;
		if (v->dirty)
			draw(v);
		fds[0] = (struct pollfd){.fd = STDIN_FILENO, .events = POLLIN};
		fds[1] = (struct pollfd){.fd = follow_fd(v->follow), .events = POLLIN};
		fds[2] = (struct pollfd){.fd = v->signals, .events = POLLIN};
		n = drawing_pollfds(v->drawing, fds + SOURCES, WATCHES);
		if (poll(fds, SOURCES + n, drawing_wait(v->drawing)) < 0 && errno != EINTR)
			break;
		if (fds[2].revents)
			take_signal(v);
		if (fds[0].revents & (POLLHUP | POLLERR))
			v->ended = true; /* our own terminal has gone */
		else if (fds[0].revents)
			take_keys(v);
		if (fds[1].revents) {
			drawing_lively(v->drawing);
			take_state(v);
		}
		drawing_drain(v->drawing);
	}
}

/* ---- beginning and end ---- */

static int catch_signals(struct viewer *v, struct error *err)
{
	static const int told[] = {SIGWINCH, SIGTERM, SIGHUP, SIGINT, SIGQUIT};
	sigset_t set;

	screen_guard(v->screen);
	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(told) / sizeof(*told); i++)
		sigaddset(&set, told[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
	v->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return v->signals < 0 ? error_set(err, errno, "watch", "signals", NULL) : 0;
}

static int open_parts(struct viewer *v, const struct viewer_options *o, struct error *err)
{
	int r = follow_new(o->runtime, o->lab, &v->follow, err);

	if (!r)
		r = drawing_new(o->runtime, &v->drawing, err);
	if (!r) {
		drawing_set_theme(v->drawing, o->theme);
		drawing_set_outside(v->drawing);
	}
	if (!r && o->view)
		drawing_choose(v->drawing, o->view, o->subject);
	if (!r)
		r = screen_open(o->theme, &v->screen, err);
	if (!r)
		r = catch_signals(v, err);
	return r;
}

int viewer_run(const struct viewer_options *options, struct error *err)
{
	struct viewer v = {.signals = -1};
	int r = open_parts(&v, options, err);

	if (!r) {
		v.page = follow_state(v.follow)->step_serial;
		v.labs = follow_labs(v.follow);
		screen_mouse(v.screen, true);
		arrange(&v);
		loop(&v);
	}
	screen_close(v.screen);
	screen_guard(NULL);
	drawing_free(v.drawing);
	follow_free(v.follow);
	if (v.signals >= 0)
		close(v.signals);
	return r < 0 ? r : v.result;
}
