#include "shell/full_screen.h"

#include "kernel/base/cleanup.h"
#include "shell/screen_guard.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

static void draw(const struct full_screen *f, struct screen *screen)
{
	struct scene s;
	struct canvas c;
	int rows, columns;

	screen_size(screen, &rows, &columns);
	scene_init(&s, columns, rows);
	f->draw(f->data, &s);
	if (canvas_init(&c, columns, rows) == 0) {
		canvas_draw(&c, &s, screen_is_ascii(screen));
		screen_put_canvas(screen, 0, 0, rows, columns, &c);
		if (f->over)
			f->over(f->data, screen, &c);
		canvas_release(&c);
	}
	scene_release(&s);
	screen_flush(screen);
}

static void take_keys(const struct full_screen *f, struct screen *screen)
{
	struct screen_key key;

	while (!*f->ended && screen_read_key(screen, &key)) {
		if (key.kind == KEY_KIND_RESIZE)
			screen_resize(screen);
		else if (key.kind == KEY_KIND_CHARACTER && key.character == 'L' - '@')
			screen_redraw(screen);
		else
			f->key(f->data, &key);
	}
}

/* The signal that ends it, 0 when none does. */
static int take_signals(struct screen *screen, int signals)
{
	struct signalfd_siginfo info;
	int end = 0;

	while (read(signals, &info, sizeof info) == (ssize_t)sizeof info) {
		if (info.ssi_signo == SIGWINCH)
			screen_resize(screen);
		else
			end = (int)info.ssi_signo;
	}
	return end;
}

static int watch_signals(struct error *err)
{
	static const int told[] = {SIGWINCH, SIGTERM, SIGHUP, SIGINT, SIGQUIT};
	sigset_t set;
	int fd;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof told / sizeof *told; i++)
		sigaddset(&set, told[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? error_set(err, errno, "watch", "signals", NULL) : fd;
}

static int loop(const struct full_screen *f, struct screen *screen, int signals)
{
	struct pollfd fds[2] = {
	        {.fd = STDIN_FILENO, .events = POLLIN}, {.fd = signals, .events = POLLIN}};
	int end;

	while (!*f->ended) {
		draw(f, screen);
		if (poll(fds, 2, -1) < 0) {
			if (errno != EINTR)
				break;
			continue;
		}
		end = fds[1].revents ? take_signals(screen, signals) : 0;
		if (end)
			return 128 + end;
		if (fds[0].revents & (POLLHUP | POLLERR))
			break; /* our own terminal has gone */
		if (fds[0].revents & POLLIN)
			take_keys(f, screen);
	}
	return 0;
}

int full_screen_run(const struct full_screen *f, enum theme theme, struct error *err)
{
	struct screen *screen = NULL;
	auto_close signals = -1;
	int r = screen_open(theme, &screen, err);

	if (r < 0)
		return r;
	screen_guard(screen);
	if (f->begin)
		f->begin(f->data, screen);
	signals = watch_signals(err);
	r = signals < 0 ? signals : loop(f, screen, signals);
	screen_close(screen);
	screen_guard(NULL);
	return r;
}
