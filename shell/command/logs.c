/* cutaway logs: what a container in the background has written. */
#include "kernel/base/cleanup.h"
#include "kernel/do/container_state.h"
#include "kernel/do/process_end.h"
#include "shell/command.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/syscall.h>
#include <unistd.h>

static int copy_rest(int fd)
{
	char bytes[16384];
	ssize_t n;

	while ((n = read(fd, bytes, sizeof bytes)) > 0)
		for (ssize_t at = 0, w; at < n; at += w) {
			w = write(1, bytes + at, (size_t)(n - at));
			if (w < 0)
				return -errno;
		}
	return n < 0 ? -errno : 0;
}

/* Until the first process has ended: inotify(7) tells of more, its pidfd of the end. */
static int follow(int fd, const char *path, const json_t *state)
{
	struct process_id process = container_process(state);
	auto_close watch = inotify_init1(IN_CLOEXEC);
	auto_close end = process.pid ? (int)syscall(SYS_pidfd_open, process.pid, 0) : -1;
	char events[4096];
	int r = 0;

	if (watch < 0 || inotify_add_watch(watch, path, IN_MODIFY) < 0)
		return -errno;
	while (r == 0 && end >= 0 && process_id_alive(&process)) {
		struct pollfd p[] = {
		        {.fd = watch, .events = POLLIN}, {.fd = end, .events = POLLIN}};
		r = copy_rest(fd);
		if (r == 0 && poll(p, 2, -1) < 0 && errno != EINTR)
			r = -errno;
		if (p[0].revents)
			(void)!read(watch, events, sizeof events);
	}
	return r == 0 ? copy_rest(fd) : r;
}

static int show(const char *name, bool following, struct error *err)
{
	auto_close fd = -1;
	json_t *state = NULL;
	const char *path;
	int r = container_load(name, &state, err);

	if (r < 0)
		return r;
	path = json_string_value(json_object_get(state, "log"));
	if (!path || !*path) {
		error_set(err, ENOENT, "read log of", name,
		        "it ran in the foreground: its output went to that terminal");
		r = -ENOENT;
	} else {
		fd = open(path, O_RDONLY | O_CLOEXEC);
		r = fd < 0 ? -errno : following ? follow(fd, path, state) : copy_rest(fd);
		if (r < 0)
			error_set(err, -r, "read log", path, NULL);
	}
	json_decref(state);
	return r;
}

static int logs_main(int argc, char **argv)
{
	static const struct option long_options[] = {
	        {"follow", no_argument, NULL, 'f'},
	        {NULL, 0, NULL, 0},
	};
	struct error err = {0};
	bool following = false;
	int option;

	optind = 0;
	while ((option = command_option("logs", argc, argv, "+f", long_options)) != -1) {
		if (option == '?')
			return EXIT_USAGE;
		following = true;
	}
	if (argc - optind != 1)
		return command_usage_error("logs", "of which container?");
	return show(argv[optind], following, &err) < 0 ? command_fail("logs", &err) : 0;
}

const struct command command_logs = {
        .name = "logs",
        .usage = "Usage: cutaway logs [OPTION] NAME\n"
                 "Show what a container started with --detach has written to its standard output\n"
                 "and error.\n"
                 "\n"
                 "  -f, --follow  go on until it ends\n"
                 "\n"
                 "Exit status: 0, 1 on failure, 2 for wrong usage.\n",
        .main = logs_main,
};
