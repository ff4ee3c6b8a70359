/* The loop of the prompt. */
#include "shell/repl_state.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/dirs.h"
#include "render/glyph.h"
#include "shell/lab.h"
#include "shell/lesson/lesson_notes.h"
#include "shell/lesson/progress.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

void repl_say(struct repl *r, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	buf_addv(&r->said, format, args);
	va_end(args);
}

void repl_say_error(struct repl *r, const struct error *err)
{
	error_format(err, &r->said);
	buf_addc(&r->said, '\n');
}

/* Writes a line broken at blanks, where the terminal would break it anywhere. What is coloured was
 * laid out for the width already. */
static void write_line(const char *line, size_t n, int width)
{
	char text[1024];

	while (n < sizeof(text) && !memchr(line, '\033', n)) {
		size_t fit, cut;

		memcpy(text, line, n);
		text[n] = '\0';
		if ((fit = text_fit(text, width)) >= n)
			break;
		for (cut = fit; cut > fit / 2 && text[cut] != ' '; cut--)
			;
		if (text[cut] != ' ')
			break;
		fwrite(text, 1, cut, stdout);
		putchar('\n');
		line += cut + 1;
		n -= cut + 1;
	}
	fwrite(line, 1, n, stdout);
}

int repl_width(void)
{
	struct winsize size = {.ws_col = 0};

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col < 10 || size.ws_col > 80)
		return 80;
	return size.ws_col;
}

void repl_speak(struct repl *r)
{
	const char *text = buf_text(&r->said), *end = text + r->said.len;
	struct winsize size = {.ws_col = 0};

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col < 10)
		size.ws_col = UINT16_MAX;
	while (text < end) {
		size_t n = strcspn(text, "\n");

		write_line(text, n, size.ws_col);
		text += n;
		if (*text)
			putchar(*text++);
	}
	fflush(stdout);
	buf_reset(&r->said);
}

/* ---- the tutor beside a prompt or a program ---------------------------------------------------
 */

/* A line from the control socket. While a program has the terminal only lab.json gets the answer;
 * at the prompt it is shown there too, unless a stage shows it. */
static void take_control(struct repl *r)
{
	auto_buf line = BUF_INIT, kept = BUF_INIT;
	struct signalfd_siginfo info;
	struct tutor_call call;
	size_t page = r->page;

	if (read(r->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		r->quitting = true;
		r->ended_by = (int)info.ssi_signo;
		if (r->running)
			kill(bash_session_pid(r->bash), SIGHUP);
		return;
	}
	if (lab_control_read(r->options.lab, &line) != 1)
		return;
	buf_add(&kept, buf_text(&r->said));
	buf_reset(&r->said);
	if (!tutor_parse(buf_text(&line), &call))
		repl_say(r, "The tutor does not know this word.\n");
	else if (r->running && !call.entry->anytime)
		repl_say(r, "'%s' has to wait until the program has ended.\n", call.entry->name);
	else
		repl_word(r, &call);
	buf_reset(&r->message);
	buf_add(&r->message, buf_text(&r->said));
	if (r->running || r->options.stage)
		buf_reset(&r->said);
	repl_publish(r);
	if (r->running) {
		r->turned |= r->page != page;
		buf_add(&r->said, buf_text(&kept));
	}
	if (r->running && r->quitting)
		kill(bash_session_pid(r->bash), SIGHUP); /* which passes it on to its jobs */
}

static void ready_running(void *data)
{
	take_control(data);
}

static bool ready_reading(void *data)
{
	take_control(data);
	return true; /* the prompt may say something else now */
}

/* ---- bash -------------------------------------------------------------------------------------
 */

/* The lab's programs first in PATH, and everything marked as the lab's. */
int repl_start_bash(struct repl *r, struct error *err)
{
	auto_buf path = BUF_INIT, id = BUF_INIT, files = BUF_INIT, lesson = BUF_INIT,
	         images = BUF_INIT;
	auto_free char *map = r->lesson ? lesson_image_map(r->lesson) : NULL;
	const char *old = getenv("PATH");

	buf_addf(&path, "PATH=%s/bin:%s", lab_directory(r->options.lab),
	        old && *old ? old : "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
	buf_addf(&id, "CUTAWAY_LAB=%s", lab_id(r->options.lab));
	buf_addf(&files, "LAB=%s/files", lab_directory(r->options.lab));
	buf_addf(&lesson, "LESSON=%s/lesson", lab_directory(r->options.lab));
	if (map)
		buf_addf(&images, "CUTAWAY_IMAGES=%s", map);
	if (buf_failed(&path) || buf_failed(&id) || buf_failed(&files) || buf_failed(&lesson) ||
	        buf_failed(&images))
		return error_set(err, ENOMEM, "start", "bash", NULL);

	const char *const environment[] = {buf_text(&path), buf_text(&id), buf_text(&files),
	        buf_text(&lesson), map ? buf_text(&images) : "CUTAWAY_STAGE", "HISTFILE",
	        "CUTAWAY_STAGE", NULL};
	const struct bash_options options = {
	        .environment = environment,
	        .directory = r->foreign ? buf_text(&files) + strlen("LAB=") : NULL,
	        .also_fd = r->events,
	        .ready = ready_running,
	        .data = r,
	};
	return bash_session_start(&options, &r->bash, err);
}

static void after_bash_end(struct repl *r)
{
	struct error err = {0};

	if (r->quitting)
		return;
	if (bash_session_end(r->bash) == BASH_EXITED) {
		r->quitting = true;
		return;
	}
	repl_say(r,
	        "The shell was ended by signal %d. Here is a new one; its variables are gone.\n",
	        r->status - 128);
	bash_session_close(r->bash);
	r->bash = NULL;
	if (repl_start_bash(r, &err) < 0) {
		repl_say_error(r, &err);
		r->quitting = true;
	}
}

/* "did you mean": the first word of a command that bash did not find. */
static void suggest(struct repl *r, const char *text)
{
	char word[32];
	const char *meant;
	size_t n;

	text += strspn(text, " \t\n");
	n = strcspn(text, " \t\n;|&");
	if (n >= sizeof(word))
		return;
	snprintf(word, sizeof(word), "%.*s", (int)n, text);
	if ((meant = tutor_suggest(word)))
		repl_say(r, "Did you mean '%s'?\n", meant);
}

void repl_run_command(struct repl *r, const char *text)
{
	struct error err = {0};
	int result;

	r->running = true;
	result = bash_session_run(r->bash, text, &r->status, &err);
	r->running = false;
	if (result == -ESHUTDOWN) {
		after_bash_end(r);
		return;
	}
	if (result < 0) {
		repl_say_error(r, &err);
		return;
	}
	/* So that file names are completed where the learner is. */
	if (chdir(bash_session_directory(r->bash)) < 0)
		errno = 0; /* gone, or not ours to enter: names are completed elsewhere */
	if (r->status == 127)
		suggest(r, text);
}

/* ---- the prompt -------------------------------------------------------------------------------
 */

/* Reads on until bash takes the text for complete. */
static enum line_result read_command(struct repl *r, struct buf *text)
{
	auto_buf prompt = BUF_INIT, more = BUF_INIT, proposed = BUF_INIT;
	struct error err = {0};
	enum line_result result;

	repl_prompt_make(r, &prompt);
	buf_add(&proposed, buf_text(&r->prefill));
	buf_reset(&r->prefill);
	result = line_read(
	        r->line, buf_text(&prompt), proposed.len ? buf_text(&proposed) : NULL, text);
	while (result == LINE_TEXT && text->len) {
		struct tutor_call call;

		if (tutor_parse(buf_text(text), &call) ||
		        bash_incomplete(buf_text(text), &err) != 1)
			break;
		buf_reset(&proposed);
		buf_addc(text, '\n');
		repl_page_continue(r, buf_text(text), &proposed);
		do
			result = line_read(
			        r->line, "> ", proposed.len ? buf_text(&proposed) : NULL, &more);
		while (result == LINE_STOPPED);
		if (result == LINE_END) { /* let bash say what is missing */
			result = LINE_TEXT;
			break;
		}
		buf_add(text, buf_text(&more));
	}
	return result;
}

static void take_line(struct repl *r, const char *text);

static void propose(struct repl *r)
{
	auto_buf other = BUF_INIT;
	enum repl_asked asked;

	if (!line_is_terminal(r->line) && !r->lesson)
		return;
	/* The proposal takes the place of the empty line. */
	if (line_is_terminal(r->line))
		fputs("\033[A\r\033[K", stdout);
	buf_reset(&r->prefill);
	asked = repl_ask(r, &other);
	if (asked == ASKED_OTHER)
		take_line(r, buf_text(&other));
	else if (asked != ASKED_DROP)
		repl_page_propose(r, &r->prefill);
}

/* The page's question comes before its first command. False when that is not to be run: then it
 * waits on the next line. */
static bool ask_before(struct repl *r, const char *text)
{
	auto_buf other = BUF_INIT;
	enum repl_asked asked = repl_ask(r, &other);

	if (asked == ASKED_NOT || !strcmp(buf_text(&other), text))
		return true;
	if (asked == ASKED_ON) { /* so that nobody wonders what it is that writes now */
		repl_prompt_echo(r, text);
		return true;
	}
	if (asked == ASKED_OTHER)
		take_line(r, buf_text(&other));
	buf_reset(&r->prefill);
	buf_add(&r->prefill, text);
	return false;
}

static void take_line(struct repl *r, const char *text)
{
	struct tutor_call call;

	if (!text[strspn(text, " \t\n")]) {
		propose(r);
		return;
	}
	line_remember(r->line, text);
	buf_reset(&r->message);
	if (tutor_parse(text, &call)) {
		repl_word(r, &call);
		repl_publish(r);
		return;
	}
	if (r->lesson && repl_page_awaits(r, text) && !ask_before(r, text))
		return;
	r->turned = false;
	repl_run_command(r, text);
	if (!r->lesson || r->quitting)
		return;
	if (!r->turned) {
		r->tried = true;
		repl_page_ran(r, text);
	}
	if (repl_page_look(r)) {
		repl_say(r, "%s✓ %s%s: next\n", r->colour ? "\033[32m" : "", repl_page(r)->title,
		        r->colour ? "\033[0m" : "");
	}
	if (r->passed && !repl_page_has_more(r))
		repl_ask_compare(r);
	repl_publish(r);
}

static int loop(struct repl *r)
{
	auto_buf text = BUF_INIT;
	int status = 0;

	while (!r->quitting) {
		repl_speak(r);
		buf_reset(&text);
		switch (read_command(r, &text)) {
		case LINE_TEXT:
			if (!repl_end_asked(r, buf_text(&text)))
				take_line(r, buf_text(&text));
			break;
		case LINE_STOPPED:
			buf_reset(&r->prefill);
			buf_add(&r->prefill, buf_text(&text));
			break;
		case LINE_INTERRUPTED:
			r->status = 130;
			break;
		case LINE_SIGNAL:
			r->ended_by = SIGTERM;
			r->quitting = true;
			break;
		case LINE_END:
			if (repl_end_asked(r, NULL))
				break;
			if (!line_is_terminal(r->line))
				status = r->status;
			r->quitting = true;
			break;
		}
	}
	repl_speak(r);
	return r->ended_by ? 128 + r->ended_by : status;
}

static int open_line(struct repl *r, struct error *err)
{
	auto_free char *state = NULL;
	auto_buf history = BUF_INIT;
	struct error none = {0};

	/* Without a directory for it there is no history, and everything else works. */
	if (!dirs_path(DIRS_STATE, NULL, true, &state, &none))
		buf_addf(&history, "%s/history", state);
	const struct line_options options = {
	        .history = history.len ? buf_text(&history) : NULL,
	        .complete = repl_complete,
	        .ready = ready_reading,
	        .also_fd = r->events,
	        .data = r,
	};
	return line_open(&options, &r->line, err);
}

static void nothing(int signal)
{
	(void)signal;
}

/* A shell is not stopped by the terminal's keys. A handler, not SIG_IGN: what we start shall not
 * inherit it, and exec resets handlers only (signal(7)). */
static int calm_signals(struct repl *r, struct error *err)
{
	struct epoll_event event = {.events = EPOLLIN};
	sigset_t end;

	static const int calm[] = {SIGINT, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU};
	struct sigaction action = {.sa_handler = nothing, .sa_flags = SA_RESTART};

	for (size_t i = 0; i < sizeof(calm) / sizeof(*calm); i++)
		sigaction(calm[i], &action, NULL);
	sigemptyset(&end);
	sigaddset(&end, SIGTERM);
	sigaddset(&end, SIGHUP);
	sigprocmask(SIG_BLOCK, &end, NULL);
	r->signals = signalfd(-1, &end, SFD_CLOEXEC | SFD_NONBLOCK);
	r->events = epoll_create1(EPOLL_CLOEXEC);
	if (r->signals < 0 || r->events < 0 ||
	        epoll_ctl(r->events, EPOLL_CTL_ADD, r->signals, &event) < 0 ||
	        epoll_ctl(r->events, EPOLL_CTL_ADD, lab_control_fd(r->options.lab), &event) < 0)
		return error_set(err, errno, "watch", "signals and the control socket", NULL);
	return 0;
}

static void begin(struct repl *r)
{
	size_t place = r->options.fresh ? 0 : repl_lesson_place(r);

	if (place > 0) {
		repl_say(r,
		        "You stopped at page %zu of %zu: going on there. 'reset all' begins "
		        "anew.\n",
		        place, r->lesson->n_pages - 1);
		repl_speak(r);
		if (r->foreign)
			repl_say(r, "What its earlier pages made is not made again: 'reset' does "
			            "that.\n");
		else
			repl_restore_replay(r, place);
	}
	repl_page_start(r, place);
	if (!r->lesson)
		repl_say(r, "No lesson is open: 'lessons' says which there are, or why there are "
		            "none.\n");
	if (!place && !r->options.stage)
		repl_say(r, "Enter on an empty line proposes what to type; 'help' lists the "
		            "tutor's words.\n");
	repl_publish(r);
}

int repl_run(const struct repl_options *options, struct error *err)
{
	struct repl r = {.options = *options, .answer = -1, .signals = -1, .events = -1};
	const char *no_color = getenv("NO_COLOR");
	int result;

	r.colour = isatty(STDOUT_FILENO) && !(no_color && *no_color);
	result = calm_signals(&r, err);
	if (!result)
		result = repl_lesson_load(&r, options->lesson, err);
	if (!result)
		result = open_line(&r, err);
	if (!result) {
		repl_foreign_home(&r);
		result = repl_start_bash(&r, err);
	}
	if (!result) {
		begin(&r);
		result = loop(&r);
		repl_lesson_keep(&r);
	}
	bash_session_close(r.bash);
	line_close(r.line);
	scenario_free(r.lesson);
	progress_free(r.progress);
	free(r.marks);
	arena_release(&r.unmet_arena);
	free(r.home);
	buf_release(&r.complaint);
	buf_release(&r.view);
	buf_release(&r.subject);
	buf_release(&r.said);
	buf_release(&r.message);
	buf_release(&r.prefill);
	if (r.events >= 0)
		close(r.events);
	if (r.signals >= 0)
		close(r.signals);
	return result;
}
