#include "kernel/measure/run.h"

#include "kernel/base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

enum { SAID_LIMIT = 2048 }; /* bytes of its last words */

static const int ending[] = {SIGINT, SIGTERM, SIGHUP};

extern char **environ;

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static uint64_t us_of(const struct timeval *t)
{
	return (uint64_t)t->tv_sec * 1000000 + (uint64_t)t->tv_usec;
}

/* A signal that our caller has us ignore stays ignored: once it is blocked, the kernel would queue
 * it all the same, signal(7). */
static void choose_signals(sigset_t *set)
{
	struct sigaction action;

	sigemptyset(set);
	sigaddset(set, SIGCHLD);
	for (size_t i = 0; i < sizeof ending / sizeof *ending; i++)
		if (sigaction(ending[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN)
			sigaddset(set, ending[i]);
}

int runner_open(struct runner *r, struct error *err)
{
	*r = (struct runner){.null = -1, .said = -1};
	r->null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (r->null < 0)
		return error_set(err, errno, "open", "/dev/null", NULL);
	r->said = memfd_create("said", MFD_CLOEXEC);
	if (r->said < 0) {
		int code = errno;
		cleanup_fd(&r->null);
		return error_set(err, code, "make a file in memory", "said", NULL);
	}
	signal(SIGCHLD, SIG_DFL); /* ignored, the kernel would take the children away from us */
	choose_signals(&r->waited);
	sigprocmask(SIG_BLOCK, &r->waited, &r->before);
	return 0;
}

void runner_close(struct runner *r)
{
	cleanup_fd(&r->null);
	cleanup_fd(&r->said);
	if (r->ended_by)
		raise(r->ended_by); /* pending until it is let through */
	sigprocmask(SIG_SETMASK, &r->before, NULL);
}

static int start(const struct runner *r, char *const *argv, pid_t *ret)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	int code;

	posix_spawn_file_actions_init(&files);
	posix_spawnattr_init(&attributes);
	posix_spawn_file_actions_adddup2(&files, r->null, 0);
	posix_spawn_file_actions_adddup2(&files, r->null, 1);
	posix_spawn_file_actions_adddup2(&files, r->said, 2);
	posix_spawnattr_setsigmask(&attributes, &r->before);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	code = posix_spawnp(ret, argv[0], &files, &attributes, argv, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&files);
	return code;
}

/* Passes on what asks us to end, unless the terminal has told all of its processes already. Asked
 * once more, it is no longer asked. */
static void pass_on(struct runner *r, pid_t pid, const siginfo_t *signal)
{
	if (r->ended_by)
		kill(pid, SIGKILL);
	else if (signal->si_code != SI_KERNEL)
		kill(pid, signal->si_signo);
	r->ended_by = signal->si_signo;
}

static int wait_for(struct runner *r, pid_t pid, struct rusage *usage)
{
	siginfo_t signal;
	int status = 0;

	for (;;) {
		if (sigwaitinfo(&r->waited, &signal) < 0)
			continue; /* stopped and continued */
		if (signal.si_signo != SIGCHLD)
			pass_on(r, pid, &signal);
		else if (wait4(pid, &status, WNOHANG, usage) == pid)
			return status;
	}
}

int runner_run(struct runner *r, char *const *argv, struct measure_sample *ret, int *ret_status,
        struct error *err)
{
	struct rusage usage = {0};
	uint64_t begin;
	int status, code;
	pid_t pid;

	if (ftruncate(r->said, 0) < 0 || lseek(r->said, 0, SEEK_SET) < 0)
		return error_set(err, errno, "empty", "a file in memory", NULL);
	begin = now_ns();
	code = start(r, argv, &pid);
	if (code)
		return error_set(err, code, "start program", argv[0], NULL);
	status = wait_for(r, pid, &usage);
	ret->wall_us = (now_ns() - begin + 500) / 1000;
	ret->cpu_us = us_of(&usage.ru_utime) + us_of(&usage.ru_stime);
	if (r->ended_by)
		return -EINTR;
	*ret_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	return 0;
}

void runner_said(const struct runner *r, struct buf *out)
{
	char text[SAID_LIMIT];
	off_t end = lseek(r->said, 0, SEEK_END);
	ssize_t n = pread(r->said, text, sizeof text, end > SAID_LIMIT ? end - SAID_LIMIT : 0);

	if (n > 0)
		buf_add_bytes(out, text, (size_t)n);
}
