#include "shell/keeper.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/deadline.h"
#include "kernel/base/dirs.h"
#include "kernel/base/process_id.h"
#include "kernel/do/lab_process.h"
#include "kernel/do/ledger.h"
#include "kernel/do/sweep.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

enum { END_MS = 3000, GRACE_MS = 500, KILL_MS = 5000 };

/* What the terminal was like, so that it is so again after a shell that could not tidy up. */
struct terminal {
	bool known;
	struct termios settings;
	pid_t group; /* in the foreground */
};

static void terminal_save(struct terminal *t)
{
	t->known = tcgetattr(STDIN_FILENO, &t->settings) == 0;
	t->group = t->known ? tcgetpgrp(STDIN_FILENO) : -1;
}

static void terminal_restore(const struct terminal *t)
{
	if (!t->known)
		return;
	/* From the background this needs SIGTTOU blocked, which it is here; tcsetpgrp(3). */
	if (t->group == getpgrp())
		tcsetpgrp(STDIN_FILENO, t->group);
	if (tcgetpgrp(STDIN_FILENO) == getpgrp())
		tcsetattr(
		        STDIN_FILENO, TCSANOW, &t->settings); /* not DRAIN: nobody may be reading */
}

static int begin_lab(const char *lab_id, struct ledger **ret, struct error *err)
{
	const struct sweep_options orphans = {0};
	auto_free char *below = NULL, *directory = NULL, *path = NULL;
	struct process_id self;
	int r;

	sweep(&orphans, NULL, NULL); /* what a crash left; what fails here, `clean` tells */
	if (asprintf(&below, "labs/%s", lab_id) < 0)
		return error_set(err, ENOMEM, "begin lab", lab_id, NULL);
	r = dirs_path(DIRS_RUNTIME, below, true, &directory, err);
	if (r < 0)
		return r;
	r = process_id_read(getpid(), &self);
	if (r < 0 || asprintf(&path, "%s/ledger", directory) < 0)
		return error_set(err, r < 0 ? -r : ENOMEM, "begin lab", lab_id, NULL);
	return ledger_create(path, &self, ret, err);
}

static void block_signals(sigset_t *ret_blocked, sigset_t *ret_old)
{
	static const int caught[] = {SIGCHLD, SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGWINCH};
	sigset_t also;

	sigemptyset(ret_blocked);
	for (size_t i = 0; i < sizeof caught / sizeof caught[0]; i++)
		sigaddset(ret_blocked, caught[i]);
	sigprocmask(SIG_BLOCK, ret_blocked, ret_old);
	/* These may not stop us in the middle of our duty. */
	sigemptyset(&also);
	sigaddset(&also, SIGTSTP);
	sigaddset(&also, SIGTTIN);
	sigaddset(&also, SIGTTOU);
	sigaddset(&also, SIGPIPE);
	sigprocmask(SIG_BLOCK, &also, NULL);
}

/* True when the child was asked to end. */
static bool pass_on(const struct signalfd_siginfo *s, pid_t child)
{
	bool from_terminal = s->ssi_code == SI_KERNEL;

	switch (s->ssi_signo) {
	case SIGTERM:
	case SIGHUP:
		kill(child, (int)s->ssi_signo);
		return true;
	case SIGINT:
	case SIGQUIT:
	case SIGWINCH:
		if (!from_terminal) /* the terminal's go to its whole foreground group */
			kill(child, (int)s->ssi_signo);
		break;
	}
	return false;
}

/* Reaps whoever has ended. True when `child` was among them. */
static bool reap(pid_t child, int *ret_status)
{
	bool ours = false;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (pid == child) {
			*ret_status = status;
			ours = true;
		}
	return ours;
}

/* A child that was asked to end and does not is ended: whoever asked may have been the machine on
 * its way down, or a terminal that is gone. */
static int wait_for(pid_t child, int signals)
{
	deadline_ms end = 0;
	int status = 0;

	while (!reap(child, &status)) {
		struct pollfd p = {.fd = signals, .events = POLLIN};
		struct signalfd_siginfo s;
		int n = poll(&p, 1, end ? deadline_left(end) : -1);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n == 0) {
			kill(child, SIGKILL);
			end = 0;
		}
		if (n > 0 && read(signals, &s, sizeof s) == sizeof s && pass_on(&s, child) && !end)
			end = deadline_in(END_MS);
	}
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* Waits until we have no child left, at most `ms`. Again and again, since children of the ended
 * come to us. */
static bool end_children(int signals, int signal, int ms)
{
	deadline_ms end = deadline_in(ms);

	children_signal(signal);
	for (;;) {
		struct pollfd p = {.fd = signals, .events = POLLIN};
		struct signalfd_siginfo s;
		bool reaped = false;
		pid_t pid;

		while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
			reaped = true;
		if (pid < 0)
			return true;
		if (reaped)
			children_signal(signal);
		if (poll(&p, 1, deadline_left(end)) <= 0)
			return false;
		if (read(signals, &s, sizeof s) < 0)
			return false;
	}
}

static void end_lab(const char *lab_id, int signals, struct error *err)
{
	/* Monitors of containers first: they know best how to take theirs apart. */
	lab_containers_end(lab_id, NULL, err);
	if (!end_children(signals, SIGHUP, GRACE_MS))
		end_children(signals, SIGKILL, KILL_MS);
	lab_sweep(lab_id, NULL, err);
}

static int child_main(const sigset_t *mask, pid_t keeper, int (*child)(void *), void *arg)
{
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != keeper)
		return 1; /* it was gone before we asked to be told */
	sigprocmask(SIG_SETMASK, mask, NULL);
	return child(arg);
}

static int keep(const char *lab_id, pid_t child, const sigset_t *blocked, struct error *err)
{
	auto_close signals = signalfd(-1, blocked, SFD_CLOEXEC);
	int status;

	if (signals < 0) {
		kill(child, SIGKILL);
		return error_set(err, errno, "keep lab", lab_id, NULL);
	}
	status = wait_for(child, signals);
	end_lab(lab_id, signals, err);
	return status;
}

int keeper_run(const char *lab_id, int (*child)(void *arg), void *arg, struct error *err)
{
	struct ledger *ledger = NULL;
	struct terminal terminal;
	sigset_t blocked, old;
	pid_t keeper = getpid(), pid;
	int r;

	/* Before there is anything that a signal in the wrong moment would leave. */
	block_signals(&blocked, &old);
	r = begin_lab(lab_id, &ledger, err);
	if (r < 0) {
		sigprocmask(SIG_SETMASK, &old, NULL);
		return r;
	}
	ledger_close(ledger);
	terminal_save(&terminal);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	fflush(NULL); /* or both would write what is waiting */
	pid = fork();
	if (pid == 0)
		exit(child_main(&old, keeper, child, arg));
	if (pid < 0) {
		r = error_set(err, errno, "start", "the lab's shell", NULL);
		lab_sweep(lab_id, NULL, NULL);
	} else {
		r = keep(lab_id, pid, &blocked, err);
		terminal_restore(&terminal);
	}
	sigprocmask(SIG_SETMASK, &old, NULL);
	return r;
}

int keeper_replace(const char *lab_id, struct error *err)
{
	return lab_sweep(lab_id, NULL, err);
}
