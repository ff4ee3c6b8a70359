/* One loop over five sources: keys, the shell's terminal, the lab's state, the machine, signals.
 * Nothing is done between events, and nothing is drawn that did not change. */
#include "shell/stage/stage.h"

#include "kernel/base/cleanup.h"
#include "shell/lab.h"
#include "shell/screen_guard.h"
#include "shell/stage/stage_state.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SOURCES = 4, WATCHES = 12, PTY_CHUNK = 16384, PTY_CHUNKS = 16 };

static void take_output(struct stage *s)
{
	char bytes[PTY_CHUNK];
	ssize_t n;

	/* A flood is drawn now and then, and keys (Ctrl-C) are looked at in between. */
	for (int i = 0; i < PTY_CHUNKS; i++) {
		n = read(s->child.pty, bytes, sizeof(bytes));
		if (n > 0) {
			emulator_write(s->terminal, bytes, (size_t)n);
			s->dirty = true;
		} else {
			/* EIO: the last one who had the terminal open has gone. */
			if (!n || (errno != EAGAIN && errno != EINTR))
				s->ended = true;
			break;
		}
	}
	if (emulator_bell(s->terminal))
		screen_bell(s->screen);
}

static void send_output(struct stage *s)
{
	struct buf *out = emulator_output(s->terminal);
	ssize_t n;

	if (!out->len)
		return;
	n = write(s->child.pty, out->data, out->len);
	if (n <= 0)
		return;
	memmove(out->data, out->data + n, out->len - (size_t)n);
	out->len -= (size_t)n;
}

static void take_state(struct stage *s)
{
	const struct lab_state *state;
	bool turned;

	if (!follow_drain(s->follow))
		return;
	state = follow_state(s->follow);
	turned = state->step_serial != s->page;
	s->page = state->step_serial;
	if (turned) {
		drawing_choose(s->drawing, NULL, NULL); /* a page shows what it is about */
		drawing_begin(s->drawing);
		s->back = 0;
	}
	stage_take_text(s, turned);
	/* Where one area is shown at a time, a new page is what the learner wants to see. */
	if (turned && s->fits && !s->layout.split && !s->whole && *state->markdown) {
		s->chosen = AREA_LESSON;
		stage_arrange(s);
	}
	drawing_touch(s->drawing);
	s->message = *state->message != '\0';
	s->dirty = true;
}

static void take_signal(struct stage *s)
{
	struct signalfd_siginfo info;

	while (read(s->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGWINCH) {
			if (screen_resize(s->screen))
				stage_arrange(s);
		} else {
			s->ended = true;
			s->status = 128 + (int)info.ssi_signo;
		}
	}
}

static void loop(struct stage *s)
{
	struct pollfd fds[SOURCES + WATCHES];
	const struct watch_recording *watch;
	unsigned run;
	size_t n;

	while (!s->ended) {
		const struct rectangle *d = &s->layout.areas[AREA_DRAWING];

		watch = follow_watch(s->follow, &run);
		drawing_set_watch(s->drawing, watch, run);
		if (drawing_update(s->drawing, follow_state(s->follow), d->height, d->width,
		            screen_is_ascii(s->screen)))
			s->dirty = true;
		stage_ask_mouse(s);
		if (s->dirty)
			stage_draw(s);
		send_output(s);
		fds[0] = (struct pollfd){.fd = STDIN_FILENO, .events = POLLIN};
		fds[1] = (struct pollfd){.fd = s->child.pty, .events = POLLIN};
		fds[2] = (struct pollfd){.fd = follow_fd(s->follow), .events = POLLIN};
		fds[3] = (struct pollfd){.fd = s->signals, .events = POLLIN};
		if (emulator_output(s->terminal)->len)
			fds[1].events |= POLLOUT;
		n = drawing_pollfds(s->drawing, fds + SOURCES, WATCHES);
		if (poll(fds, SOURCES + n, drawing_wait(s->drawing)) < 0 && errno != EINTR)
			break;
		if (fds[3].revents)
			take_signal(s);
		if (fds[0].revents & (POLLHUP | POLLERR))
			s->ended = true; /* our own terminal has gone */
		if (fds[0].revents || fds[1].revents || fds[2].revents)
			drawing_lively(s->drawing);
		if (fds[0].revents)
			stage_take_keys(s);
		if (fds[1].revents & (POLLIN | POLLHUP | POLLERR))
			take_output(s);
		if (fds[2].revents)
			take_state(s);
		drawing_drain(s->drawing);
	}
}

/* ---- beginning and end ---- */

static int catch_signals(struct stage *s, struct error *err)
{
	static const int told[] = {SIGWINCH, SIGTERM, SIGHUP, SIGINT, SIGQUIT};
	sigset_t set;

	screen_guard(s->screen);
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(told) / sizeof(*told); i++)
		sigaddset(&set, told[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
	s->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return s->signals < 0 ? error_set(err, errno, "watch", "signals", NULL) : 0;
}

static int open_parts(struct stage *s, const struct stage_options *options, struct error *err)
{
	int rows, columns, r;
	char id[64];

	if ((r = screen_open(options->theme, &s->screen, err)) < 0)
		return r;
	screen_size(s->screen, &rows, &columns);
	s->fits = layout_make(rows, columns, s->chosen, false, &s->layout);
	lab_make_id(id, sizeof(id));
	if ((r = catch_signals(s, err)) < 0 || (r = follow_new(NULL, id, &s->follow, err)) < 0)
		return r;
	/* The shell starts first: it gets ready while we read the machine. */
	r = stage_child_start(id, options->arguments, s->layout.terminal_rows,
	        s->layout.terminal_columns, &s->child, err);
	if (!r && (r = emulator_new(
	                   s->layout.terminal_rows, s->layout.terminal_columns, &s->terminal)) < 0)
		error_set(err, -r, "open", "the terminal", NULL);
	if (r < 0 || (r = drawing_new(NULL, &s->drawing, err)) < 0)
		return r;
	drawing_set_theme(s->drawing, options->theme);
	return 0;
}

/* The shell's last words, which the screen took with it: why it failed stands there. */
static void tell_last_lines(const struct stage *s)
{
	for (int y = 0; y < s->layout.terminal_rows; y++) {
		auto_buf line = BUF_INIT;
		struct screen_cell cell;
		int used = 0;

		for (int x = 0; x < s->layout.terminal_columns; x++) {
			emulator_cell(s->terminal, y, x, 0, &cell);
			buf_add(&line, cell.text[0] ? cell.text : " ");
			if (cell.text[0] && strcmp(cell.text, " ") != 0)
				used = (int)line.len;
		}
		if (used)
			fprintf(stderr, "%.*s\n", used, buf_text(&line));
	}
}

/* The terminal is hung up, and the lab's keeper clears away: we wait for it to be done. */
static void finish(struct stage *s)
{
	int status = 0;

	if (s->child.pty >= 0)
		close(s->child.pty);
	if (s->child.pid > 0) {
		while (waitpid(s->child.pid, &status, 0) < 0 && errno == EINTR)
			;
		if (!s->status)
			s->status =
			        WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	}
}

int stage_run(const struct stage_options *options, struct error *err)
{
	struct stage s = {
	        .signals = -1, .chosen = AREA_TERMINAL, .child = {.pty = -1}, .dirty = true};
	int r = open_parts(&s, options, err);

	if (!r) {
		take_state(&s);
		loop(&s);
	}
	screen_close(s.screen);
	screen_guard(NULL);
	finish(&s);
	if (!r && s.status && s.status < 128 && s.terminal)
		tell_last_lines(&s);
	if (!r && !s.status)
		puts("The lab has ended: nothing of it is left. Your progress is kept.");
	drawing_free(s.drawing);
	follow_free(s.follow);
	stage_text_release(&s.text);
	emulator_free(s.terminal);
	if (s.signals >= 0)
		close(s.signals);
	return r < 0 ? r : s.status;
}
