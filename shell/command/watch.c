/* cutaway watch: what a command and all that it starts ask of the kernel, told as it happens. */
#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/watch/also.h"
#include "kernel/watch/record_read.h"
#include "kernel/watch/tracer.h"
#include "shell/command.h"
#include "shell/command/watch_else.h"
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

enum { WIDTH_OPTION = 256, THEME_OPTION, ASCII_OPTION, ELSE_OPTION };
enum { ALSO_MAX = 64, CHUNK = 65536, WIDTH = 100, WIDTH_LEAST = 20, WIDTH_MOST = 1000 };

struct watching {
	int record; /* -1 = none is kept */
	bool quiet;
	FILE *text;
	struct lab_record lab;
	struct watch_lines lines;
	struct buf shown;
	int status; /* of the command; -1 = not told yet */

	bool draws;
	const char *drawing; /* the file; NULL = standard output */
	struct watch_export form;
	struct watch_recording recording; /* of what is to be drawn */
};

static int take_line(void *watching, json_t *line, struct error *err)
{
	struct watching *w = watching;
	int status = watch_line_status(line);

	if (!w->quiet) {
		buf_reset(&w->shown);
		watch_line_show(&w->shown, line, w->form.level);
		fputs(buf_text(&w->shown), w->text);
	}
	if (status >= 0)
		w->status = status;
	return w->draws ? watch_recording_add(&w->recording, line, err) : 0;
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
static void suit_terminal(struct watching *w, bool theme_given)
{
	const char *no_color = getenv("NO_COLOR");
	bool terminal = !w->drawing && isatty(STDOUT_FILENO);
	struct winsize size;

	if (!w->form.width && w->form.format == WATCH_TEXT && terminal &&
	        ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col)
		w->form.width = size.ws_col;
	if (!w->form.width)
		w->form.width = WIDTH;
	if (w->form.width < WIDTH_LEAST)
		w->form.width = WIDTH_LEAST;
	if (w->form.format == WATCH_TEXT && (!terminal || (no_color && *no_color)))
		w->form.theme = THEME_NONE;
	else if (!theme_given)
		w->form.theme = w->form.format == WATCH_SVG ? THEME_LIGHT : THEME_DARK;
	if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		w->form.ascii = true;
}

static int put_out(const struct watching *w, const struct buf *out, struct error *err)
{
	int r = 0;

	if (w->drawing)
		r = file_replace_at(AT_FDCWD, w->drawing, out->data, out->len, 0644);
	else if (fwrite(out->data, 1, out->len, stdout) != out->len || fflush(stdout))
		r = -errno;
	return r < 0 ? error_set(
	                       err, -r, "write", w->drawing ? w->drawing : "standard output", NULL)
	             : 0;
}

static int draw(struct watching *w, struct error *err)
{
	auto_buf out = BUF_INIT;
	int r = watch_export(&w->recording, &w->form, &out, err);

	return r < 0 ? r : put_out(w, &out, err);
}

static int read_one(const char *path, struct watch_recording *ret, struct error *err)
{
	auto_close fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return error_set(err, errno, "open record", path, NULL);
	return watch_recording_read(fd, ret, err);
}

static int compare(
        struct watching *w, const char *const *files, bool theme_given, struct error *err)
{
	struct watch_recording runs[2] = {0};
	struct watch_compare c = {0};
	auto_buf out = BUF_INIT;
	int r = read_one(files[0], &runs[0], err);

	if (r == 0)
		r = read_one(files[1], &runs[1], err);
	if (r == 0)
		r = watch_compare(&runs[0], &runs[1], w->form.level, &c, err);
	if (r == 0) {
		suit_terminal(w, theme_given);
		if (w->form.format == WATCH_JSON)
			r = watch_compare_json(&c, &out);
		else
			watch_compare_text(&c, w->form.width, w->form.ascii, &out);
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
	w->lines.events_only = w->quiet && !w->draws;
	lab_record_open(&w->lab);
	r = take_all(w, fd, err);
	lab_record_close(&w->lab);
	close(fd);
	if (r == 0 && w->status < 0)
		r = error_set(err, ECHILD, "follow command", o->command[0],
		        "the process that followed it was ended");
	return r;
}

/* What the command line asks for. */
struct options {
	const char *record, *file;
	const char *otherwise; /* to tell when the command cannot be done here */
	bool format_given, theme_given, compare, screen, bodies;
	const char *runs[3]; /* that are compared, and one too many */
	size_t n_runs;
	const char *also[ALSO_MAX];
	size_t n_also;
};

/* Those with a value that can be wrong, of how it is drawn. 0, or an exit status. */
static int take_form(int option, struct watching *w, struct options *o)
{
	char *end;

	switch (option) {
	case 'l':
		if (!watch_level_find(optarg, &w->form.level))
			return command_usage_error("watch",
			        "--level is api, processes, kernel or all, not %s", optarg);
		break;
	case 'f':
		o->format_given = w->draws = true;
		if (!watch_format_find(optarg, &w->form.format))
			return command_usage_error(
			        "watch", "--format is text, svg, json or trace, not %s", optarg);
		break;
	case WIDTH_OPTION:
		w->form.width = (int)strtol(optarg, &end, 10);
		if (*end || w->form.width < WIDTH_LEAST || w->form.width > WIDTH_MOST)
			return command_usage_error("watch",
			        "--width is a number of cells from %d to %d, not %s", WIDTH_LEAST,
			        WIDTH_MOST, optarg);
		break;
	case THEME_OPTION:
		o->theme_given = true;
		if (!theme_find(optarg, &w->form.theme))
			return command_usage_error("watch",
			        "--theme is dark, light, mono, contrast, large or none, not %s",
			        optarg);
		break;
	default:
		return EXIT_USAGE; /* said by command_option() */
	}
	return 0;
}

/* 0, or an exit status. */
static int take_option(int option, struct watching *w, struct options *o)
{
	switch (option) {
	case 'o':
		o->record = optarg;
		break;
	case 'b':
		o->bodies = true;
		break;
	case 'q':
		w->quiet = true;
		break;
	case 'r':
		o->file = optarg;
		break;
	case 'a':
		if (o->n_also == ALSO_MAX)
			return command_usage_error("watch", "--also: too many");
		o->also[o->n_also++] = optarg;
		break;
	case ELSE_OPTION:
		o->otherwise = optarg;
		break;
	case 'd':
		w->draws = true;
		w->drawing = optarg;
		break;
	case 'c':
		o->compare = true;
		break;
	case 's':
		o->screen = true;
		break;
	case ASCII_OPTION:
		w->form.ascii = true;
		break;
	default:
		return take_form(option, w, o);
	}
	return 0;
}

/* The daemons are looked for late: where the command cannot be done they may be missing, too. */
static int watch_with(
        struct watching *w, const struct options *o, char **command, struct error *err)
{
	struct also also = {0};

	for (size_t i = 0; i < o->n_also; i++) {
		int r = also_find(&also, o->also[i], err);
		if (r < 0)
			return r;
	}
	return watch(w,
	        &(struct tracer_options){.command = command,
	                .also = also.pids,
	                .n_also = also.n,
	                .bodies = o->bodies},
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
static int watch_or_else(
        struct watching *w, const struct options *o, char **command, struct error *err)
{
	auto_buf why = BUF_INIT;
	int r;

	if (o->otherwise && !watch_else_possible(command[0], &why))
		return tell_else(w, o->otherwise, buf_text(&why), err);
	r = watch_with(w, o, command, err);
	if (!o->otherwise || (r == 0 && w->status == 0))
		return r;
	if (r < 0)
		error_format(err, &why);
	else
		buf_addf(&why, "%s ended with status %d", command[0], w->status);
	buf_addc(&why, '\n');
	return tell_else(w, o->otherwise, buf_text(&why), err);
}

static int run(struct watching *w, struct options *o, char **command, struct error *err)
{
	int r = 0;

	if (o->record) {
		w->record = open(o->record, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
		if (w->record < 0)
			return error_set(err, errno, "open record", o->record, NULL);
	}
	if (w->drawing && !o->format_given)
		w->form.format = watch_format_of_file(w->drawing);
	/* Of a record it is told or drawn; of what runs now both. */
	w->quiet |= o->file && w->draws;
	r = o->file ? replay(w, o->file, stdout, err) : watch_or_else(w, o, command, err);
	if (r == 0 && w->draws) {
		suit_terminal(w, o->theme_given);
		r = draw(w, err);
	}
	return r;
}

static int run_compare(struct watching *w, const struct options *o)
{
	struct error err = {0};

	if (o->n_runs != 2 || o->file || o->record)
		return command_usage_error("watch", "--compare takes two recordings, and no more");
	if (w->drawing && !o->format_given)
		w->form.format = watch_format_of_file(w->drawing);
	if (w->form.format != WATCH_TEXT && w->form.format != WATCH_JSON)
		return command_usage_error("watch", "--compare is told as text or json");
	return compare(w, o->runs, o->theme_given, &err) < 0 ? command_fail("watch", &err) : 0;
}

static int run_screen(struct watching *w, const struct options *o)
{
	struct watch_recording recording = {0};
	struct error err = {0};
	int r;

	if (!o->file || o->record || w->draws)
		return command_usage_error("watch", "--screen shows a recording: --replay FILE");
	r = read_one(o->file, &recording, &err);
	if (r == 0)
		r = watch_screen(&recording, w->form.level,
		        o->theme_given ? w->form.theme : THEME_DARK, &err);
	watch_recording_release(&recording);
	return r < 0 ? command_fail("watch", &err) : r;
}

static int watch_main(int argc, char **argv)
{
	static const struct option long_options[] = {{"record", required_argument, NULL, 'o'},
	        {"level", required_argument, NULL, 'l'}, {"also", required_argument, NULL, 'a'},
	        {"bodies", no_argument, NULL, 'b'}, {"quiet", no_argument, NULL, 'q'},
	        {"replay", required_argument, NULL, 'r'}, {"format", required_argument, NULL, 'f'},
	        {"drawing", required_argument, NULL, 'd'}, {"compare", no_argument, NULL, 'c'},
	        {"screen", no_argument, NULL, 's'},
	        {"width", required_argument, NULL, WIDTH_OPTION},
	        {"theme", required_argument, NULL, THEME_OPTION},
	        {"ascii", no_argument, NULL, ASCII_OPTION},
	        {"else", required_argument, NULL, ELSE_OPTION}, {0}};
	struct watching w = {.form.level = WATCH_LEVEL_KERNEL,
	        .record = -1,
	        .lab.fd = -1,
	        .text = stderr,
	        .status = -1};
	struct options o = {0};
	struct error err = {0};
	int option, r = 0;

	/* Options may stand behind the two recordings, not behind a command. */
	while (r == 0) {
		option = command_option("watch", argc, argv, "+o:l:a:bqr:f:d:cs", long_options);
		if (option != -1)
			r = take_option(option, &w, &o);
		else if (o.compare && optind < argc && o.n_runs < 3)
			o.runs[o.n_runs++] = argv[optind++];
		else
			break;
	}
	if (r)
		return r;
	if (o.compare)
		return run_compare(&w, &o);
	if (o.screen)
		return run_screen(&w, &o);
	if (o.file ? optind < argc : optind == argc)
		return command_usage_error(
		        "watch", o.file ? "with --replay no command is run" : "which command?");
	if (!o.file && o.format_given && !w.drawing)
		return command_usage_error(
		        "watch", "--format needs --replay, or a file for it: --drawing FILE");
	r = run(&w, &o, argv + optind, &err);
	cleanup_fd(&w.record);
	watch_lines_release(&w.lines);
	watch_recording_release(&w.recording);
	buf_release(&w.shown);
	if (r < 0) {
		command_fail("watch", &err);
		return !strcmp(err.operation, "find program") ? 127 : 1;
	}
	return o.file ? 0 : w.status;
}

const struct command command_watch = {
        .name = "watch",
        .usage = "Usage: cutaway watch [OPTION]... [--] COMMAND [ARGUMENT]...\n"
                 "       cutaway watch --replay FILE [--level LEVEL] [--format FORMAT]\n"
                 "       cutaway watch --compare FILE FILE [--level LEVEL] [--format FORMAT]\n"
                 "\n"
                 "Runs COMMAND and tells, on stderr and in order, the system calls by which it\n"
                 "and all processes that it starts make, enter and leave isolation, and what they\n"
                 "say to daemons: HTTP, gRPC, ttrpc, D-Bus, and what runtimes are started for.\n"
                 "\n"
                 "  -l, --level LEVEL   api: what daemons are asked; processes: also who starts\n"
                 "                      whom; kernel (what you get): also the calls that isolate;\n"
                 "                      all: every call that is recorded\n"
                 "  -a, --also WHICH    follow processes too that run already, such as daemons: "
                 "one\n"
                 "                      by its id; all of a name; or who listens on a socket,\n"
                 "                      given by its path; may be given again. Where root may\n"
                 "                      load programs into the kernel (BPF) none of them is\n"
                 "                      stopped; elsewhere each is at each call, ptrace(2)\n"
                 "  -b, --bodies        keep also what is said in requests and answers: of HTTP\n"
                 "                      documents of JSON up to 16 KiB, with all that is called a\n"
                 "                      password, a token and the like and values of variables\n"
                 "                      masked; of gRPC and ttrpc the first 32 bytes\n"
                 "  -o, --record FILE   keep everything in FILE: JSON, a line an event\n"
                 "      --else FILE     when COMMAND cannot be found, followed or done here, tell\n"
                 "                      and keep what FILE has recorded elsewhere, and say so\n"
                 "  -q, --quiet         tell nothing\n"
                 "  -r, --replay FILE   tell what FILE has recorded, on stdout; runs nothing and\n"
                 "                      needs no privilege\n"
                 "  -f, --format FORMAT draw it, lifelines from left to right and time downward:\n"
                 "                      text, svg, or json (what is drawn, for a program);\n"
                 "                      trace: all of it for ui.perfetto.dev and\n"
                 "                      chrome://tracing (Trace Event Format)\n"
                 "  -d, --drawing FILE  write the drawing there; of a COMMAND when it has ended.\n"
                 "                      Without --format the name says which: .svg, .json,\n"
                 "                      .trace\n"
                 "  -s, --screen        with --replay: on the whole terminal, to move about in;\n"
                 "                      Enter tells what an event is for, ? all keys\n"
                 "  -c, --compare A B   two recordings beside each other: which calls both make,\n"
                 "                      which only one, and how long each layer took; as text\n"
                 "                      or, with --format json, for a program\n"
                 "      --width N       cells; default: the terminal, else 100\n"
                 "      --theme THEME   dark, light, mono, contrast, large or none\n"
                 "      --ascii         lines of ASCII\n"
                 "\n"
                 "In a lab the view toolchain of its drawing shows the watch that goes on.\n"
                 "\n"
                 "Values of the environment, and in the first lines of requests what is called a\n"
                 "token, a password and the like, are not kept. Arguments of programs and bytes\n"
                 "written are kept as they are: look through a record before you give it away.\n"
                 "\n"
                 "gRPC names a method once and then by number: where a connection is older than\n"
                 "the watch it is \"(method A: …)\", a letter for each. Drawings add which one it\n"
                 "probably is, by what it caused, and tell why.\n"
                 "\n"
                 "The microseconds at the end of a line are how long the call took, from its\n"
                 "first stop for us to its end.\n"
                 "\n"
                 "Examples:\n"
                 "  cutaway watch -- unshare --mount --uts --net true\n"
                 "  cutaway watch --also dockerd --also containerd -- docker run --rm base true\n"
                 "  cutaway watch -o run.jsonl -- podman run --rm base true\n"
                 "  cutaway watch --replay run.jsonl --level processes --format text\n"
                 "  cutaway watch -q -d run.svg -- runc run -b bundle hand\n"
                 "  cutaway watch --screen --replay run.jsonl\n"
                 "  cutaway watch --compare runc.jsonl crun.jsonl\n"
                 "\n"
                 "Exit status: that of COMMAND, 128 + N when signal N ended it, 127 when there is\n"
                 "no such program, 1 when it could not be followed, 2 for a wrong command line\n",
        .main = watch_main,
};
