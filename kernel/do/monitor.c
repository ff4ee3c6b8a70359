#include "kernel/do/monitor.h"

#include "kernel/base/cleanup.h"
#include "kernel/do/container_state.h"
#include "kernel/do/relay.h"
#include "kernel/do/session.h"
#include "kernel/do/watch_child.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum { AT_SIGNAL, AT_PROCESS, AT_CONTROL, AT_INPUT, AT_OUTPUT, N_WATCHED };

struct monitor {
	struct container *container;
	const struct monitor_options *options;
	int signals; /* signalfd(2) */
	int control; /* listening; -1 = none */
	struct relay relay;
	bool relaying, input_open;
	bool ended, quit;
	int status;
};

int monitor_failure_status(const struct error *err)
{
	if (strncmp(err->operation, "step exec: execve", 17) != 0)
		return 125;
	return err->code == ENOENT || err->code == ENOTDIR ? 127 : 126;
}

/* The first process has ended. While the steps were still going on, that ends them: what was built
 * is undone, and a next step would begin anew. */
static void process_ended(struct monitor *m)
{
	struct container *c = m->container;

	if (c->phase != PHASE_RUNNING) {
		executor_undo(&c->executor, NULL);
		c->phase = PHASE_PLANNED;
		container_write_state(c, NULL);
		return;
	}
	m->status = watch_reap(c->build.pidfd);
	m->ended = true;
	if (m->relaying)
		relay_stop(&m->relay);
}

static void on_signal(struct monitor *m)
{
	struct container *c = m->container;
	struct signalfd_siginfo info;

	if (read(m->signals, &info, sizeof info) != sizeof info)
		return;
	if ((int)info.ssi_signo == SIGWINCH) {
		if (m->relaying)
			relay_resize(&m->relay);
		return;
	}
	if ((int)info.ssi_signo == CONTAINER_QUIT_SIGNAL || !m->options->foreground ||
	        c->phase != PHASE_RUNNING) {
		m->quit = true;
		return;
	}
	watch_forward(&c->build, (int)info.ssi_signo);
}

/* The container's terminal has come with the last step: be its screen. */
static void start_relay(struct monitor *m)
{
	struct container *c = m->container;

	if (m->relaying || c->build.console_fd < 0 || c->phase != PHASE_RUNNING)
		return;
	relay_start(&m->relay, m->options->foreground ? 0 : -1, m->options->foreground ? 1 : -1,
	        c->build.console_fd, c->detached ? c->build.stdio[1] : -1);
	m->relaying = true;
	m->input_open = m->options->foreground;
}

static void watched(const struct monitor *m, struct pollfd p[static N_WATCHED])
{
	for (int i = 0; i < N_WATCHED; i++)
		p[i] = (struct pollfd){.fd = -1, .events = POLLIN};
	p[AT_SIGNAL].fd = m->signals;
	p[AT_PROCESS].fd = m->container->build.pidfd;
	p[AT_CONTROL].fd = m->control;
	if (m->relaying) {
		p[AT_INPUT].fd = m->input_open ? m->relay.in : -1;
		p[AT_OUTPUT].fd = m->relay.master;
	}
}

static void one_turn(struct monitor *m)
{
	struct pollfd p[N_WATCHED];

	watched(m, p);
	if (poll(p, N_WATCHED, -1) < 0)
		return;
	if (p[AT_OUTPUT].revents && !relay_output(&m->relay))
		m->relay.master = -1;
	if (p[AT_INPUT].revents && !relay_input(&m->relay))
		m->input_open = false;
	if (p[AT_PROCESS].revents) {
		process_ended(m);
		return;
	}
	if (p[AT_SIGNAL].revents)
		on_signal(m);
	if (p[AT_CONTROL].revents)
		m->quit |= session_serve(m->control, m->container) > 0;
	start_relay(m);
}

static int build(struct monitor *m, struct error *err)
{
	struct container *c = m->container;
	int r = 0;

	if (m->options->start) {
		r = executor_run(&c->executor, c->plan->n - 1, err);
		if (r < 0)
			return r;
		c->phase = PHASE_RUNNING;
	}
	c->stepping = m->options->step;
	if (c->stepping)
		r = session_listen(c, &m->control, err);
	return r < 0 ? r : container_write_state(c, err);
}

int monitor_run(
        struct container *c, const struct monitor_options *o, int *ret_status, struct error *err)
{
	struct monitor m = {.container = c, .options = o, .control = -1, .signals = -1};
	sigset_t set, before;
	int r;

	watch_signal_set(&set);
	sigprocmask(SIG_BLOCK, &set, &before);
	m.signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	r = m.signals < 0 ? error_set(err, errno, "watch signals", c->name, NULL) : build(&m, err);
	if (r == 0) {
		if (o->ready)
			o->ready(o->argument);
		start_relay(&m);
		while (!m.ended && !m.quit)
			one_turn(&m);
	}
	if (m.relaying)
		relay_stop(&m.relay);
	/* Nothing that is frozen can be ended on v1. */
	if (m.quit && c->build.cgroup)
		cgroup_freeze(c->build.cgroup, false, NULL);
	if (r == 0) {
		*ret_status = m.ended ? m.status : 137;
		r = container_finish(c, *ret_status, err);
	} else {
		container_finish(c, -1, NULL);
	}
	cleanup_fd(&m.control);
	cleanup_fd(&m.signals);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return r;
}
