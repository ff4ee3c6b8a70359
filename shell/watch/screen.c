#include "shell/watch/screen.h"

#include "render/screen.h"
#include "shell/screen_guard.h"
#include "shell/watch/browser.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

struct showing {
	struct watch_browser browser;
	struct screen *screen;
	int signals;
	int status;
};

static void draw(struct showing *w)
{
	struct scene s;
	struct canvas c;
	int rows, columns;

	screen_size(w->screen, &rows, &columns);
	scene_init(&s, columns, rows);
	watch_browser_draw(&w->browser, &s);
	if (canvas_init(&c, columns, rows) == 0) {
		canvas_draw(&c, &s, w->browser.ascii);
		screen_put_canvas(w->screen, 0, 0, rows, columns, &c);
		canvas_release(&c);
	}
	scene_release(&s);
	screen_flush(w->screen);
}

static void take_keys(struct showing *w)
{
	struct screen_key key;

	while (!w->browser.ended && screen_read_key(w->screen, &key)) {
		if (key.kind == KEY_KIND_RESIZE)
			screen_resize(w->screen);
		else if (key.kind == KEY_KIND_CHARACTER && key.character == 'L' - '@')
			screen_redraw(w->screen);
		else
			watch_browser_key(&w->browser, &key);
	}
}

static void take_signals(struct showing *w)
{
	struct signalfd_siginfo info;

	while (read(w->signals, &info, sizeof info) == (ssize_t)sizeof info) {
		if (info.ssi_signo == SIGWINCH) {
			screen_resize(w->screen);
		} else {
			w->browser.ended = true;
			w->status = 128 + (int)info.ssi_signo;
		}
	}
}

static int watch_signals(struct showing *w, struct error *err)
{
	static const int told[] = {SIGWINCH, SIGTERM, SIGHUP, SIGINT, SIGQUIT};
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof told / sizeof *told; i++)
		sigaddset(&set, told[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
	w->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return w->signals < 0 ? error_set(err, errno, "watch", "signals", NULL) : 0;
}

static void loop(struct showing *w)
{
	struct pollfd fds[2];

	while (!w->browser.ended) {
		draw(w);
		fds[0] = (struct pollfd){.fd = STDIN_FILENO, .events = POLLIN};
		fds[1] = (struct pollfd){.fd = w->signals, .events = POLLIN};
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			break;
		if (fds[1].revents)
			take_signals(w);
		if (fds[0].revents & (POLLHUP | POLLERR))
			w->browser.ended = true; /* our own terminal has gone */
		if (fds[0].revents & POLLIN)
			take_keys(w);
	}
}

int watch_screen(const struct watch_recording *recording, enum watch_level level, enum theme theme,
        struct error *err)
{
	struct showing w = {.signals = -1};
	int r = screen_open(theme, &w.screen, err);

	if (r < 0)
		return r;
	screen_guard(w.screen);
	watch_browser_init(&w.browser, recording, level, screen_is_ascii(w.screen));
	r = watch_signals(&w, err);
	if (r == 0)
		loop(&w);
	screen_close(w.screen);
	screen_guard(NULL);
	if (w.signals >= 0)
		close(w.signals);
	watch_browser_release(&w.browser);
	return r < 0 ? r : w.status;
}
