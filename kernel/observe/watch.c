#include "kernel/observe/watch.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/dirs.h"
#include "kernel/base/file.h"
#include "kernel/observe/watch_source.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

enum {
	DRAIN_MESSAGES = CHANGES_MOST / 2
}; /* then the caller has its turn, and poll(2) tells of the rest */

struct watch {
	int processes;
	int mounts[2]; /* see was_exceptional() */
	int names[2];
	int programs;
	int links;
	int files;
	int timer;
	bool rang; /* and nothing else, when it was asked last */
	char *runtime;
	struct observer_changes changes;
};

/* ---- mounts and host names ---- */

/* A change of the mount table makes mountinfo "exceptional" (proc_pid_mounts(5)) until somebody
 * polls it: poll itself takes the event, for that open file. So one open file is for the caller's
 * poll, and another, that only we look at, for knowing it was that. */
static bool was_exceptional(const int files[2])
{
	bool changed = false;

	for (int i = 0; i < 2; i++) {
		struct pollfd p = {.fd = files[i], .events = POLLPRI};
		changed = (poll(&p, 1, 0) > 0 && p.revents & POLLPRI) || changed;
	}
	return changed;
}

/* ---- network links ---- */

static int links_open(void)
{
	const struct sockaddr_nl address = {.nl_family = AF_NETLINK,
	        .nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR};
	auto_close fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);

	if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof address) < 0)
		return -1;
	return steal_fd(&fd);
}

static bool links_changed(int fd)
{
	char bytes[8192];
	bool changed = false;

	for (int i = 0; fd >= 0 && i < DRAIN_MESSAGES; i++) {
		ssize_t n = recv(fd, bytes, sizeof bytes, 0);
		if (n < 0 && errno != ENOBUFS) /* ENOBUFS: so much came that some is lost */
			break;
		changed = true;
	}
	return changed;
}

/* ---- the fallback ---- */

/* In a second, and then each second. */
static int timer_begin(int fd)
{
	const struct itimerspec second = {.it_interval = {.tv_sec = 1}, .it_value = {.tv_sec = 1}};

	return timerfd_settime(fd, 0, &second, NULL);
}

static int timer_open(void)
{
	auto_close fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);

	if (fd < 0 || timer_begin(fd) < 0)
		return -1;
	return steal_fd(&fd);
}

static bool timer_rang(int fd)
{
	uint64_t times;

	return fd >= 0 && read(fd, &times, sizeof times) == (ssize_t)sizeof times;
}

/* ---- all of them ---- */

/* Of processes only the clock and what shows of them are left. */
static void look_for_hints(struct watch *w)
{
	if (w->timer < 0)
		w->timer = timer_open();
	w->programs = watch_programs_open();
	for (int i = 0; i < 2; i++)
		w->names[i] = watch_names_open();
	was_exceptional(w->names);
}

int watch_new(const char *runtime, struct watch **ret, struct error *err)
{
	struct watch *w = calloc(1, sizeof *w);
	int r = 0;

	if (!w)
		return error_set(err, ENOMEM, "watch the machine", "", NULL);
	*w = (struct watch){.processes = -1,
	        .mounts = {-1, -1},
	        .names = {-1, -1},
	        .programs = -1,
	        .links = -1,
	        .files = -1,
	        .timer = -1};
	w->changes.all = true; /* nothing was read yet */
	if (runtime)
		w->runtime = strdup(runtime);
	else
		r = dirs_path(DIRS_RUNTIME, NULL, false, &w->runtime, err);
	if (!w->runtime) {
		watch_free(w);
		return r < 0 ? r : error_set(err, ENOMEM, "watch the machine", "", NULL);
	}
	w->processes = watch_processes_open();
	w->links = links_open();
	w->files = watch_files_open(w->runtime);
	for (int i = 0; i < 2; i++)
		w->mounts[i] = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	was_exceptional(w->mounts); /* a new open file begins as changed */
	if (w->processes < 0)
		look_for_hints(w);
	if (w->timer < 0 && !watch_is_complete(w) && (w->timer = timer_open()) < 0) {
		r = error_set(err, errno, "make a timer", "for watching the machine", NULL);
		watch_free(w);
		return r;
	}
	*ret = w;
	return 0;
}

void watch_free(struct watch *w)
{
	if (!w)
		return;
	cleanup_fd(&w->processes);
	for (int i = 0; i < 2; i++) {
		cleanup_fd(&w->mounts[i]);
		cleanup_fd(&w->names[i]);
	}
	cleanup_fd(&w->programs);
	cleanup_fd(&w->links);
	cleanup_fd(&w->files);
	cleanup_fd(&w->timer);
	free(w->runtime);
	free(w);
}

bool watch_is_complete(const struct watch *w)
{
	return w->processes >= 0 && w->mounts[0] >= 0 && w->mounts[1] >= 0 && w->links >= 0 &&
	       w->files >= 0;
}

size_t watch_pollfds(struct watch *w, struct pollfd *fds, size_t n)
{
	const struct pollfd all[] = {
	        {.fd = w->processes, .events = POLLIN},
	        {.fd = w->mounts[0], .events = POLLPRI},
	        {.fd = w->names[0], .events = POLLPRI},
	        {.fd = w->programs, .events = POLLIN},
	        {.fd = w->links, .events = POLLIN},
	        {.fd = w->files, .events = POLLIN},
	        {.fd = w->timer, .events = POLLIN},
	};
	size_t used = 0;

	for (size_t i = 0; i < sizeof all / sizeof *all && used < n; i++)
		if (all[i].fd >= 0)
			fds[used++] = all[i];
	return used;
}

bool watch_drain(struct watch *w)
{
	bool changed = was_exceptional(w->mounts);

	if (w->processes >= 0) {
		int told = watch_processes_drain(w->processes, DRAIN_MESSAGES, &w->changes);
		if (told < 0) { /* refused after all */
			cleanup_fd(&w->processes);
			look_for_hints(w);
		}
		changed = changed || told != 0;
	}
	changed = (w->programs >= 0 && watch_programs_drain(w->programs)) || changed;
	changed = (w->names[0] >= 0 && was_exceptional(w->names)) || changed;
	changed = links_changed(w->links) || changed;
	changed = (w->files >= 0 && watch_files_drain(w->files, w->runtime)) || changed;
	w->rang = timer_rang(w->timer) && !changed;
	if (changed && w->timer >= 0)
		timer_begin(w->timer);
	return changed || w->rang;
}

bool watch_only_rang(const struct watch *w)
{
	return w->rang;
}

void watch_take_changes(struct watch *w, struct observer_changes *ret)
{
	*ret = w->changes;
	ret->untold |= w->processes < 0;
	w->changes.all = w->changes.untold = false;
	w->changes.n = 0;
}
