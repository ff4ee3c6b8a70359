/* One loop over keys and signals; between them nothing is done. */
#include "shell/contents/browser.h"

#include "kernel/base/cleanup.h"
#include "render/screen.h"
#include "shell/contents/browser_state.h"
#include "shell/screen_guard.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* ---- the state ---- */

int browser_init(struct browser *b, const struct image_contents *c, const struct file_view *view)
{
	*b = (struct browser){.contents = c, .view = *view, .focus = FOCUS_FILES};
	b->closed = calloc(c->files.n_nodes, 1);
	if (!b->closed || efficiency_of(&c->files, &b->efficiency, NULL) < 0) {
		browser_release(b);
		return -ENOMEM;
	}
	b->view.closed = b->closed;
	b->layers.n = c->n_layers;
	b->layers.cursor = view->layer < c->n_layers ? view->layer : c->n_layers - 1;
	browser_refresh(b);
	return 0;
}

void browser_release(struct browser *b)
{
	browser_trace_release(b);
	efficiency_release(&b->efficiency);
	file_rows_release(&b->rows);
	free(b->closed);
	*b = (struct browser){0};
}

/* ---- the terminal ---- */

struct browsing {
	struct browser browser;
	struct screen *screen;
	int signals;
	int status;
};

static void highlight(struct browsing *w, const struct canvas *c)
{
	struct browser_area a;
	struct style style = screen_style(w->screen, SCENE_TITLE);
	auto_buf text = BUF_INIT;

	if (!browser_cursor_line(&w->browser, &a) || a.y >= c->height)
		return;
	for (int x = a.x; x < a.x + a.width && x < c->width; x++)
		buf_add(&text, c->cells[a.y * c->width + x].text);
	style.reverse = true;
	if (!buf_failed(&text))
		screen_put_styled(w->screen, a.y, a.x, a.width, buf_text(&text), &style);
}

static void draw(struct browsing *w)
{
	struct scene s;
	struct canvas c;
	int rows, columns;

	screen_size(w->screen, &rows, &columns);
	browser_arrange(&w->browser, rows, columns);
	scene_init(&s, columns, rows);
	browser_draw(&w->browser, &s);
	if (canvas_init(&c, columns, rows) == 0) {
		canvas_draw(&c, &s, w->browser.ascii);
		screen_put_canvas(w->screen, 0, 0, rows, columns, &c);
		highlight(w, &c);
		canvas_release(&c);
	}
	scene_release(&s);
	screen_flush(w->screen);
}

static void take_keys(struct browsing *w)
{
	struct screen_key key;

	while (!w->browser.ended && screen_read_key(w->screen, &key)) {
		if (key.kind == KEY_KIND_RESIZE)
			screen_resize(w->screen);
		else if (key.kind == KEY_KIND_CHARACTER && key.character == 'L' - '@')
			screen_redraw(w->screen);
		else
			browser_key(&w->browser, &key);
	}
}

static void take_signals(struct browsing *w)
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

static int watch_signals(struct browsing *w, struct error *err)
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

static void loop(struct browsing *w)
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

int browser_run(const struct image_contents *c, const struct file_view *view, enum theme theme,
        struct error *err)
{
	struct browsing w = {.signals = -1};
	int r = browser_init(&w.browser, c, view);

	if (r < 0)
		return error_set(err, -r, "show image", c->found.name, NULL);
	r = screen_open(theme, &w.screen, err);
	if (r == 0) {
		screen_guard(w.screen);
		screen_mouse(w.screen, true);
		w.browser.ascii = screen_is_ascii(w.screen);
		r = watch_signals(&w, err);
		if (r == 0)
			loop(&w);
		screen_close(w.screen);
		screen_guard(NULL);
	}
	if (w.signals >= 0)
		close(w.signals);
	browser_release(&w.browser);
	return r < 0 ? r : w.status;
}
