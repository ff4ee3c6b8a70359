/* One loop over five sources: keys, the shell's terminal, the lab's state, the machine, signals.
 * Nothing is done between events, and nothing is drawn that did not change. */
#include "shell/stage/stage.h"

#include "kernel/base/cleanup.h"
#include "render/glyph.h"
#include "render/screen.h"
#include "render/view.h"
#include "shell/lab.h"
#include "shell/stage/child.h"
#include "shell/stage/emulator.h"
#include "shell/stage/follow.h"
#include "shell/stage/keys.h"
#include "shell/stage/layout.h"
#include "shell/stage/picture.h"
#include "shell/stage/text.h"

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

struct stage {
	struct screen *screen;
	struct emulator *terminal;
	struct stage_child child;
	struct follow *follow;
	struct picture *picture;
	struct stage_text text;
	int signals;

	struct stage_layout layout;
	bool fits;
	enum stage_area chosen;
	bool whole; /* the chosen area over the whole screen although all three would fit */
	int back;   /* lines that the terminal is scrolled back */

	uint64_t page; /* step_serial of the page shown */
	bool prefixed, help, quit_asked;
	char note[256]; /* a message of the stage's own; "" = none */
	bool message;   /* the tutor's message is shown */
	uint64_t message_serial;

	bool dirty; /* all but the drawing, which knows itself */
	bool ended;
	int status;
};

/* ---- drawing ----------------------------------------------------------------------------------
 */

static const struct style bar_style = {.rgb = 0xd0d0d0, .ansi = 7, .reverse = true};

static void draw_terminal(struct stage *s)
{
	const struct rectangle *a = &s->layout.areas[AREA_TERMINAL];
	struct screen_cell cell;
	int row, column;
	bool shown;

	for (int y = 0; y < a->height; y++)
		for (int x = 0; x < a->width; x++) {
			emulator_cell(s->terminal, y, x, s->back, &cell);
			screen_put_cell(s->screen, a->y + y, a->x + x, &cell);
			if (cell.text[0] && text_width(cell.text) == 2)
				x++;
		}
	shown = emulator_cursor(s->terminal, &row, &column) && a->height > 0 && !s->help;
	row += s->back;
	if (shown && row < a->height && column < a->width)
		screen_put_cursor(s->screen, a->y + row, a->x + column);
	else
		screen_hide_cursor(s->screen);
}

static void draw_lines(struct stage *s)
{
	struct style style = {.rgb = 0x585858, .ansi = 8, .dim = true};
	bool ascii = screen_is_ascii(s->screen);
	int rows = s->layout.status.y;

	if (s->layout.column >= 0)
		for (int y = 0; y < rows; y++)
			screen_put_styled(
			        s->screen, y, s->layout.column, 1, ascii ? "|" : "│", &style);
	if (s->layout.row >= 0)
		for (int x = 0; x < s->layout.areas[AREA_LESSON].width; x++)
			screen_put_styled(
			        s->screen, s->layout.row, x, 1, ascii ? "-" : "─", &style);
	if (s->layout.row >= 0 && s->back)
		screen_put_styled(s->screen, s->layout.row, 2, 40,
		        ascii ? " older lines: Shift-PgDn goes on " : " older lines · Shift-PgDn ",
		        &style);
}

/* Where we are: "1 Containers are Linux  3/9 How much it may use  2 missing". */
static void add_place(const struct stage *s, struct buf *out)
{
	const struct lab_state *state = follow_state(s->follow);
	bool ascii = screen_is_ascii(s->screen);

	if (!*state->lesson) {
		buf_add(out, s->page ? " cutaway" : " starting the lab …");
		return;
	}
	buf_addf(out, " %s %d/%d %s", state->lesson_title, state->step,
	        state->steps > 0 ? state->steps - 1 : 0, state->step_title);
	if (state->passed)
		buf_addf(out, " %s", ascii ? "[passed]" : "✓");
	else if (state->n_unmet)
		buf_addf(out, "  %zu missing", state->n_unmet);
}

static void add_keys(const struct stage *s, struct buf *out)
{
	if (s->prefixed) {
		buf_add(out, "Ctrl-] and then: ");
		for (size_t i = 0; stage_keys[i].name; i++)
			if (*stage_keys[i].label)
				buf_addf(out, "%c %s  ", stage_keys[i].letter, stage_keys[i].label);
		return;
	}
	if (!s->layout.split)
		buf_add(out, "F2 lesson F3 terminal F4 drawing ");
	for (size_t i = 0; stage_keys[i].name; i++)
		if (*stage_keys[i].label)
			buf_addf(out, "%s %s ", stage_keys[i].name, stage_keys[i].label);
}

/* The place on the left, the keys on the right, as many as there is room for. */
static void draw_status(struct stage *s)
{
	const struct rectangle *a = &s->layout.status;
	struct arena arena = {0};
	auto_buf place = BUF_INIT, keys = BUF_INIT, blank = BUF_INIT;
	const char *clean;
	int used, room, width;

	for (int x = 0; x < a->width; x++)
		buf_addc(&blank, ' ');
	screen_put_styled(s->screen, a->y, a->x, a->width, buf_text(&blank), &bar_style);
	add_place(s, &place);
	add_keys(s, &keys);
	clean = text_clean(&arena, buf_text(&place), 1024);
	room = a->width;
	width = text_width(buf_text(&keys));
	/* On narrow screens the keys come first: without them nobody gets on. */
	if (room < 100 || s->prefixed)
		room = a->width - (width < a->width * 2 / 3 ? width : a->width * 2 / 3);
	used = clean ? screen_put_styled(s->screen, a->y, a->x, room, clean, &bar_style) : 0;
	room = a->width - used - 1;
	if (room > 4)
		screen_put_styled(s->screen, a->y, a->x + a->width - (width < room ? width : room),
		        room, buf_text(&keys), &bar_style);
	arena_release(&arena);
}

static void help_text(struct buf *out)
{
	buf_add(out,
	        "Type commands in the terminal, as always. Enter on an empty line proposes the "
	        "next one.\n'help' there lists the tutor's words.\n\n");
	for (size_t i = 0; stage_keys[i].name; i++) {
		const struct stage_key *k = &stage_keys[i];

		buf_addf(out, "%-10s  Ctrl-] %-5.*s  %s\n", k->name, k->letter == ' ' ? 5 : 1,
		        k->letter == ' ' ? "Space" : &k->letter, k->help);
	}
	buf_add(out,
	        "\nCtrl-] Ctrl-] sends Ctrl-], Ctrl-] F5 sends F5 to the program in the terminal.\n"
	        "Any key closes this.");
}

/* The area that messages lie over: the lesson, or what is shown instead. */
static const struct rectangle *message_area(const struct stage *s)
{
	return s->layout.split ? &s->layout.areas[AREA_LESSON] : &s->layout.areas[s->chosen];
}

static void draw_overlay(struct stage *s)
{
	const struct rectangle whole = {0, 0, s->layout.status.y, s->layout.status.width};
	auto_buf help = BUF_INIT;

	if (s->help) {
		help_text(&help);
		screen_fill(s->screen, 0, 0, whole.height, whole.width);
		stage_message_draw(s->screen, &whole, "keys", buf_text(&help), true);
	} else if (s->note[0]) {
		stage_message_draw(
		        s->screen, message_area(s), "cutaway", s->note, !s->layout.split);
	} else if (s->message) {
		stage_message_draw(s->screen, message_area(s), "tutor",
		        follow_state(s->follow)->message, !s->layout.split);
	}
}

static void draw(struct stage *s)
{
	s->dirty = false;
	if (!s->fits) {
		screen_clear(s->screen);
		screen_put_text(s->screen, 0, 0, s->layout.status.width,
		        "Too small: 20 columns and 5 rows, please.", SCENE_PLAIN, MARK_NONE);
		screen_hide_cursor(s->screen);
		screen_flush(s->screen);
		return;
	}
	draw_terminal(s);
	if (s->layout.areas[AREA_LESSON].height)
		stage_text_draw(&s->text, s->screen, &s->layout.areas[AREA_LESSON]);
	if (s->layout.areas[AREA_DRAWING].height)
		picture_draw(s->picture, s->screen, &s->layout.areas[AREA_DRAWING]);
	draw_lines(s);
	draw_status(s);
	draw_overlay(s);
	screen_flush(s->screen);
}

/* ---- size and areas ---------------------------------------------------------------------------
 */

static void take_text(struct stage *s, bool turned)
{
	int width = s->layout.areas[AREA_LESSON].width;

	if (width && stage_text_take(&s->text, follow_state(s->follow), turned, width,
	                     screen_is_ascii(s->screen)) < 0)
		snprintf(s->note, sizeof(s->note), "There is no memory left for the text.");
}

static void arrange(struct stage *s)
{
	int rows, columns;

	screen_size(s->screen, &rows, &columns);
	s->fits = layout_make(rows, columns, s->chosen, s->whole, &s->layout);
	if (emulator_resize(s->terminal, s->layout.terminal_rows, s->layout.terminal_columns) < 0)
		snprintf(s->note, sizeof(s->note), "There is no memory left for this size.");
	stage_child_resize(&s->child, s->layout.terminal_rows, s->layout.terminal_columns);
	take_text(s, false);
	picture_touch(s->picture);
	screen_clear(s->screen);
	s->dirty = true;
}

/* Where all three are shown, the key makes one of them fill the screen, and again all three. */
static void choose(struct stage *s, enum stage_area area)
{
	bool room;
	int rows, columns;
	struct stage_layout l;

	screen_size(s->screen, &rows, &columns);
	room = layout_make(rows, columns, area, false, &l) && l.split;
	s->whole = room && !(s->whole && s->chosen == area);
	s->chosen = area;
	s->back = 0;
	arrange(s);
}

/* ---- keys -------------------------------------------------------------------------------------
 */

static void send_word(struct stage *s, const char *word)
{
	struct error err = {0};
	auto_buf text = BUF_INIT;

	if (follow_send(s->follow, word, &err) < 0) {
		error_format(&err, &text);
		snprintf(s->note, sizeof(s->note), "%s", buf_text(&text));
	}
}

static void next_view(struct stage *s)
{
	const struct lab_state *state = follow_state(s->follow);
	auto_buf word = BUF_INIT;
	size_t i = 0;

	while (views[i].name && strcmp(views[i].name, state->view))
		i++;
	if (!views[i].name || !views[++i].name)
		i = 0;
	buf_addf(&word, "view %s", views[i].name);
	if (*state->subject && strcmp(views[i].name, "host"))
		buf_addf(&word, " %s", state->subject);
	send_word(s, buf_text(&word));
}

static void scroll_terminal(struct stage *s, int lines)
{
	int most = emulator_lines_back(s->terminal);

	s->back += lines;
	if (s->back > most)
		s->back = most;
	if (s->back < 0)
		s->back = 0;
}

static void ask_quit(struct stage *s)
{
	if (s->quit_asked) {
		send_word(s, "quit");
		snprintf(s->note, sizeof(s->note), "Ending the lab …");
		return;
	}
	snprintf(s->note, sizeof(s->note),
	        "F10 (or Ctrl-] q) once more ends the lab. What it made goes; your progress "
	        "stays.");
	s->quit_asked = true;
}

static void act(struct stage *s, enum stage_action action)
{
	int lesson = s->layout.areas[AREA_LESSON].height, page = lesson > 2 ? lesson - 2 : 1;
	const struct stage_key *key = stage_key_of(action);

	switch (action) {
	case ACTION_LESSON:
	case ACTION_TERMINAL:
	case ACTION_DRAWING:
		choose(s, (enum stage_area)(action - ACTION_LESSON));
		break;
	case ACTION_HELP:
		s->help = true;
		break;
	case ACTION_VIEW:
		next_view(s);
		break;
	case ACTION_QUIT:
		ask_quit(s);
		break;
	case ACTION_LESSON_UP:
	case ACTION_LESSON_DOWN:
		stage_text_scroll(&s->text, action == ACTION_LESSON_UP ? -1 : 1, lesson);
		break;
	case ACTION_LESSON_PAGE_UP:
	case ACTION_LESSON_PAGE_DOWN:
		stage_text_scroll(&s->text, action == ACTION_LESSON_PAGE_UP ? -page : page, lesson);
		break;
	case ACTION_OLDER:
	case ACTION_NEWER:
		page = s->layout.terminal_rows > 2 ? s->layout.terminal_rows - 1 : 1;
		scroll_terminal(s, action == ACTION_OLDER ? page : -page);
		break;
	case ACTION_REDRAW:
		screen_redraw(s->screen);
		break;
	case ACTION_UNKNOWN:
		snprintf(s->note, sizeof(s->note),
		        "No key is called so. F1 (or Ctrl-] ?) lists the keys.");
		break;
	default:
		if (key && key->word)
			send_word(s, key->word);
		break;
	}
}

/* With the lesson or the drawing over the whole screen nobody sees what they type: keys that move
 * scroll the lesson, all others lead back to the terminal. True when the key was used up. */
static bool take_reading_key(struct stage *s, const struct screen_key *key)
{
	int lesson = s->layout.areas[AREA_LESSON].height;

	if (s->layout.split || s->chosen == AREA_TERMINAL)
		return false;
	if (s->chosen == AREA_LESSON) {
		int page = lesson > 2 ? lesson - 2 : 1, move = 0;

		if (key->kind == KEY_KIND_UP || key->kind == KEY_KIND_DOWN)
			move = key->kind == KEY_KIND_UP ? -1 : 1;
		else if (key->kind == KEY_KIND_PAGE_UP || key->kind == KEY_KIND_PAGE_DOWN)
			move = key->kind == KEY_KIND_PAGE_UP ? -page : page;
		else if (key->kind == KEY_KIND_CHARACTER && key->character == ' ')
			move = page;
		if (move) {
			stage_text_scroll(&s->text, move, lesson);
			return true;
		}
	}
	s->whole = false;
	s->chosen = AREA_TERMINAL;
	arrange(s);
	/* Esc only leads back. */
	return key->kind == KEY_KIND_ESCAPE;
}

static void take_key(struct stage *s, const struct screen_key *key)
{
	bool prefixed = s->prefixed, asked = s->quit_asked;
	enum stage_action action = stage_key_action(key, prefixed);

	s->dirty = true;
	s->prefixed = false;
	if (action == ACTION_PREFIX) {
		s->prefixed = true;
		return;
	}
	s->note[0] = '\0';
	s->message = false;
	if (s->help) {
		s->help = false;
		return;
	}
	if (action != ACTION_QUIT)
		s->quit_asked = asked = false;
	if (action != ACTION_NONE) {
		act(s, action);
		return;
	}
	if (take_reading_key(s, key))
		return;
	s->back = 0;
	emulator_key(s->terminal, key);
}

static void take_keys(struct stage *s)
{
	struct screen_key key;

	while (screen_read_key(s->screen, &key)) {
		if (key.kind == KEY_KIND_RESIZE) {
			if (screen_resize(s->screen))
				arrange(s);
		} else {
			take_key(s, &key);
		}
	}
}

/* ---- the other sources ------------------------------------------------------------------------
 */

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
		picture_begin(s->picture);
		s->back = 0;
	}
	take_text(s, turned);
	picture_touch(s->picture);
	s->message = *state->message != '\0';
	s->dirty = true;
}

static void take_signal(struct stage *s)
{
	struct signalfd_siginfo info;

	while (read(s->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGWINCH) {
			if (screen_resize(s->screen))
				arrange(s);
		} else {
			s->ended = true;
			s->status = 128 + (int)info.ssi_signo;
		}
	}
}

static void loop(struct stage *s)
{
	struct pollfd fds[SOURCES + WATCHES];
	size_t n;

	while (!s->ended) {
		const struct rectangle *d = &s->layout.areas[AREA_DRAWING];

		if (d->height && picture_update(s->picture, follow_state(s->follow), d->height,
		                         d->width, screen_is_ascii(s->screen)))
			s->dirty = true;
		if (s->dirty)
			draw(s);
		send_output(s);
		fds[0] = (struct pollfd){.fd = STDIN_FILENO, .events = POLLIN};
		fds[1] = (struct pollfd){.fd = s->child.pty, .events = POLLIN};
		fds[2] = (struct pollfd){.fd = follow_fd(s->follow), .events = POLLIN};
		fds[3] = (struct pollfd){.fd = s->signals, .events = POLLIN};
		if (emulator_output(s->terminal)->len)
			fds[1].events |= POLLOUT;
		n = picture_pollfds(s->picture, fds + SOURCES, WATCHES);
		if (poll(fds, SOURCES + n, d->height ? picture_wait(s->picture) : -1) < 0 &&
		        errno != EINTR)
			break;
		if (fds[3].revents)
			take_signal(s);
		if (fds[0].revents & (POLLHUP | POLLERR))
			s->ended = true; /* our own terminal has gone */
		if (fds[0].revents)
			take_keys(s);
		if (fds[1].revents & (POLLIN | POLLHUP | POLLERR))
			take_output(s);
		if (fds[2].revents)
			take_state(s);
		picture_drain(s->picture);
	}
}

/* ---- beginning and end ------------------------------------------------------------------------
 */

/* For the handler of fatal signals, which is given nothing but a number. */
static struct screen *screen_of_process;

static void on_crash(int signal_number)
{
	screen_restore(screen_of_process);
	signal(signal_number, SIG_DFL);
	raise(signal_number);
}

static int catch_signals(struct stage *s, struct error *err)
{
	static const int fatal[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
	static const int told[] = {SIGWINCH, SIGTERM, SIGHUP, SIGINT, SIGQUIT};
	sigset_t set;

	screen_of_process = s->screen;
	for (size_t i = 0; i < sizeof(fatal) / sizeof(*fatal); i++)
		signal(fatal[i], on_crash);
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
	if ((r = catch_signals(s, err)) < 0 || (r = follow_new(id, &s->follow, err)) < 0)
		return r;
	/* The shell starts first: it gets ready while we read the machine. */
	r = stage_child_start(id, options->arguments, s->layout.terminal_rows,
	        s->layout.terminal_columns, &s->child, err);
	if (!r && (r = emulator_new(
	                   s->layout.terminal_rows, s->layout.terminal_columns, &s->terminal)) < 0)
		error_set(err, -r, "open", "the terminal", NULL);
	return r < 0 ? r : picture_new(&s->picture, err);
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
	screen_of_process = NULL;
	finish(&s);
	if (!r && s.status && s.status < 128 && s.terminal)
		tell_last_lines(&s);
	picture_free(s.picture);
	follow_free(s.follow);
	stage_text_release(&s.text);
	emulator_free(s.terminal);
	if (s.signals >= 0)
		close(s.signals);
	return r < 0 ? r : s.status;
}
