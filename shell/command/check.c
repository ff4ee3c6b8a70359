/* `cutaway check`: asserts something about the machine; what verify scripts call. */
#include "kernel/observe/check.h"
#include "kernel/base/cleanup.h"
#include "kernel/observe/observer.h"
#include "kernel/observe/query.h"
#include "kernel/observe/watch.h"
#include "shell/command.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* While waiting: between two observations at least, and without an event at most. */
enum { PAUSE_MS = 20, LOOK_AGAIN_MS = 1000 };

struct check_options {
	struct observer_options observer;
	bool list, quiet;
	long wait_ms; /* 0 = look once */
	char **expressions;
	int n;
};

/* One JSON object a line, for who wants to draw what is missing. */
static int report_to_file(const char *path, const struct check_result *result, struct error *err)
{
	auto_close fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
	json_t *json = json_pack("{s:s,s:s,s:s}", "fact", result->fact, "wanted", result->wanted,
	        "text", result->text);
	auto_free char *line = json ? json_dumps(json, JSON_COMPACT) : NULL;

	json_decref(json);
	if (fd < 0)
		return error_set(err, errno, "write unmet conditions", path, NULL);
	if (!line) /* a name that is no UTF-8: the text on stderr still tells */
		return 0;
	return dprintf(fd, "%s\n", line) < 0
	               ? error_set(err, errno, "write unmet conditions", path, NULL)
	               : 0;
}

static void print_clean(const char *text)
{
	for (const unsigned char *p = (const unsigned char *)text; *p; p++)
		fputc(*p < 0x20 || *p == 0x7f ? '?' : *p, stderr);
	fputc('\n', stderr);
}

/* How many of the expressions do not hold; negative on failure. Reports them if `report`. */
static int evaluate(
        const struct check_options *options, const struct model *m, bool report, struct error *err)
{
	const char *unmet_file = report ? getenv("CUTAWAY_UNMET") : NULL;
	char said[sizeof(((struct check_result *)0)->text)] = "";
	int unmet = 0;

	for (int i = 0; i < options->n; i++) {
		struct check_result result;
		int r = check_eval(m, options->expressions[i], &result, err);
		if (r < 0)
			return r;
		if (result.holds)
			continue;
		unmet++;
		if (report && !options->quiet && strcmp(said, result.text) != 0)
			print_clean(result.text);
		memcpy(said, result.text, sizeof said);
		if (unmet_file && *unmet_file)
			r = report_to_file(unmet_file, &result, err);
		if (r < 0)
			return r;
	}
	return unmet;
}

static long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Waits until the machine changes, at most a second (usage counters change without a word).
 * False when the deadline passed. */
static bool await_change(struct watch *w, long deadline)
{
	struct pollfd fds[8];
	const struct timespec pause = {.tv_nsec = PAUSE_MS * 1000000L};
	long left = deadline - now_ms();

	nanosleep(&pause, NULL); /* what comes together is looked at together */
	if (left > 0 && !watch_drain(w)) {
		poll(fds, (nfds_t)watch_pollfds(w, fds, sizeof fds / sizeof *fds),
		        (int)(left < LOOK_AGAIN_MS ? left : LOOK_AGAIN_MS));
		watch_drain(w);
	}
	return now_ms() < deadline;
}

static int check_once(
        const struct check_options *options, struct observer *o, bool report, struct error *err)
{
	struct model *m = NULL;
	int r = observer_read(o, &m, err);

	if (r == 0)
		r = evaluate(options, m, report, err);
	model_free(m);
	return r;
}

/* The watch begins before the first look, so that nothing falls between the two. */
static int check_until(const struct check_options *options, struct observer *o, struct error *err)
{
	long deadline = now_ms() + options->wait_ms;
	struct watch *w = NULL;
	int r = watch_new(options->observer.runtime, &w, err);

	if (r < 0)
		return r;
	while ((r = check_once(options, o, false, err)) > 0 && await_change(w, deadline))
		;
	watch_free(w);
	return r > 0 ? check_once(options, o, true, err) : r;
}

static int list_facts(struct observer *o, struct error *err)
{
	auto_buf facts = BUF_INIT;
	struct model *m = NULL;
	int r = observer_read(o, &m, err);

	if (r == 0)
		query_list(m, &facts);
	model_free(m);
	fwrite(buf_text(&facts), 1, facts.len, stdout);
	return r < 0 || fflush(stdout) == 0 ? r : error_set(err, errno, "write", "facts", NULL);
}

/* A condition that can not be read is wrong usage, whatever the machine is like: so it is tried
 * against an empty one. */
static int check_syntax(const struct check_options *options, struct error *err)
{
	struct model *nothing = model_new();
	struct check_result ignored;
	int r = nothing ? 0 : error_set(err, ENOMEM, "check", "", NULL);

	for (int i = 0; r == 0 && i < options->n; i++)
		r = check_eval(nothing, options->expressions[i], &ignored, err);
	model_free(nothing);
	return r;
}

static int run(const struct check_options *options)
{
	struct observer *o = NULL;
	struct error err = {0};
	int r = check_syntax(options, &err);

	if (r < 0) {
		command_fail("check", &err);
		return EXIT_USAGE;
	}
	r = observer_new(&options->observer, &o, &err);
	if (r == 0 && options->list)
		r = list_facts(o, &err);
	else if (r == 0 && options->wait_ms)
		r = check_until(options, o, &err);
	else if (r == 0)
		r = check_once(options, o, true, &err);
	observer_free(o);
	if (r < 0)
		return command_fail("check", &err);
	return r > 0;
}

/* Looking at links takes as long as all else together, and few conditions are about them. */
static bool asks_for_links(const struct check_options *options)
{
	for (int i = 0; i < options->n; i++)
		if (strstr(options->expressions[i], ".link."))
			return true;
	return options->list;
}

static bool parse_seconds(const char *text, long *ret_ms)
{
	char *end;
	double seconds = strtod(text, &end);

	if (end == text || *end || !isfinite(seconds) || seconds < 0 || seconds > 86400)
		return false;
	*ret_ms = (long)(seconds * 1000);
	return true;
}

static int check_main(int argc, char **argv)
{
	enum { ROOT = 256, RUNTIME, LIST, WAIT, QUIET };
	static const struct option long_options[] = {
	        {"root", required_argument, NULL, ROOT},
	        {"runtime", required_argument, NULL, RUNTIME},
	        {"list", no_argument, NULL, LIST},
	        {"wait", required_argument, NULL, WAIT},
	        {"quiet", no_argument, NULL, QUIET},
	        {0},
	};
	struct check_options options = {0};

	optind = 1;
	for (int c; (c = command_option("check", argc, argv, "q", long_options)) != -1;)
		switch (c) {
		case ROOT:
			options.observer.root = optarg;
			break;
		case RUNTIME:
			options.observer.runtime = optarg;
			break;
		case LIST:
			options.list = true;
			break;
		case WAIT:
			if (!parse_seconds(optarg, &options.wait_ms))
				return command_usage_error("check",
				        "--wait wants seconds between 0 and 86400, not '%s'",
				        optarg);
			break;
		case 'q':
		case QUIET:
			options.quiet = true;
			break;
		default:
			return EXIT_USAGE;
		}
	options.expressions = argv + optind;
	options.n = argc - optind;
	if (options.list == (options.n > 0))
		return command_usage_error("check",
		        options.list ? "--list takes no condition" : "a condition is missing");
	options.observer.no_network = !asks_for_links(&options);
	return run(&options);
}

const struct command command_check = {
        .name = "check",
        .usage =
                "Usage: cutaway check [--wait SECONDS] [--quiet] CONDITION...\n"
                "       cutaway check --list\n"
                "Succeeds when every condition holds. Each that does not is told on standard\n"
                "error, one a line; if the variable CUTAWAY_UNMET names a file, each is also\n"
                "appended to it as a line of JSON: {\"fact\":…,\"wanted\":…,\"text\":…}.\n"
                "\n"
                "  --wait SECONDS  wait that long for all to hold, looking again when the\n"
                "                  machine changes\n"
                "  -q, --quiet     nothing on standard error\n"
                "  --list          print the names of all facts that exist now\n"
                "  --root DIR      look at a recorded tree instead of this machine\n"
                "  --runtime DIR   where our containers' state is kept\n"
                "\n"
                "CONDITION is one argument (quote it):\n"
                "  FACT            it exists and is neither empty, 0 nor no\n"
                "  !FACT           not so\n"
                "  FACT OP VALUE   OP: = != < <= > >= ~ (contains). VALUE: a word, a \"text in\n"
                "                  quotes\", a size (64M = 64 * 1024 * 1024), or another FACT\n"
                "\n"
                "FACT:\n"
                "  containers.count           running ones of ours\n"
                "  container.NAME             planned building running exited foreign\n"
                "  container.NAME.pid .hostname .image .command .exit .processes .layers\n"
                "  container.NAME.uid         host user id of its first process\n"
                "  container.NAME.root        host user id that its root stands for\n"
                "  container.NAME.ns.TYPE     inode of a namespace of its own; empty when shared.\n"
                "                             TYPE: user pid mnt uts ipc net cgroup time\n"
                "  container.NAME.mount.PATH  type of the file system mounted there\n"
                "  container.NAME.cgroup      path; .cgroup.memory.max .cgroup.memory.current\n"
                "                             .cgroup.pids.max .cgroup.pids.current\n"
                "                             .cgroup.cpu.quota .cgroup.cpu.period\n"
                "                             .cgroup.cpu.usage .cgroup.processes\n"
                "                             .cgroup.frozen\n"
                "  container.NAME.cap.CAP     yes or no: in the effective set of its first "
                "process\n"
                "  container.NAME.caps        number of capabilities in it\n"
                "  container.NAME.seccomp, container.NAME.no_new_privs   yes or no\n"
                "  container.NAME.step.ID     todo done failed\n"
                "  container.NAME.upper.PATH  what it has written over its layers there: added,\n"
                "                             changed, removed; .changes: how many files\n"
                "  images.count layers.count  names of images in the store; different layers\n"
                "  image.NAME                 yes when there is such an image; .digest .config\n"
                "                             .layers .size .registry .tag .platform .command\n"
                "                             .shared (layers that another image has too)\n"
                "                             .layer.N .diff_id.N (digests; the lowest is 1)\n"
                "  process.COMM               pid of the first process of that name\n"
                "  processes.COMM.count       number of them\n"
                "  cgroup.PATH                yes when there is such a control group\n"
                "  host.hostname host.kernel host.cgroups host.ns.TYPE\n"
                "  measure.NAME.runs .median .min .max .q1 .q3 .cpu (microseconds) .command\n"
                "                             what 'cutaway measure' has found\n"
                "  file.NAME .size            a file of the learner's at the top of $LAB\n"
                "  lab.containers.count lab.cgroups.count lab.mounts.count   what is left of ours\n"
                "\n"
                "Exit status: 0 all hold, 1 one does not or the machine can not be read, 2 wrong\n"
                "usage, a condition that can not be read included.\n"
                "\n"
                "Examples:\n"
                "  cutaway check container.hand.ns.uts 'container.hand.hostname = hand'\n"
                "  cutaway check 'container.hand.cgroup.memory.max <= 64M'\n"
                "  cutaway check --wait 5 '!container.hand'\n",
        .main = check_main,
};
