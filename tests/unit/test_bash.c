/* The bash behind the prompt: statuses, directories, jobs on a terminal, ends of every kind. */
#include "kernel/base/cleanup.h"
#include "shell/bash.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

/* A session without a terminal, its output in a pipe. */
struct plain {
	struct bash_session *s;
	int out[2], in;
};

static void plain_start(struct plain *p, const char *const *env)
{
	struct bash_options o = {.also_fd = -1, .directory = "/", .environment = env};
	struct error err = {0};

	assert_int_equal(pipe2(p->out, O_CLOEXEC), 0);
	p->in = open("/dev/null", O_RDONLY | O_CLOEXEC);
	o.in = p->in;
	o.out = o.err = p->out[1];
	assert_int_equal(bash_session_start(&o, &p->s, &err), 0);
}

static void plain_stop(struct plain *p)
{
	bash_session_close(p->s);
	close(p->out[0]);
	close(p->out[1]);
	close(p->in);
}

static int run(struct plain *p, const char *text)
{
	struct error err = {0};
	int status = -1;

	assert_int_equal(bash_session_run(p->s, text, &status, &err), 0);
	return status;
}

static const char *output(struct plain *p, char *text, size_t size)
{
	struct pollfd fd = {.fd = p->out[0], .events = POLLIN};
	ssize_t n = poll(&fd, 1, 2000) == 1 ? read(p->out[0], text, size - 1) : 0;

	text[n > 0 ? n : 0] = '\0';
	return text;
}

static void test_status_and_state(void **state)
{
	struct plain p;
	char text[256];

	(void)state;
	plain_start(&p, NULL);
	assert_string_equal(bash_session_directory(p.s), "/");
	assert_int_equal(run(&p, "true"), 0);
	assert_int_equal(run(&p, "false"), 1);
	assert_int_equal(run(&p, "(exit 42)"), 42);
	assert_int_equal(run(&p, "echo $?"), 0);
	assert_string_equal(output(&p, text, sizeof(text)), "42\n");
	assert_int_equal(run(&p, "no-such-command-of-mine 2>/dev/null"), 127);
	assert_int_equal(run(&p, "x='a  b'; f() { echo \"<$x>\"; }"), 0);
	assert_int_equal(run(&p, "f"), 0);
	assert_string_equal(output(&p, text, sizeof(text)), "<a  b>\n");
	assert_int_equal(run(&p, "cd /usr/lib"), 0);
	assert_string_equal(bash_session_directory(p.s), "/usr/lib");
	assert_int_equal(run(&p, ""), 0);
	assert_int_equal(run(&p, "for i in 1 2; do\n echo $i\ndone"), 0);
	assert_string_equal(output(&p, text, sizeof(text)), "1\n2\n");
	plain_stop(&p);
}

static void test_syntax_error_survives(void **state)
{
	struct plain p;

	(void)state;
	plain_start(&p, NULL);
	assert_int_not_equal(run(&p, "if then"), 0);
	assert_int_equal(run(&p, "true"), 0);
	plain_stop(&p);
}

static void test_environment_and_descriptors(void **state)
{
	const char *const env[] = {"CUTAWAY_LAB=stage-test", "HOME", NULL};
	struct plain p;
	char text[256];

	(void)state;
	setenv("COLUMNS", "33", 1);
	plain_start(&p, env);
	run(&p, "sh -c 'echo $CUTAWAY_LAB,$HOME,$COLUMNS,$PROMPT_COMMAND'");
	assert_string_equal(output(&p, text, sizeof(text)), "stage-test,,,\n");
	run(&p, "readlink /proc/self/fd/* | grep -c socket");
	assert_string_equal(output(&p, text, sizeof(text)), "0\n");
	run(&p, "exec 5>/dev/null");
	run(&p, "[ -e /proc/self/fd/5 ] && echo kept");
	assert_string_equal(output(&p, text, sizeof(text)), "kept\n");
	plain_stop(&p);
	unsetenv("COLUMNS");
}

static void test_trace_shows_only_commands(void **state)
{
	struct plain p;
	char text[256];

	(void)state;
	plain_start(&p, NULL);
	run(&p, "set -x");
	run(&p, "true one");
	run(&p, "set +x");
	run(&p, "true two");
	assert_string_equal(output(&p, text, sizeof(text)), "+++ true one\n+++ set +x\n");
	plain_stop(&p);
}

static void test_exit(void **state)
{
	struct plain p;
	struct error err = {0};
	int status = 0;

	(void)state;
	plain_start(&p, NULL);
	assert_int_equal(bash_session_run(p.s, "exit 7", &status, &err), -ESHUTDOWN);
	assert_int_equal(status, 7);
	assert_int_equal(bash_session_end(p.s), BASH_EXITED);
	assert_int_equal(bash_session_run(p.s, "true", &status, &err), -ESHUTDOWN);
	plain_stop(&p);
}

static void test_killed(void **state)
{
	struct plain p;
	struct error err = {0};
	int status = 0;

	(void)state;
	plain_start(&p, NULL);
	assert_int_equal(bash_session_run(p.s, "kill -KILL $$", &status, &err), -ESHUTDOWN);
	assert_int_equal(status, 128 + SIGKILL);
	assert_int_equal(bash_session_end(p.s), BASH_KILLED);
	plain_stop(&p);
}

/* A background process that keeps our output open must not keep bash's end from being seen. */
static void test_exit_with_background_job(void **state)
{
	struct plain p;
	struct error err = {0};
	char text[64];
	int status = 0;

	(void)state;
	plain_start(&p, NULL);
	run(&p, "sleep 1000 & echo $!");
	output(&p, text, sizeof(text));
	assert_int_equal(bash_session_run(p.s, "exit", &status, &err), -ESHUTDOWN);
	kill((pid_t)atoi(text), SIGKILL);
	plain_stop(&p);
}

static void ready(void *data)
{
	int *fds = data;
	char c;

	assert_int_equal(read(fds[0], &c, 1), 1);
	assert_int_equal(write(fds[2], "y\n", 2), 2);
}

/* While a command runs we are called for also_fd: here the command waits for what we then do. */
static void test_also_fd(void **state)
{
	struct bash_options o = {.directory = "/"};
	struct bash_session *s;
	struct error err = {0};
	int also[2], in[2], fds[3], status = -1;

	(void)state;
	assert_int_equal(pipe2(also, O_CLOEXEC), 0);
	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	fds[0] = also[0];
	fds[2] = in[1];
	o.in = in[0];
	o.out = o.err = 1;
	o.also_fd = also[0];
	o.ready = ready;
	o.data = fds;
	assert_int_equal(bash_session_start(&o, &s, &err), 0);
	assert_int_equal(write(also[1], "x", 1), 1);
	assert_int_equal(bash_session_run(s, "read -r line; [ $line = y ]", &status, &err), 0);
	assert_int_equal(status, 0);
	bash_session_close(s);
	for (int i = 0; i < 2; i++) {
		close(also[i]);
		close(in[i]);
	}
}

static void test_incomplete(void **state)
{
	static const char *const complete[] = {"", "ls", "echo 'a b'", "if true; then :; fi",
	        "if then", "echo )", "cat <<E\nx\nE", "# it's a comment", "echo \\\\", NULL};
	static const char *const open[] = {"if true; then", "echo 'a", "echo \"a", "cat <<E",
	        "cat <<E\nx", "echo \\", "f() {", "(true", "true |", "true &&", "for i in 1 2",
	        "$(", NULL};
	struct error err = {0};

	(void)state;
	for (size_t i = 0; complete[i]; i++)
		if (bash_incomplete(complete[i], &err))
			fail_msg("'%s' is taken for incomplete", complete[i]);
	for (size_t i = 0; open[i]; i++)
		if (bash_incomplete(open[i], &err) != 1)
			fail_msg("'%s' is taken for complete", open[i]);
}

static void test_syntax(void **state)
{
	static const struct {
		const char *shell, *text;
		int line;
		const char *what;
	} cases[] = {
	        {"bash", "", 0, ""},
	        {"bash", "a=(1 2)\n[[ x == @(x|y) ]]", 0, ""},
	        {"bash", "echo a\n\nfi\n", 3, "syntax error near unexpected token `fi'"},
	        {"sh", "if true; then\n:\nfi\n", 0, ""},
	        {"sh", "echo\na=(1 2)\n", 2, "Syntax error: \"(\" unexpected"},
	        {"sh", "-c", 0, ""}, /* a text, not an option */
	        {"no-such-shell", "ls", -ENOENT, ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		auto_buf what = BUF_INIT;
		struct error err = {0};

		assert_int_equal(
		        bash_syntax(cases[i].shell, cases[i].text, &what, &err), cases[i].line);
		assert_string_equal(buf_text(&what), cases[i].what);
	}
}

/* On a terminal: a child of ours leads a session on a pty and plays the REPL; we play the person
 * at the keyboard. Each line that `script` prints is an event we can wait for. */
struct person {
	pid_t pid;
	int master;
	struct buf seen;
	size_t looked;
};

static void person_await(struct person *p, const char *text)
{
	char chunk[512];
	struct pollfd fd = {.fd = p->master, .events = POLLIN};
	const char *found;
	ssize_t n;

	while (!(found = strstr(buf_text(&p->seen) + p->looked, text))) {
		if (poll(&fd, 1, 5000) != 1)
			fail_msg("waited for '%s', saw: %s", text, buf_text(&p->seen));
		n = read(p->master, chunk, sizeof(chunk));
		if (n <= 0)
			fail_msg(
			        "waited for '%s', saw the end after: %s", text, buf_text(&p->seen));
		buf_add_bytes(&p->seen, chunk, (size_t)n);
	}
	p->looked = (size_t)(found - buf_text(&p->seen)) + strlen(text);
}

static void person_type(struct person *p, const char *keys)
{
	assert_int_equal(write(p->master, keys, strlen(keys)), (ssize_t)strlen(keys));
}

static void play_repl(const char *const *script)
{
	struct bash_options o = {.also_fd = -1, .directory = "/"};
	struct bash_session *s;
	struct error err = {0};
	int status;

	if (bash_session_start(&o, &s, &err) < 0)
		_exit(99);
	for (size_t i = 0; script[i]; i++) {
		if (bash_session_run(s, script[i], &status, &err) < 0)
			_exit(98);
		printf("status=%d owner=%s\n", status, tcgetpgrp(0) == getpgrp() ? "us" : "other");
		fflush(stdout);
	}
	bash_session_close(s);
	_exit(0);
}

static void person_start(struct person *p, const char *const *script)
{
	*p = (struct person){0};
	p->pid = forkpty(&p->master, NULL, NULL, NULL);
	assert_true(p->pid >= 0);
	if (!p->pid)
		play_repl(script);
}

static void person_stop(struct person *p, int want)
{
	char chunk[512];
	int status;

	while (read(p->master, chunk, sizeof(chunk)) > 0)
		;
	close(p->master);
	assert_int_equal(waitpid(p->pid, &status, 0), p->pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), want);
	buf_release(&p->seen);
}

static void test_terminal_interrupt(void **state)
{
	/* With the terminal nothing of ours is inherited: ls itself opens 3. */
	const char *const script[] = {"ls /proc/self/fd | tr '\\n' ' '", "tty",
	        "sh -c 'echo begin-$((1+1)); exec sleep 1000'",
	        "while :; do sh -c 'echo loop-$((1+1)); exec sleep 1000'; done",
	        "echo spin-$((1+1)); while :; do :; done", "echo alive-$((1+1))", NULL};
	struct person p;

	(void)state;
	person_start(&p, script);
	person_await(&p, "0 1 2 3 status=0");
	person_await(&p, "/dev/pts/");
	person_await(&p, "begin-2");
	person_type(&p, "\003"); /* the job itself has spoken, so it has the terminal */
	person_await(&p, "status=130 owner=us");
	person_await(&p, "loop-2");
	person_type(&p, "\003");
	person_await(&p, "status=130 owner=us");
	person_await(&p, "spin-2");
	person_type(&p, "\003");
	person_await(&p, "status=130 owner=us");
	person_await(&p, "alive-2");
	person_await(&p, "status=0 owner=us");
	person_stop(&p, 0);
}

static void test_terminal_suspend(void **state)
{
	const char *const script[] = {
	        "cat", "jobs", "fg", "stty raw -echo", "echo a; echo b", "exit 3", NULL};
	struct person p;

	(void)state;
	person_start(&p, script);
	person_type(&p, "hello\n");
	person_await(&p, "hello\r\nhello\r\n");
	person_type(&p, "\032");
	person_await(&p, "Stopped");
	person_await(&p, "status=148 owner=us");
	person_await(&p, "Stopped"); /* `jobs` */
	person_await(&p, "status=0 owner=us");
	person_await(&p, "cat\r\n"); /* `fg` names what it resumes */
	person_type(&p, "again\n");
	person_await(&p, "again\r\nagain\r\n");
	person_type(&p, "\004");
	person_await(&p, "status=0 owner=us");
	person_await(&p, "status=0 owner=us\r\n"); /* raw mode did not stay with us */
	person_await(&p, "a");
	person_await(&p, "status=0 owner=us");
	person_stop(&p, 98); /* `exit` ends the session, which the script takes for a failure */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_status_and_state),
	        cmocka_unit_test(test_syntax_error_survives),
	        cmocka_unit_test(test_environment_and_descriptors),
	        cmocka_unit_test(test_trace_shows_only_commands),
	        cmocka_unit_test(test_exit),
	        cmocka_unit_test(test_killed),
	        cmocka_unit_test(test_exit_with_background_job),
	        cmocka_unit_test(test_also_fd),
	        cmocka_unit_test(test_incomplete),
	        cmocka_unit_test(test_syntax),
	        cmocka_unit_test(test_terminal_interrupt),
	        cmocka_unit_test(test_terminal_suspend),
	};

	/* What we were started with is none of bash's doing. */
	close_range(3, ~0U, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
