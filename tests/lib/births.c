/* births WAY: processes and threads that begin and become programs in ways that a tracer may get
 * wrong, ptrace(2). Exits with 0 when all that it has started ran to its end. */
#include <errno.h>
#include <linux/sched.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static void become_true(void)
{
	execl("/bin/true", "true", (char *)NULL);
	_exit(99);
}

/* Its status as a shell has it. */
static int wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, __WALL) < 0)
		if (errno != EINTR)
			return 98;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int born(pid_t pid)
{
	if (pid == 0)
		become_true();
	return pid < 0 ? 97 : wait_for(pid);
}

static int untraced(void)
{
	struct clone_args args = {.flags = CLONE_UNTRACED, .exit_signal = SIGCHLD};
	int r = born((pid_t)syscall(SYS_clone, CLONE_UNTRACED | SIGCHLD, 0, 0, 0, 0));

	return r ? r : born((pid_t)syscall(SYS_clone3, &args, sizeof args));
}

/* A child that makes its sibling. */
static int sibling(void)
{
	pid_t child = fork();
	int r;

	if (!child) {
		pid_t pid = (pid_t)syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);
		if (!pid)
			become_true();
		_exit(pid < 0);
	}
	r = wait_for(-1);
	return r ? r : wait_for(-1);
}

static int vforked(void)
{
	pid_t pid = vfork(); /* NOLINT: that is what is tried */

	if (!pid) {
		execl("/bin/true", "true", (char *)NULL);
		_exit(99);
	}
	return pid < 0 ? 97 : wait_for(pid);
}

static void *thread(void *leader)
{
	if (leader)
		pthread_join(*(pthread_t *)leader, NULL);
	become_true();
	return NULL;
}

static void *sleeper(void *nothing)
{
	pause();
	return nothing;
}

/* Another thread than the first becomes the program, beside one that waits in a call. */
static int thread_becomes(void)
{
	pthread_t one, two;
	pid_t pid = fork();

	if (!pid) {
		if (pthread_create(&one, NULL, sleeper, NULL) ||
		        pthread_create(&two, NULL, thread, NULL))
			_exit(97);
		pause();
	}
	return wait_for(pid);
}

/* The first thread has ended when the other one becomes a program. */
static int leader_ends(void)
{
	static pthread_t leader;
	pthread_t one;
	pid_t pid = fork();

	if (!pid) {
		leader = pthread_self();
		if (pthread_create(&one, NULL, thread, &leader))
			_exit(97);
		pthread_exit(NULL);
	}
	return wait_for(pid);
}

/* Parents are killed while they make children, which all become programs. */
static int killed(void)
{
	int status;

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	for (int i = 0; i < 40; i++) {
		int tick[2];
		char byte;
		pid_t pid;
		if (pipe(tick) < 0)
			return 97;
		pid = fork();
		if (!pid)
			for (;;) {
				pid_t child = fork();
				if (!child)
					become_true();
				if (child < 0 || write(tick[1], "", 1) != 1)
					_exit(0);
			}
		close(tick[1]);
		if (read(tick[0], &byte, 1) != 1)
			return 96;
		for (volatile int spin = 0; spin < i * 2000; spin++) {
		}
		kill(pid, SIGKILL);
		close(tick[0]);
		while (waitpid(-1, &status, 0) > 0)
			if (!(WIFSIGNALED(status) ? WTERMSIG(status) == SIGKILL
			                          : !WEXITSTATUS(status)))
				return WIFEXITED(status) ? WEXITSTATUS(status) : 95;
	}
	return 0;
}

/* A thread that begins in a process that is stopped as a whole stays stopped with it: its parent
 * lets it go on, and all end. */
static void *starter(void *nothing)
{
	pthread_t t;

	for (int i = 0; i < 200; i++)
		if (pthread_create(&t, NULL, sleeper, NULL) == 0)
			pthread_detach(t);
	return nothing;
}

static int stopped(void)
{
	for (int i = 0; i < 5; i++) {
		int status;
		pthread_t t;
		pid_t pid = fork();
		if (!pid) {
			if (pthread_create(&t, NULL, starter, NULL))
				_exit(97);
			pthread_join(t, NULL);
			_exit(0);
		}
		kill(pid, SIGSTOP);
		if (waitpid(pid, &status, WUNTRACED) != pid)
			return 97;
		if (WIFSTOPPED(status)) {
			kill(pid, SIGCONT);
			status = wait_for(pid);
		}
		if (status)
			return status;
	}
	return 0;
}

/* Listens on the socket "here", and for each byte that comes in makes a child and says so. */
static int daemon_life(void)
{
	struct sockaddr_un here = {.sun_family = AF_UNIX};
	int s = socket(AF_UNIX, SOCK_STREAM, 0), r = 0;
	char byte;

	if (!getcwd(here.sun_path, sizeof here.sun_path - sizeof "/here"))
		return 97;
	strcat(here.sun_path, "/here");
	if (bind(s, (struct sockaddr *)&here, sizeof here) < 0 || listen(s, 1) < 0)
		return 97;
	puts("listening");
	fflush(stdout);
	while (r == 0 && read(0, &byte, 1) == 1) {
		r = born(fork());
		puts("born");
		fflush(stdout);
	}
	return r;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(void);
	} ways[] = {{"untraced", untraced}, {"sibling", sibling}, {"vforked", vforked},
	        {"thread", thread_becomes}, {"leader", leader_ends}, {"killed", killed},
	        {"stopped", stopped}, {"daemon", daemon_life}};

	for (size_t i = 0; argc == 2 && i < sizeof ways / sizeof *ways; i++)
		if (!strcmp(argv[1], ways[i].name))
			return ways[i].run();
	fprintf(stderr, "usage: births WAY\n");
	return 2;
}
