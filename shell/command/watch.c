/* cutaway watch: what a command and all that it starts ask of the kernel, told as it happens. */
#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/watch/also.h"
#include "kernel/watch/record_read.h"
#include "kernel/watch/tracer.h"
#include "shell/command.h"
#include "shell/command/watch_show.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

enum { CHUNK = 65536, LINE_MAX_BYTES = 1 << 20 };

struct watching {
	enum watch_level level;
	int record; /* -1 = none is kept */
	bool quiet;
	FILE *text;
	struct buf pending, shown;
	bool begun;
	int status; /* of the command; -1 = not told yet */
};

/* One line, whole. */
static int take_line(struct watching *w, const char *line, size_t n, struct error *err)
{
	json_t *json = NULL;
	int r = watch_line_read(line, n, !w->begun, &json, err), status;

	if (r < 0)
		return r;
	w->begun = true;
	if (!w->quiet) {
		buf_reset(&w->shown);
		watch_line_show(&w->shown, json, w->level);
		fputs(buf_text(&w->shown), w->text);
	}
	status = watch_line_status(json);
	if (status >= 0)
		w->status = status;
	json_decref(json);
	return 0;
}

static int take_bytes(struct watching *w, const char *bytes, size_t n, struct error *err)
{
	size_t start = 0;
	char *end;
	int r = 0;

	if (w->record >= 0) {
		r = file_write_all(w->record, bytes, n);
		if (r < 0)
			return error_set(err, -r, "write record", "", NULL);
	}
	buf_add_bytes(&w->pending, bytes, n);
	while (r == 0 && (end = memchr(w->pending.data + start, '\n', w->pending.len - start))) {
		size_t length = (size_t)(end - w->pending.data) - start;
		r = take_line(w, w->pending.data + start, length, err);
		start += length + 1;
	}
	if (w->pending.len - start > LINE_MAX_BYTES)
		return error_set(err, EFBIG, "read record", "line", "it is longer than 1 MiB");
	if (start) {
		w->pending.len -= start;
		memmove(w->pending.data, w->pending.data + start, w->pending.len);
	}
	return r;
}

static int take_all(struct watching *w, int fd, struct error *err)
{
	auto_free char *bytes = malloc(CHUNK);
	int r = bytes ? 0 : -ENOMEM;

	while (r == 0) {
		ssize_t n = read(fd, bytes, CHUNK);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_set(err, errno, "read record", "", NULL);
		if (n == 0)
			break;
		r = take_bytes(w, bytes, (size_t)n, err);
		fflush(w->text);
	}
	if (r == 0 && w->pending.len)
		return error_set(err, EBADMSG, "read record", "last line", "it is cut off");
	return r;
}

static int replay(struct watching *w, const char *path, struct error *err)
{
	auto_close fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return error_set(err, errno, "open record", path, NULL);
	w->text = stdout;
	return take_all(w, fd, err);
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
	r = take_all(w, fd, err);
	close(fd);
	if (r == 0 && w->status < 0)
		r = error_set(err, ECHILD, "follow command", o->command[0],
		        "the process that followed it was ended");
	return r;
}

static int watch_main(int argc, char **argv)
{
	static const struct option long_options[] = {{"record", required_argument, NULL, 'o'},
	        {"level", required_argument, NULL, 'l'}, {"also", required_argument, NULL, 'a'},
	        {"quiet", no_argument, NULL, 'q'}, {"replay", required_argument, NULL, 'r'}, {0}};
	struct watching w = {.level = WATCH_KERNEL, .record = -1, .text = stderr, .status = -1};
	struct error err = {0};
	struct also also = {0};
	const char *record = NULL, *file = NULL;
	int option, r = 0;

	while ((option = getopt_long(argc, argv, "+o:l:a:qr:", long_options, NULL)) != -1)
		switch (option) {
		case 'o':
			record = optarg;
			break;
		case 'q':
			w.quiet = true;
			break;
		case 'r':
			file = optarg;
			break;
		case 'l':
			if (!watch_level_find(optarg, &w.level))
				return command_usage_error("watch",
				        "--level is processes, kernel or all, not %s", optarg);
			break;
		case 'a':
			if (also_find(&also, optarg, &err) < 0)
				return command_fail("watch", &err);
			break;
		default:
			return command_usage_error("watch", NULL);
		}
	if (file ? optind < argc : optind == argc)
		return command_usage_error(
		        "watch", file ? "with --replay no command is run" : "which command?");
	if (record) {
		w.record = open(record, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
		if (w.record < 0)
			r = error_set(&err, errno, "open record", record, NULL);
	}
	if (r == 0)
		r = file ? replay(&w, file, &err)
		         : watch(&w,
		                   &(struct tracer_options){.command = argv + optind,
		                           .also = also.pids,
		                           .n_also = also.n},
		                   &err);
	cleanup_fd(&w.record);
	buf_release(&w.pending);
	buf_release(&w.shown);
	if (r < 0) {
		command_fail("watch", &err);
		return !strcmp(err.operation, "find program") ? 127 : 1;
	}
	return file ? 0 : w.status;
}

const struct command command_watch = {
        .name = "watch",
        .summary = "tell what a command and all that it starts ask of the kernel",
        .usage = "Usage: cutaway watch [OPTION]... [--] COMMAND [ARGUMENT]...\n"
                 "       cutaway watch --replay FILE [--level LEVEL]\n"
                 "\n"
                 "Runs COMMAND and tells, on stderr and in order, the system calls by which it\n"
                 "and all processes that it starts make, enter and leave isolation.\n"
                 "\n"
                 "  -l, --level LEVEL   processes: who starts whom; kernel (what you get): the\n"
                 "                      calls that isolate; all: every call that is recorded\n"
                 "  -a, --also WHICH    follow processes too that run already, such as daemons: "
                 "one\n"
                 "                      by its id; all of a name; or who listens on a socket,\n"
                 "                      given by its path; may be given again\n"
                 "  -o, --record FILE   keep everything in FILE: JSON, a line an event\n"
                 "  -q, --quiet         tell nothing\n"
                 "  -r, --replay FILE   tell what FILE has recorded, on stdout; runs nothing and\n"
                 "                      needs no privilege\n"
                 "\n"
                 "Values of the environment, and in the first lines of requests what is called a\n"
                 "token, a password and the like, are not kept. Arguments of programs and bytes\n"
                 "written are kept as they are: look through a record before you give it away.\n"
                 "\n"
                 "The microseconds at the end of a line are how long the call took, from its\n"
                 "first stop for us to its end.\n"
                 "\n"
                 "Examples:\n"
                 "  cutaway watch -- unshare --mount --uts --net true\n"
                 "  cutaway watch --also dockerd --also containerd -- docker run --rm base true\n"
                 "  cutaway watch -o run.jsonl -- podman run --rm base true\n"
                 "  cutaway watch --replay run.jsonl --level processes\n"
                 "\n"
                 "Exit status: that of COMMAND, 128 + N when signal N ended it, 127 when there is\n"
                 "no such program, 1 when it could not be followed, 2 for a wrong command line\n",
        .main = watch_main,
};
