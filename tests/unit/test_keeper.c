/* The keeper: however the shell of a lab ends, nothing of the lab is left. */
#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/base/process_id.h"
#include "kernel/do/process_end.h"
#include "kernel/do/sweep.h"
#include "shell/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <utmp.h>

#include <cmocka.h>

#define LAB "test-keeper"

enum { PATIENCE_MS = 10000 };

/* What the shell of the test does once it has told who it is. */
enum behaviour { EXIT_SEVEN, WAIT_FOR_SIGNAL, TIDY_UP_ON_TERM, BE_DEAF };

struct script {
	enum behaviour behaviour;
	int tell; /* pipe: the ids of the shell and of a stray process */
};

struct place {
	char path[64];
	int dir;
};

struct scene {
	struct process_id keeper, shell, stray;
};

static int set_up(void **state)
{
	struct place *p = calloc(1, sizeof *p);

	strcpy(p->path, "/tmp/test-keeper-XXXXXX");
	assert_non_null(mkdtemp(p->path));
	p->dir = open(p->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	setenv("XDG_RUNTIME_DIR", p->path, 1);
	setenv("XDG_DATA_HOME", p->path, 1);
	*state = p;
	return 0;
}

static int tear_down(void **state)
{
	struct place *p = *state;

	close(p->dir);
	assert_int_equal(dir_remove_tree(AT_FDCWD, p->path), 0);
	free(p);
	return 0;
}

/* Two forks and a session of its own: what a daemon does to get away from its parent. Deaf to
 * SIGHUP as well. Marked as the lab's by its environment. */
static struct process_id start_stray(void)
{
	struct process_id id = {0};
	int tell[2];

	if (pipe2(tell, O_CLOEXEC) < 0)
		_exit(9);
	if (fork() == 0) {
		setsid();
		if (fork() == 0) {
			char program[] = "sleep", time[] = "1000", mark[] = LAB_VARIABLE "=" LAB;
			char *argv[] = {program, time, NULL}, *envp[] = {mark, NULL};
			signal(SIGHUP, SIG_IGN);
			process_id_read(getpid(), &id);
			if (write(tell[1], &id, sizeof id) != sizeof id)
				_exit(9);
			execve("/bin/sleep", argv, envp); /* closes the pipe */
			_exit(127);
		}
		_exit(0);
	}
	close(tell[1]);
	if (read(tell[0], &id, sizeof id) != sizeof id)
		_exit(9);
	/* The end of the pipe says that execve(2) is done and the mark is there to be seen. */
	char byte;
	while (read(tell[0], &byte, 1) > 0)
		;
	close(tell[0]);
	return id;
}

static int shell(void *arg)
{
	struct script *script = arg;
	struct process_id ids[2];
	pid_t keeper = getppid();
	sigset_t term;
	int signal;

	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, NULL);
	ids[1] = start_stray();
	process_id_read(getpid(), &ids[0]);
	if (write(script->tell, ids, sizeof ids) != sizeof ids)
		return 9;
	close(script->tell);
	if (script->behaviour == EXIT_SEVEN)
		return 7;
	while (script->behaviour == BE_DEAF)
		pause();
	sigwait(&term, &signal);
	if (script->behaviour == TIDY_UP_ON_TERM && getppid() != keeper)
		keeper_replace(LAB, NULL);
	return 5;
}

static struct scene begin(enum behaviour behaviour)
{
	struct script script = {.behaviour = behaviour};
	struct process_id ids[2];
	struct scene s;
	int tell[2];
	pid_t pid;

	assert_int_equal(pipe2(tell, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		script.tell = tell[1];
		int r = keeper_run(LAB, shell, &script, NULL);
		_exit(r < 0 ? 99 : r);
	}
	close(tell[1]);
	assert_int_equal(process_id_read(pid, &s.keeper), 0);
	assert_int_equal(read(tell[0], ids, sizeof ids), sizeof ids);
	close(tell[0]);
	s.shell = ids[0];
	s.stray = ids[1];
	return s;
}

static int status_of(const struct scene *s)
{
	int status;

	assert_int_equal(waitpid(s->keeper.pid, &status, 0), s->keeper.pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void nothing_is_left(struct place *p, const struct scene *s)
{
	assert_int_equal(process_wait(&s->shell, PATIENCE_MS), 0);
	assert_int_equal(process_wait(&s->stray, PATIENCE_MS), 0);
	assert_int_equal(faccessat(p->dir, "cutaway/labs/" LAB, F_OK, 0), -1);
}

static void the_shell_exits(void **state)
{
	struct scene s = begin(EXIT_SEVEN);

	assert_int_equal(status_of(&s), 7);
	nothing_is_left(*state, &s);
}

static void the_shell_is_killed(void **state)
{
	struct scene s = begin(WAIT_FOR_SIGNAL);
	struct place *p = *state;

	assert_int_equal(faccessat(p->dir, "cutaway/labs/" LAB "/ledger", F_OK, 0), 0);
	assert_true(process_id_alive(&s.stray));
	assert_int_equal(process_id_signal(&s.shell, SIGKILL), 0);
	assert_int_equal(status_of(&s), 128 + SIGKILL);
	nothing_is_left(p, &s);
}

static void signals_are_passed_on(void **state)
{
	struct scene s = begin(WAIT_FOR_SIGNAL);

	assert_int_equal(process_id_signal(&s.keeper, SIGTERM), 0);
	assert_int_equal(status_of(&s), 5);
	nothing_is_left(*state, &s);
}

static void a_deaf_shell_is_ended(void **state)
{
	struct scene s = begin(BE_DEAF);

	assert_int_equal(process_id_signal(&s.keeper, SIGTERM), 0);
	assert_int_equal(status_of(&s), 128 + SIGKILL);
	nothing_is_left(*state, &s);
}

static void the_keeper_is_killed(void **state)
{
	struct scene s = begin(TIDY_UP_ON_TERM);

	assert_int_equal(process_id_signal(&s.keeper, SIGKILL), 0);
	assert_int_equal(status_of(&s), 128 + SIGKILL);
	nothing_is_left(*state, &s);
}

static void both_are_killed(void **state)
{
	struct scene s = begin(WAIT_FOR_SIGNAL);
	const struct sweep_options options = {0};
	struct place *p = *state;

	/* The shell first, while the keeper is stopped and cannot act. */
	assert_int_equal(process_id_signal(&s.keeper, SIGSTOP), 0);
	assert_int_equal(process_id_signal(&s.shell, SIGKILL), 0);
	assert_int_equal(process_id_signal(&s.keeper, SIGKILL), 0);
	assert_int_equal(status_of(&s), 128 + SIGKILL);
	assert_int_equal(faccessat(p->dir, "cutaway/labs/" LAB "/ledger", F_OK, 0), 0);
	assert_true(process_id_alive(&s.stray));
	assert_int_equal(process_wait(&s.shell, PATIENCE_MS), 0);
	assert_int_equal(sweep(&options, NULL, NULL), 0);
	nothing_is_left(p, &s);
}

static pid_t child_of(pid_t parent)
{
	auto_dir proc = opendir("/proc");
	struct dirent *entry;

	while ((entry = readdir(proc))) {
		auto_buf text = BUF_INIT;
		char path[300];
		int ppid;
		const char *after;
		snprintf(path, sizeof path, "/proc/%s/stat", entry->d_name);
		if (file_read_at(AT_FDCWD, path, 8192, &text) < 0)
			continue;
		after = strrchr(buf_text(&text), ')');
		if (after && sscanf(after + 1, " %*c %d", &ppid) == 1 && ppid == parent)
			return atoi(entry->d_name);
	}
	return 0;
}

static int spoil_terminal(void *arg)
{
	struct termios t;
	sigset_t none;

	if (tcgetattr(0, &t) == 0) {
		cfmakeraw(&t);
		tcsetattr(0, TCSANOW, &t);
	}
	if (write(*(int *)arg, "x", 1) != 1)
		return 9;
	sigemptyset(&none);
	sigsuspend(&none);
	return 0;
}

/* A shell that is killed while the terminal is raw: the next prompt is still a usable one. */
static void the_terminal_is_as_before(void **state)
{
	struct termios before, after;
	int master, slave, tell[2], status;
	char byte;
	pid_t pid, shell_pid;

	(void)state;
	assert_int_equal(openpty(&master, &slave, NULL, NULL, NULL), 0);
	assert_int_equal(pipe2(tell, O_CLOEXEC), 0);
	assert_int_equal(tcgetattr(slave, &before), 0);
	pid = fork();
	if (pid == 0) {
		if (login_tty(slave) < 0)
			_exit(98);
		int r = keeper_run(LAB, spoil_terminal, &tell[1], NULL);
		_exit(r < 0 ? 99 : r);
	}
	assert_int_equal(read(tell[0], &byte, 1), 1);
	assert_int_equal(tcgetattr(slave, &after), 0);
	assert_false(after.c_lflag & ICANON);
	shell_pid = tcgetpgrp(master) == pid ? child_of(pid) : 0;
	assert_true(shell_pid > 0);
	assert_int_equal(kill(shell_pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 128 + SIGKILL);
	assert_int_equal(tcgetattr(slave, &after), 0);
	assert_int_equal(after.c_lflag, before.c_lflag);
	assert_int_equal(after.c_iflag, before.c_iflag);
	close(master);
	close(slave);
	close(tell[0]);
	close(tell[1]);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	        T(the_shell_exits),
	        T(the_shell_is_killed),
	        T(signals_are_passed_on),
	        T(a_deaf_shell_is_ended),
	        T(the_keeper_is_killed),
	        T(both_are_killed),
	        T(the_terminal_is_as_before),
	};
	return cmocka_run_group_tests_name("keeper", tests, NULL, NULL);
}
