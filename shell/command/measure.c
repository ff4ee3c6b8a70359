/* cutaway measure: how long a command takes, from repeated runs; bars of what has been measured. */
#include "kernel/base/cleanup.h"
#include "kernel/base/dirs.h"
#include "kernel/measure/run.h"
#include "shell/command.h"
#include "shell/command/measure_show.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <string.h>
#include <time.h>

enum { RUNS = 20, WARMUP = 1, WARMUP_MAX = 1000, COMMANDS_MAX = 16, PROGRESS_MS = 100 };

/* One of the commands that are measured in turn. */
struct contestant {
	struct measure measure;
	char **argv; /* ended by NULL */
};

struct measuring {
	struct contestant all[COMMANDS_MAX];
	size_t n, runs, warmup;
	struct measure_show_options show;
	const char *name; /* of the first; NULL = that of its program */
	bool quiet, show_only, clear;
	struct runner runner;
	bool progress;
	uint64_t told_ms; /* when progress was last told */
};

/* ---- the runs ------------------------------------------------------------------------------ */

static uint64_t clock_us(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* Between runs, and not often: to write is work that the next run would feel. */
static void tell_progress(struct measuring *m, size_t run)
{
	uint64_t now = clock_us(CLOCK_MONOTONIC) / 1000;

	if (!m->progress || now - m->told_ms < PROGRESS_MS)
		return;
	m->told_ms = now;
	fprintf(stderr, "\rrun %zu of %zu\033[K", run, m->runs);
}

static void end_progress(const struct measuring *m)
{
	if (m->progress && m->told_ms)
		fputs("\r\033[K", stderr);
}

/* Bytes that a program wrote must not steer the terminal. */
static void print_said(const struct runner *r)
{
	auto_buf said = BUF_INIT;

	runner_said(r, &said);
	for (const char *p = buf_text(&said); *p; p++)
		fputc((unsigned char)*p >= ' ' || *p == '\n' ? *p : '?', stderr);
	if (said.len && said.data[said.len - 1] != '\n')
		fputc('\n', stderr);
}

static int run_failed(const struct measuring *m, const struct contestant *c, const char *kind,
        size_t run, int status)
{
	fprintf(stderr,
	        "cutaway measure: %s: %s %zu ended with exit status %d, and nothing is kept: %s\n",
	        c->measure.name, kind, run, status, c->measure.command);
	print_said(&m->runner);
	return status;
}

static int not_started(const struct error *err)
{
	command_fail("measure", err);
	return err->code == ENOENT ? 127 : err->code == EACCES || err->code == ENOEXEC ? 126 : 1;
}

/* 0, or the exit status to end with. `ret` NULL: a run that does not count. */
static int one_run(
        struct measuring *m, struct contestant *c, size_t run, struct measure_sample *ret)
{
	const char *kind = ret ? "run" : "warm-up run";
	struct measure_sample ignored;
	struct error err = {0};
	int status = 0;
	int r = runner_run(&m->runner, c->argv, ret ? ret : &ignored, &status, &err);

	if (r == 0 && status == 0)
		return 0;
	end_progress(m);
	if (r == -EINTR)
		fprintf(stderr,
		        "cutaway measure: ended by a signal in %s %zu of %s; what was measured "
		        "before is kept\n",
		        kind, run, c->measure.name);
	else if (r < 0)
		return not_started(&err);
	else
		return run_failed(m, c, kind, run, status);
	return 128 + m->runner.ended_by;
}

/* In turn, so that what else the machine does meanwhile meets all of them alike. */
static int all_runs(struct measuring *m)
{
	int status = 0;

	for (size_t run = 0; status == 0 && run < m->warmup; run++)
		for (size_t i = 0; status == 0 && i < m->n; i++)
			status = one_run(m, &m->all[i], run + 1, NULL);
	for (size_t run = 0; status == 0 && run < m->runs; run++) {
		for (size_t i = 0; status == 0 && i < m->n; i++)
			status = one_run(m, &m->all[i], run + 1, &m->all[i].measure.samples[run]);
		tell_progress(m, run + 1);
	}
	return status;
}

static int keep(struct measuring *m, struct error *err)
{
	uint64_t now = clock_us(CLOCK_REALTIME);
	int r = 0;

	for (size_t i = 0; r == 0 && i < m->n; i++) {
		m->all[i].measure.time_us = now + i;
		r = measure_store(&m->all[i].measure, err);
	}
	return r;
}

static int measure(struct measuring *m)
{
	const char *names[COMMANDS_MAX];
	struct error err = {0};
	int status, r = 0;

	for (size_t i = 0; i < m->n; i++) {
		struct measure *one = &m->all[i].measure;
		names[i] = one->name;
		one->n = m->runs;
		one->samples = calloc(m->runs, sizeof *one->samples);
		if (!one->samples || !one->command)
			r = error_set(&err, ENOMEM, "measure", one->name, NULL);
	}
	if (r == 0)
		r = runner_open(&m->runner, &err);
	if (r < 0)
		return command_fail("measure", &err);
	m->progress = !m->quiet && isatty(2);
	status = all_runs(m);
	if (status == 0) {
		end_progress(m);
		r = keep(m, &err);
	}
	runner_close(&m->runner);
	if (r < 0)
		return command_fail("measure", &err);
	return status || m->quiet ? status : measure_show(&m->show, names, m->n);
}

static int clear(char *const *names, size_t n)
{
	struct measure_list list = {0};
	auto_buf place = BUF_INIT;
	auto_free char *runtime = NULL;
	struct error err = {0};
	int r = dirs_path(DIRS_RUNTIME, NULL, false, &runtime, &err);
	auto_close fd = r < 0 ? -1 : open(runtime, O_PATH | O_DIRECTORY | O_CLOEXEC);

	for (size_t i = 0; r == 0 && i < n; i++)
		r = measure_forget(names[i], &err);
	measure_place(&place);
	if (r == 0 && n == 0 && fd >= 0)
		r = measure_list_read(fd, buf_text(&place), &list);
	for (size_t i = 0; r == 0 && i < list.n; i++)
		r = measure_forget(list.all[i].name, &err);
	measure_list_release(&list);
	return r < 0 ? command_fail("measure", &err) : 0;
}

/* ---- the command line ---------------------------------------------------------------------- */

static bool take_count(const char *text, size_t least, size_t most, size_t *ret)
{
	char *end;
	unsigned long value;

	errno = 0;
	value = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno || value < least || value > most)
		return false;
	*ret = value;
	return true;
}

static int bad_name(const char *name)
{
	return command_usage_error("measure",
	        "'%s' is no name: it should have up to %d letters, digits, '-' and '_', and begin "
	        "with a letter or digit",
	        name, MEASURE_NAME_MAX);
}

/* The program's own name, as far as a name may have its letters. */
static void name_after(const char *program, char out[static MEASURE_NAME_MAX + 1])
{
	const char *base = strrchr(program, '/');
	size_t n = 0;

	base = base ? base + 1 : program;
	for (; *base && n < MEASURE_NAME_MAX; base++) {
		char one[] = {'x', *base, '\0'};
		if (measure_name_ok(n ? one : one + 1))
			out[n++] = *base;
	}
	out[n] = '\0';
	if (!n)
		memcpy(out, "command", sizeof "command");
}

static char *joined(char *const *argv)
{
	auto_buf text = BUF_INIT;

	for (size_t i = 0; argv[i]; i++)
		buf_addf(&text, "%s%s", i ? " " : "", argv[i]);
	return buf_steal(&text);
}

static int add_contestant(struct measuring *m, const char *name, char **argv)
{
	struct contestant *c = &m->all[m->n];

	if (m->n == COMMANDS_MAX)
		return command_usage_error(
		        "measure", "at most %d commands are measured in turn", COMMANDS_MAX);
	if (name && !measure_name_ok(name))
		return bad_name(name);
	if (!argv[0])
		return command_usage_error("measure", "which command?");
	if (name)
		memcpy(c->measure.name, name, strlen(name) + 1);
	else
		name_after(argv[0], c->measure.name);
	for (size_t i = 0; i < m->n; i++)
		if (!strcmp(m->all[i].measure.name, c->measure.name))
			return command_usage_error(
			        "measure", "two commands with the name '%s'", c->measure.name);
	c->argv = argv;
	c->measure.command = joined(argv);
	m->n++;
	return 0;
}

/* CMD [ARG]... [--against NAME -- CMD [ARG]...]... */
static int take_commands(struct measuring *m, char **words)
{
	const char *name = m->name;

	for (;;) {
		char **end = words;
		int r;

		while (*end && strcmp(*end, "--against") != 0)
			end++;
		bool more = *end;
		*end = NULL;
		r = add_contestant(m, name, words);
		if (r || !more)
			return r;
		name = end[1];
		if (!name || !end[2] || strcmp(end[2], "--") != 0)
			return command_usage_error("measure",
			        "--against wants a name and a command: --against NAME -- CMD");
		words = end + 3;
	}
}

enum { NAME = 256, RUNS_, WARMUP_, UNIT, SHOW, JSON, CLEAR };

static int one_option(struct measuring *m, int option, const char *value)
{
	switch (option) {
	case NAME:
		m->name = value;
		return measure_name_ok(value) ? 0 : bad_name(value);
	case RUNS_:
		return take_count(value, 1, MEASURE_RUNS_MAX, &m->runs)
		               ? 0
		               : command_usage_error("measure",
		                         "--runs '%s': it should be a number from 1 to %d", value,
		                         MEASURE_RUNS_MAX);
	case WARMUP_:
		return take_count(value, 0, WARMUP_MAX, &m->warmup)
		               ? 0
		               : command_usage_error("measure",
		                         "--warmup '%s': it should be a number from 0 to %d", value,
		                         WARMUP_MAX);
	case UNIT:
		return measure_show_unit(value, &m->show.unit)
		               ? 0
		               : command_usage_error(
		                         "measure", "--unit '%s': it should be us, ms or s", value);
	case SHOW:
		m->show_only = true;
		return 0;
	case JSON:
		m->show.json = true;
		return 0;
	case CLEAR:
		m->clear = true;
		return 0;
	default:
		m->quiet = true;
		return 0;
	}
}

/* Names may stand before options; a command's options are its own. */
static const char *order_of(char **argv)
{
	for (size_t i = 1; argv[i] && strcmp(argv[i], "--") != 0; i++)
		if (!strcmp(argv[i], "--show") || !strcmp(argv[i], "--clear"))
			return ":q";
	return "+:q";
}

static int parse(struct measuring *m, int argc, char **argv)
{
	const char *order = order_of(argv);
	static const struct option long_options[] = {
	        {"name", required_argument, NULL, NAME},
	        {"runs", required_argument, NULL, RUNS_},
	        {"warmup", required_argument, NULL, WARMUP_},
	        {"unit", required_argument, NULL, UNIT},
	        {"show", no_argument, NULL, SHOW},
	        {"json", no_argument, NULL, JSON},
	        {"clear", no_argument, NULL, CLEAR},
	        {"quiet", no_argument, NULL, 'q'},
	        {0},
	};
	int r = 0;

	optind = 0;
	for (int c;
	        r == 0 && (c = command_option("measure", argc, argv, order, long_options)) != -1;) {
		if (c == '?')
			return EXIT_USAGE;
		r = one_option(m, c, optarg);
	}
	if (r == 0 && m->show_only && m->clear)
		return command_usage_error("measure", "--show or --clear, not both");
	if (r == 0 && !m->show_only && !m->clear)
		r = take_commands(m, argv + optind);
	return r;
}

static int measure_main(int argc, char **argv)
{
	struct measuring m = {.runs = RUNS, .warmup = WARMUP};
	int r = parse(&m, argc, argv);
	size_t n = (size_t)(argc - optind);

	if (r == 0 && m.clear)
		r = clear(argv + optind, n);
	else if (r == 0 && m.show_only)
		r = measure_show(&m.show, (const char *const *)argv + optind, n);
	else if (r == 0)
		r = measure(&m);
	for (size_t i = 0; i < m.n; i++)
		measure_release(&m.all[i].measure);
	return r;
}

static const char usage[] =
        "Usage: cutaway measure [OPTION]... [--] CMD [ARG]...\n"
        "       cutaway measure [OPTION]... -- CMD [ARG]... --against NAME -- CMD [ARG]...\n"
        "       cutaway measure --show [NAME]...\n"
        "       cutaway measure --clear [NAME]...\n"
        "Run a command again and again, take the time of each run, and draw it as a bar. With\n"
        "--against (which may be repeated) several are run in turn, so that what else the\n"
        "machine does meets all of them alike.\n"
        "\n"
        "      --name NAME  keep the result under this name; else that of the program\n"
        "      --runs N     so many runs of each, 1 to 10000; else 20\n"
        "      --warmup N   so many before that, which do not count; else 1\n"
        "      --unit UNIT  write numbers in us, ms or s; else what fits\n"
        "  -q, --quiet      no bars and no progress\n"
        "      --show       draw what has been measured, or what is named, on one scale\n"
        "      --json       as JSON: each run's time, and what is made of them\n"
        "      --clear      forget what has been measured, or what is named\n"
        "\n"
        "A bar ends at the median: half of the runs were quicker. 'cpu' is the median of the\n"
        "processor time that the kernel counted for the command and the children it waited for;\n"
        "what a daemon does for it is not in there, and waiting is not. 'ratio' is to the first.\n"
        "\n"
        "The command gets an empty input, and its output is thrown away. It must succeed: at the\n"
        "first run that does not, measure ends with its exit status and keeps nothing. A shell\n"
        "is not between; where you want one, write it: sh -c '…'.\n"
        "\n"
        "What is measured in a lab is forgotten with the lab. 'cutaway check' knows it as\n"
        "measure.NAME.runs, .median, .min, .max, .q1, .q3, .cpu (microseconds) and .command.\n"
        "\n"
        "Exit status: 0; that of the command; 127 when it was not found, 126 when it could not\n"
        "be run; 1 when the result could not be kept; 2 for wrong usage.\n"
        "\n"
        "Examples:\n"
        "  cutaway measure -- true\n"
        "  cutaway measure --name plain -- true --against user -- unshare --user true\n"
        "  cutaway measure --show plain user --json\n";

const struct command command_measure = {
        .name = "measure",
        .usage = usage,
        .main = measure_main,
};
