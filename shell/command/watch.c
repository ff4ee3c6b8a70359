/* cutaway watch: what a command and all that it starts ask of the kernel, told as it happens. */
#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/watch/also.h"
#include "kernel/watch/record_read.h"
#include "kernel/watch/tracer.h"
#include "shell/command.h"
#include "shell/command/watch_else.h"
#include "shell/command/watch_options.h"
#include "shell/watch/compare.h"
#include "shell/watch/export.h"
#include "shell/watch/lab_record.h"
#include "shell/watch/screen.h"
#include "shell/watch/show.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <langinfo.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

enum { CHUNK = 65536, WIDTH = 100 };

struct watching {
	int record; /* -1 = none is kept */
	FILE *text;
	struct lab_record lab;
	struct watch_lines lines;
	struct buf shown;
	int status; /* of the command; -1 = not told yet */

	struct watch_options o;
	struct watch_recording recording; /* of what is to be drawn */
};

static int take_line(void *watching, json_t *line, struct error *err)
{
	struct watching *w = watching;
	int status = watch_line_status(line);

	if (!w->o.quiet) {
		buf_reset(&w->shown);
		watch_line_show(&w->shown, line, w->o.form.level);
		fputs(buf_text(&w->shown), w->text);
	}
	if (status >= 0)
		w->status = status;
	return w->o.draws ? watch_recording_add(&w->recording, line, err) : 0;
}

static int take_all(struct watching *w, int fd, struct error *err)
{
	auto_free char *bytes = malloc(CHUNK);
	int r = bytes ? 0 : -ENOMEM;

	while (r == 0) {
		ssize_t n;

		lab_record_wait(&w->lab, fd);
		n = read(fd, bytes, CHUNK);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_set(err, errno, "read record", "", NULL);
		if (n == 0)
			break;
		if (w->record >= 0 && (r = file_write_all(w->record, bytes, (size_t)n)) < 0)
			return error_set(err, -r, "write record", "", NULL);
		lab_record_put(&w->lab, bytes, (size_t)n);
		r = watch_lines_take(&w->lines, bytes, (size_t)n, take_line, w, err);
		fflush(w->text);
	}
	return r == 0 ? watch_lines_end(&w->lines, err) : r;
}

static int replay(struct watching *w, const char *path, FILE *text, struct error *err)
{
	auto_close fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return error_set(err, errno, "open record", path, NULL);
	w->text = text;
	return take_all(w, fd, err);
}

/* On a terminal as wide as that, and in its colours. */
static void suit_terminal(struct watching *w)
{
	const char *no_color = getenv("NO_COLOR");
	bool terminal = !w->o.drawing && isatty(STDOUT_FILENO);
	struct winsize size;

	if (!w->o.form.width && w->o.form.format == WATCH_TEXT && terminal &&
	        ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col)
		w->o.form.width = size.ws_col;
	if (!w->o.form.width)
		w->o.form.width = WIDTH;
	if (w->o.form.width < WATCH_WIDTH_LEAST)
		w->o.form.width = WATCH_WIDTH_LEAST;
	if (w->o.form.format == WATCH_TEXT && (!terminal || (no_color && *no_color)))
		w->o.form.theme = THEME_NONE;
	else if (!w->o.theme_given)
		w->o.form.theme = w->o.form.format == WATCH_SVG ? THEME_LIGHT : THEME_DARK;
	if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		w->o.form.ascii = true;
}

static int put_out(const struct watching *w, const struct buf *out, struct error *err)
{
	int r = 0;

	if (w->o.drawing)
		r = file_replace_at(AT_FDCWD, w->o.drawing, out->data, out->len, 0644);
	else if (fwrite(out->data, 1, out->len, stdout) != out->len || fflush(stdout))
		r = -errno;
	return r < 0 ? error_set(err, -r, "write", w->o.drawing ? w->o.drawing : "standard output",
	                       NULL)
	             : 0;
}

static int draw(struct watching *w, struct error *err)
{
	auto_buf out = BUF_INIT;
	int r = watch_export(&w->recording, &w->o.form, &out, err);

	return r < 0 ? r : put_out(w, &out, err);
}

static int read_one(const char *path, struct watch_recording *ret, struct error *err)
{
	auto_close fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return error_set(err, errno, "open record", path, NULL);
	return watch_recording_read(fd, ret, err);
}

static int compare(struct watching *w, struct error *err)
{
	struct watch_recording runs[2] = {0};
	struct watch_compare c = {0};
	auto_buf out = BUF_INIT;
	int r = read_one(w->o.runs[0], &runs[0], err);

	if (r == 0)
		r = read_one(w->o.runs[1], &runs[1], err);
	if (r == 0)
		r = watch_compare(&runs[0], &runs[1], w->o.form.level, &c, err);
	if (r == 0) {
		suit_terminal(w);
		if (w->o.form.format == WATCH_JSON)
			r = watch_compare_json(&c, &out);
		else
			watch_compare_text(&c, w->o.form.width, w->o.form.ascii, &out);
		if (r < 0 || buf_failed(&out))
			r = error_set(err, ENOMEM, "compare", "runs", NULL);
	}
	if (r == 0)
		r = put_out(w, &out, err);
	watch_compare_release(&c);
	watch_recording_release(&runs[0]);
	watch_recording_release(&runs[1]);
	return r;
}

/* The command has the terminal: what is typed there is for it, and we end when it ends. */
static int watch(struct watching *w, const struct tracer_options *o, struct error *err)
{
	int fd, r;
	pid_t tracer;

	r = tracer_start(o, &fd, &tracer, err);
	if (r < 0)
		return r;
	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	w->text = stderr;
	w->lines.events_only = w->o.quiet && !w->o.draws;
	lab_record_open(&w->lab);
	r = take_all(w, fd, err);
	lab_record_close(&w->lab);
	close(fd);
	if (r == 0 && w->status < 0)
		r = error_set(err, ECHILD, "follow command", o->command[0],
		        "the process that followed it was ended");
	return r;
}

/* The daemons are looked for late: where the command cannot be done they may be missing, too. */
static int watch_with(struct watching *w, char **command, struct error *err)
{
	struct also also = {0};

	for (size_t i = 0; i < w->o.n_also; i++) {
		int r = also_find(&also, w->o.also[i], err);
		if (r < 0)
			return r;
	}
	return watch(w,
	        &(struct tracer_options){.command = command,
	                .also = also.pids,
	                .n_also = also.n,
	                .bodies = w->o.bodies},
	        err);
}

/* Tells a recorded watch in the command's place, and keeps it where that would have been kept. */
static int tell_else(struct watching *w, const char *file, const char *why, struct error *err)
{
	auto_buf what = BUF_INIT;

	watch_else_describe(file, &what);
	fprintf(stderr, "%sTold instead is another run, %s\n", why,
	        what.len ? buf_text(&what) : file);
	watch_lines_release(&w->lines);
	watch_recording_release(&w->recording);
	w->lines = (struct watch_lines){0};
	w->recording = (struct watch_recording){0};
	w->status = -1;
	if (w->record >= 0 && (ftruncate(w->record, 0) < 0 || lseek(w->record, 0, SEEK_SET) < 0))
		return error_set(err, errno, "write record", "", NULL);
	return replay(w, file, stderr, err);
}

/* A command that cannot be found, followed or done here. */
static int watch_or_else(struct watching *w, char **command, struct error *err)
{
	auto_buf why = BUF_INIT;
	int r;

	if (w->o.otherwise && !watch_else_possible(command[0], &why))
		return tell_else(w, w->o.otherwise, buf_text(&why), err);
	r = watch_with(w, command, err);
	if (!w->o.otherwise || (r == 0 && w->status == 0))
		return r;
	if (r < 0)
		error_format(err, &why);
	else
		buf_addf(&why, "%s ended with status %d", command[0], w->status);
	buf_addc(&why, '\n');
	return tell_else(w, w->o.otherwise, buf_text(&why), err);
}

static int run(struct watching *w, char **command, struct error *err)
{
	int r = 0;

	if (w->o.record) {
		w->record = open(w->o.record, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
		if (w->record < 0)
			return error_set(err, errno, "open record", w->o.record, NULL);
	}
	if (w->o.drawing && !w->o.format_given)
		w->o.form.format = watch_format_of_file(w->o.drawing);
	/* Of a record it is told or drawn; of what runs now both. */
	w->o.quiet |= w->o.file && w->o.draws;
	r = w->o.file ? replay(w, w->o.file, stdout, err) : watch_or_else(w, command, err);
	if (r == 0 && w->o.draws) {
		suit_terminal(w);
		r = draw(w, err);
	}
	return r;
}

static int run_compare(struct watching *w)
{
	struct error err = {0};

	if (w->o.n_runs != 2 || w->o.file || w->o.record)
		return command_usage_error("watch", "--compare takes two recordings, and no more");
	if (w->o.drawing && !w->o.format_given)
		w->o.form.format = watch_format_of_file(w->o.drawing);
	if (w->o.form.format != WATCH_TEXT && w->o.form.format != WATCH_JSON)
		return command_usage_error("watch", "--compare is told as text or json");
	return compare(w, &err) < 0 ? command_fail("watch", &err) : 0;
}

static int run_screen(struct watching *w)
{
	struct watch_recording recording = {0};
	struct error err = {0};
	int r;

	if (!w->o.file || w->o.record || w->o.draws)
		return command_usage_error("watch", "--screen shows a recording: --replay FILE");
	r = read_one(w->o.file, &recording, &err);
	if (r == 0)
		r = watch_screen(&recording, w->o.form.level,
		        w->o.theme_given ? w->o.form.theme : THEME_DARK, &err);
	watch_recording_release(&recording);
	return r < 0 ? command_fail("watch", &err) : r;
}

static int watch_main(int argc, char **argv)
{
	struct watching w = {.record = -1, .lab.fd = -1, .text = stderr, .status = -1};
	struct error err = {0};
	int r;

	r = watch_options_parse(&w.o, argc, argv);
	if (r)
		return r;
	if (w.o.compare)
		return run_compare(&w);
	if (w.o.screen)
		return run_screen(&w);
	r = run(&w, argv + optind, &err);
	cleanup_fd(&w.record);
	watch_lines_release(&w.lines);
	watch_recording_release(&w.recording);
	buf_release(&w.shown);
	if (r < 0) {
		command_fail("watch", &err);
		return !strcmp(err.operation, "find program") ? 127 : 1;
	}
	return w.o.file ? 0 : w.status;
}

const struct command command_watch = {
        .name = "watch",
        .usage = watch_usage,
        .main = watch_main,
};
