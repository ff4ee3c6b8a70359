#include "kernel/watch/guard.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/watch/apart.h"
#include "kernel/watch/attach.h"
#include "kernel/watch/outlet.h"
#include "kernel/watch/record.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

/* LEARN_US: shorter than the end of the follower is delayed. */
enum {
	LEARN_US = 1500,
	RECORD_FD = 3,
	ALIVE_FD = 4,
	PATIENCE_US = 5000000,
	TRIES = 256,
	TRIES_MAX = 20000
};

void guard_know(struct guard *g, pid_t tid)
{
	if (!g || tid <= 0 || tid >= GUARD_PIDS)
		return;
	g->known[tid / 64] |= 1ULL << (tid % 64);
	if (!g->first || tid < g->first)
		g->first = tid;
	if (tid > g->last)
		g->last = tid;
}

void guard_forget(struct guard *g, pid_t tid)
{
	if (g && tid > 0 && tid < GUARD_PIDS)
		g->known[tid / 64] &= ~(1ULL << (tid % 64));
}

void guard_finished(int alive)
{
	if (write(alive, "", 1) < 0)
		return; /* the guard has gone: there is nobody to tell */
}

int guard_delay_end(struct guard *g, int alive)
{
	int slow = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0), high;

	if (slow < 0)
		return alive;
	high = fcntl(alive, F_DUPFD_CLOEXEC, slow + 1);
	if (high < 0) {
		close(slow);
		return alive;
	}
	close(alive);
	g->delayed = true;
	return high; /* `slow` is for the kernel to close */
}

void guard_release(struct guard *g)
{
	if (g)
		munmap(g, sizeof *g);
}

/* ---- in the guard ---------------------------------------------------------------------------- */

static uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* The next known one from `tid` on; 0 at the end. */
static pid_t next_known(const struct guard *g, const uint64_t *known, pid_t tid)
{
	if (tid < g->first)
		tid = g->first;
	while (tid && tid <= g->last) {
		uint64_t word = known[tid / 64] >> (tid % 64);
		if (word)
			return tid + __builtin_ctzll(word);
		tid = (tid / 64 + 1) * 64;
	}
	return 0;
}

/* Each moment that a thread is nobody's may be that of a call: nothing else comes before us. We
 * sleep but for these moments. */
static void be_urgent(void)
{
	const struct sched_param first = {.sched_priority = 1};

	if (sched_setscheduler(0, SCHED_FIFO, &first) < 0)
		setpriority(PRIO_PROCESS, 0, -20);
	prctl(PR_SET_TIMERSLACK, 1UL);
}

static void be_patient(void)
{
	const struct sched_param usual = {0};

	sched_setscheduler(0, SCHED_OTHER, &usual);
	setpriority(PRIO_PROCESS, 0, 0);
}

/* Whether there was one in the list of `path` that is not ours yet: ids, separated by blanks. */
static bool seize_listed(const char *path)
{
	auto_buf text = BUF_INIT;
	char *at, *word;
	bool found = false;

	if (file_read_at(AT_FDCWD, path, 1 << 20, &text) < 0)
		return false;
	at = text.data;
	while ((word = strsep(&at, " ")))
		if (*word && attach_seize((pid_t)strtol(word, NULL, 10)) == 0)
			found = true;
	return found;
}

/* All that are known. As long as the follower ends it has them still: -EPERM. Whether that is over.
 */
static bool seize_known(struct guard *g, uint64_t *seized)
{
	bool refused = false;

	for (pid_t tid = next_known(g, g->known, 1); tid; tid = next_known(g, g->known, tid + 1)) {
		int r = attach_seize(tid);
		if (r == -EPERM) {
			refused = true;
			continue;
		}
		guard_forget(g, tid);
		if (r == 0)
			seized[tid / 64] |= 1ULL << (tid % 64);
	}
	return !refused;
}

static void know_listed(struct guard *g, const char *path)
{
	auto_buf text = BUF_INIT;
	char *at, *word;

	if (file_read_at(AT_FDCWD, path, 1 << 20, &text) < 0)
		return;
	at = text.data;
	while ((word = strsep(&at, " ")))
		guard_know(g, (pid_t)strtol(word, NULL, 10));
}

/* Who was born when the follower could not tell us any more: threads and children. They have
 * stopped for it, and wait. */
static void know_born(struct guard *g)
{
	char path[64];

	for (pid_t tid = next_known(g, g->known, 1); tid; tid = next_known(g, g->known, tid + 1)) {
		struct dirent *entry;
		snprintf(path, sizeof path, "/proc/%d/task", (int)tid);
		auto_dir dir = opendir(path);
		while (dir && (entry = readdir(dir)))
			guard_know(g, (pid_t)strtol(entry->d_name, NULL, 10));
		snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)tid, (int)tid);
		know_listed(g, path);
	}
}

/* And their children, who may have begun in between. Whom somebody else has taken is theirs. */
static void seize_all(struct guard *g, uint64_t *seized)
{
	const uint64_t begun = now_us(), until = begun + PATIENCE_US;
	char path[64];

	while (!seize_known(g, seized) && g->delayed && now_us() < begun + LEARN_US)
		know_born(g);
	for (unsigned tries = 0; !seize_known(g, seized) && now_us() < until; tries++)
		/* The follower may be on our processor, and may take its time. */
		if (tries % TRIES == 0 || tries > TRIES_MAX)
			nanosleep(
			        &(struct timespec){.tv_nsec = tries > TRIES_MAX ? 1000000 : 10000},
			        NULL);
	for (pid_t tid = next_known(g, seized, 1); tid; tid = next_known(g, seized, tid + 1)) {
		snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)tid, (int)tid);
		seize_listed(path);
	}
}

/* The threads of the process and their children: who began while nobody was there to be told. */
static bool seize_family(pid_t pid)
{
	char path[64];
	struct dirent *entry;
	bool found = false;

	snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
	auto_dir dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		pid_t tid = (pid_t)strtol(entry->d_name, NULL, 10);
		if (tid <= 0)
			continue;
		if (attach_seize(tid) == 0)
			found = true;
		snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)pid, (int)tid);
		if (seize_listed(path))
			found = true;
	}
	return found;
}

/* All of /proc that is traced by us. */
static bool seize_families(void)
{
	auto_dir dir = opendir("/proc");
	struct dirent *entry;
	bool found = false;

	while (dir && (entry = readdir(dir))) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
		if (pid > 0 && attach_is_ours(pid) && seize_family(pid))
			found = true;
	}
	return found;
}

static void pass(pid_t tid, int status)
{
	int event = status >> 16, signal = WSTOPSIG(status);

	if (event == PTRACE_EVENT_STOP && attach_stops_group(signal))
		ptrace(PTRACE_LISTEN, tid, NULL, NULL);
	else
		ptrace(PTRACE_CONT, tid, NULL,
		        event || signal == (SIGTRAP | 0x80) ? 0L : (long)signal);
}

static void take_over(struct guard *g, uint64_t *seized, bool finished)
{
	struct outlet out = {.fd = -1};
	struct buf line = BUF_INIT;
	int status;
	pid_t tid;

	seize_all(g, seized);
	while (seize_families())
		continue;
	be_patient();
	if (!finished) {
		outlet_init(&out, RECORD_FD);
		watch_record_lost(&line, now_us() - g->begun, g->command);
		outlet_put(&out, line.data, line.len);
		outlet_flush(&out);
	}
	while ((tid = waitpid(-1, &status, __WALL)) > 0 || errno == EINTR) {
		if (tid > 0 && WIFSTOPPED(status))
			pass(tid, status);
		if (tid != g->command || WIFSTOPPED(status))
			continue;
		buf_reset(&line);
		watch_record_end(&line, "finish", now_us() - g->begun, tid, status);
		outlet_put(&out, line.data, line.len);
		outlet_drain(&out);
		outlet_close(&out);
	}
	buf_release(&line);
}

/* Never comes back. */
static _Noreturn void be_guard(struct guard *g, int record, int alive)
{
	/* At numbers that nothing else has, so that all else can be closed. */
	int high_record = fcntl(record, F_DUPFD_CLOEXEC, 10), high = fcntl(alive, F_DUPFD, 10);
	uint64_t *seized = calloc(GUARD_PIDS / 64, sizeof *seized);
	bool finished = false;
	char byte;
	ssize_t n;

	be_urgent();
	apart_leave_terminal();
	signal(SIGUSR1, SIG_IGN);
	dup2(high_record, RECORD_FD);
	dup2(high, ALIVE_FD);
	close_range(ALIVE_FD + 1, ~0U, 0);
	while ((n = read(ALIVE_FD, &byte, 1)) > 0 || (n < 0 && errno == EINTR))
		if (n > 0 && !finished) {
			finished = true;
			close(RECORD_FD);
		}
	if (seized && next_known(g, g->known, 1))
		take_over(g, seized, finished);
	free(seized);
	_exit(0);
}

int guard_prepare(struct guard **ret, int ret_alive[static 2])
{
	struct guard *g =
	        mmap(NULL, sizeof *g, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (g == MAP_FAILED)
		return -errno;
	if (pipe2(ret_alive, O_CLOEXEC) < 0) {
		int r = -errno;
		munmap(g, sizeof *g);
		return r;
	}
	*ret = g;
	return 0;
}

void guard_start(struct guard *g, int record, int alive)
{
	if (!fork())
		be_guard(g, record, alive);
}
