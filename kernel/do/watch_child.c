#include "kernel/do/watch_child.h"

#include "kernel/base/cleanup.h"
#include "kernel/do/build.h"
#include "kernel/do/container_state.h"
#include "kernel/do/relay.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef P_PIDFD
#define P_PIDFD 3
#endif

void watch_signal_set(sigset_t *ret)
{
	static const int handed_on[] = {
	        SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGWINCH};

	sigemptyset(ret);
	for (size_t i = 0; i < sizeof handed_on / sizeof *handed_on; i++)
		sigaddset(ret, handed_on[i]);
	sigaddset(ret, CONTAINER_QUIT_SIGNAL);
}

int watch_reap(int pidfd)
{
	siginfo_t info = {0};

	while (waitid((idtype_t)P_PIDFD, (id_t)pidfd, &info, WEXITED) < 0)
		if (errno != EINTR)
			return 255;
	return info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
}

static bool catches(pid_t pid, int signal)
{
	char path[64], line[256];
	unsigned long long caught = 0;
	auto_file file = NULL;

	snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof line, file))
		if (sscanf(line, "SigCgt: %llx", &caught) == 1)
			break;
	return caught >> (signal - 1) & 1;
}

void watch_forward(const struct build *b, int signal)
{
	if (signal == SIGINT && !catches(b->process.pid, SIGINT))
		signal = SIGKILL;
	process_id_signal(&b->process, signal);
}

static void on_signal(const struct build *b, struct relay *relay, int signals)
{
	struct signalfd_siginfo info;

	if (read(signals, &info, sizeof info) != sizeof info)
		return;
	if (info.ssi_signo != SIGWINCH)
		watch_forward(b, (int)info.ssi_signo);
	else if (relay->master >= 0)
		relay_resize(relay);
}

int watch_child(struct build *b)
{
	struct relay relay = {.in = -1, .out = -1, .master = -1, .log = -1};
	sigset_t set, before;
	auto_close signals = -1;
	bool input_open = true;
	int status;

	watch_signal_set(&set);
	sigprocmask(SIG_BLOCK, &set, &before);
	signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (b->console_fd >= 0)
		relay_start(&relay, 0, 1, b->console_fd, -1);
	for (;;) {
		struct pollfd p[] = {
		        {.fd = b->pidfd, .events = POLLIN},
		        {.fd = signals, .events = POLLIN},
		        {.fd = input_open ? relay.in : -1, .events = POLLIN},
		        {.fd = relay.master, .events = POLLIN},
		};
		if (poll(p, 4, -1) < 0 && errno != EINTR)
			break;
		if (p[3].revents && !relay_output(&relay))
			relay.master = -1;
		if (p[2].revents && !relay_input(&relay))
			input_open = false;
		if (p[1].revents)
			on_signal(b, &relay, signals);
		if (p[0].revents)
			break;
	}
	status = watch_reap(b->pidfd);
	relay_stop(&relay);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return status;
}
