/* Readline, through its callback interface, so that signals and the control socket are served
 * while a line is typed: everything comes as a readable descriptor, signals through signalfd(2). */
#include "shell/line.h"

#include "kernel/base/cleanup.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <readline/history.h>
#include <readline/readline.h>

enum { HISTORY_LINES = 1000, LINE_LIMIT = 1 << 20 };

struct line {
	struct line_options options;
	char *history;
	bool terminal;
	const char *prefill;
	/* what the callback of readline reports */
	bool have_line;
	char *text; /* NULL = end of input */
};

struct line_candidates {
	const char *word;
	char **found;
	size_t n, size;
};

/* Readline's callbacks take no pointer of ours; its own state is as global as this. */
static struct line *reading;

static void line_ready(char *text)
{
	reading->have_line = true;
	reading->text = text;
	if (!text) { /* before readline goes back to the first column */
		fputc('\n', rl_outstream);
		fflush(rl_outstream);
	}
	rl_callback_handler_remove();
}

void line_candidate(struct line_candidates *c, const char *candidate)
{
	char **grown;

	if (strncmp(candidate, c->word, strlen(c->word)))
		return;
	for (size_t i = 0; i < c->n; i++)
		if (!strcmp(c->found[i], candidate))
			return;
	if (c->n + 1 >= c->size) {
		if (!(grown = realloc(c->found, (c->size * 2 + 16) * sizeof(*grown))))
			return;
		c->found = grown;
		c->size = c->size * 2 + 16;
	}
	if ((c->found[c->n] = strdup(candidate)))
		c->n++;
}

/* What all candidates begin with. */
static char *common_beginning(const struct line_candidates *c)
{
	size_t n = strlen(c->found[0]);

	for (size_t i = 1; i < c->n; i++)
		for (size_t k = 0; k < n; k++)
			if (c->found[i][k] != c->found[0][k])
				n = k;
	return strndup(c->found[0], n);
}

/* Readline wants an array of its own strings: the common beginning, the candidates, NULL. */
static char **complete(const char *word, int start, int end)
{
	struct line_candidates c = {.word = word};
	char **matches = NULL;

	(void)end;
	if (reading->options.complete)
		reading->options.complete(
		        reading->options.data, rl_line_buffer, (size_t)start, word, &c);
	if (c.n && (matches = calloc(c.n + 2, sizeof(*matches)))) {
		matches[0] = common_beginning(&c);
		if (c.n > 1)
			memcpy(matches + 1, c.found, c.n * sizeof(*matches));
		else
			free(c.found[0]);
		if (!matches[0]) {
			free(matches);
			matches = NULL;
		}
	}
	free(c.found);
	return matches;
}

static int insert_prefill(void)
{
	if (reading->prefill)
		rl_insert_text(reading->prefill);
	return 0;
}

int line_open(const struct line_options *options, struct line **ret, struct error *err)
{
	struct line *l = calloc(1, sizeof(*l));

	if (!l)
		return error_set(err, ENOMEM, "open", "the command line", NULL);
	l->options = *options;
	l->terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	if (options->history && !(l->history = strdup(options->history))) {
		free(l);
		return error_set(err, ENOMEM, "open", "the command line", NULL);
	}
	reading = l;
	if (l->terminal) {
		rl_readline_name = "cutaway";
		rl_catch_signals = 0;
		rl_catch_sigwinch = 0;
		rl_change_environment = 0; /* no LINES and COLUMNS for bash */
		rl_attempted_completion_function = complete;
		rl_startup_hook = insert_prefill;
		using_history();
		stifle_history(HISTORY_LINES);
		if (l->history)
			read_history(l->history); /* none yet: nothing to remember */
	}
	*ret = l;
	return 0;
}

void line_close(struct line *l)
{
	if (!l)
		return;
	if (l->terminal && l->history) {
		write_history(l->history);
		clear_history();
	}
	if (reading == l)
		reading = NULL;
	free(l->history);
	free(l);
}

bool line_is_terminal(const struct line *l)
{
	return l->terminal;
}

void line_remember(struct line *l, const char *text)
{
	const HIST_ENTRY *last;

	if (!l->terminal || !text[strspn(text, " \t\n")])
		return;
	last = history_length ? history_get(history_base + history_length - 1) : NULL;
	if (!last || strcmp(last->line, text))
		add_history(text);
}

static int open_signals(sigset_t *before)
{
	static const int ours[] = {SIGINT, SIGTERM, SIGHUP, SIGWINCH};
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(ours) / sizeof(*ours); i++)
		sigaddset(&set, ours[i]);
	sigprocmask(SIG_BLOCK, &set, before);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* Ends readline's reading before the line was complete; what was typed so far goes to `ret`. */
static void give_up(struct buf *ret)
{
	if (ret)
		buf_add(ret, rl_line_buffer ? rl_line_buffer : "");
	rl_free_line_state();
	rl_callback_sigcleanup();
	rl_replace_line("", 0);
	rl_callback_handler_remove();
}

/* 0 = go on reading, else what line_read() is to return plus one. */
static int take_signal(int signals)
{
	struct signalfd_siginfo info;

	if (read(signals, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return 0;
	if (info.ssi_signo == SIGWINCH) {
		rl_resize_terminal();
		return 0;
	}
	if (info.ssi_signo == SIGINT) {
		fputs("^C\n", rl_outstream); /* first: readline goes back to the first column */
		fflush(rl_outstream);
	}
	give_up(NULL);
	return (info.ssi_signo == SIGINT ? LINE_INTERRUPTED : LINE_SIGNAL) + 1;
}

static enum line_result read_edited(
        struct line *l, const char *prompt, const char *prefill, int signals, struct buf *ret)
{
	struct pollfd fds[] = {
	        {.fd = STDIN_FILENO, .events = POLLIN},
	        {.fd = signals, .events = POLLIN},
	        {.fd = l->options.ready ? l->options.also_fd : -1, .events = POLLIN},
	};
	int stop;

	l->prefill = prefill;
	l->have_line = false;
	rl_callback_handler_install(prompt, line_ready);
	while (!l->have_line) {
		if (poll(fds, 3, -1) < 0) {
			if (errno == EINTR)
				continue;
			give_up(NULL);
			return LINE_END;
		}
		if (fds[1].revents && (stop = take_signal(signals)))
			return (enum line_result)(stop - 1);
		if (fds[2].revents && l->options.ready(l->options.data)) {
			give_up(ret);
			fputs("\r\033[K", stdout);
			fflush(stdout);
			return LINE_STOPPED;
		}
		if (fds[0].revents)
			rl_callback_read_char();
	}
	if (!l->text)
		return LINE_END;
	buf_add(ret, l->text);
	free(l->text);
	l->text = NULL;
	return LINE_TEXT;
}

static enum line_result read_plain(
        struct line *l, const char *prompt, const char *prefill, int signals, struct buf *ret)
{
	struct pollfd fds[] = {
	        {.fd = STDIN_FILENO, .events = POLLIN},
	        {.fd = signals, .events = POLLIN},
	        {.fd = l->options.ready ? l->options.also_fd : -1, .events = POLLIN},
	};
	struct signalfd_siginfo info;
	ssize_t n;
	char c;

	for (; *prompt; prompt++)
		if (*prompt != '\001' && *prompt != '\002')
			putchar(*prompt);
	fputs(prefill ? prefill : "", stdout);
	fflush(stdout);
	for (;;) {
		if (poll(fds, 3, -1) < 0 && errno != EINTR)
			return LINE_END;
		if (fds[1].revents && read(signals, &info, sizeof(info)) > 0 &&
		        info.ssi_signo != SIGWINCH)
			return info.ssi_signo == SIGINT ? LINE_INTERRUPTED : LINE_SIGNAL;
		if (fds[2].revents && l->options.ready(l->options.data))
			return LINE_STOPPED;
		if (!fds[0].revents)
			continue;
		n = read(STDIN_FILENO, &c, 1);
		if (n <= 0 && !ret->len)
			return LINE_END;
		if (n <= 0 || c == '\n')
			break;
		if (c && ret->len < LINE_LIMIT)
			buf_addc(ret, c);
	}
	putchar('\n');
	fflush(stdout); /* before bash writes */
	if (!ret->len && prefill)
		buf_add(ret, prefill);
	return LINE_TEXT;
}

enum line_result line_read(struct line *l, const char *prompt, const char *prefill, struct buf *ret)
{
	enum line_result result;
	sigset_t before;
	auto_close signals = open_signals(&before);

	buf_reset(ret);
	if (l->terminal)
		result = read_edited(l, prompt, prefill, signals, ret);
	else
		result = read_plain(l, prompt, prefill, signals, ret);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return result;
}
