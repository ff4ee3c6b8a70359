#include "kernel/remote/credential_helper.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/deadline.h"
#include "kernel/base/file.h"
#include "kernel/base/shown.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>

enum {
	ANSWER_LIMIT = 64 << 10,
	PATIENCE_MS = 120 * 1000, /* it may ask a person to open a key ring */
};

extern char **environ;

struct asking {
	const char *name, *word, *server;
	struct buf answer;
	int status;
};

static int failed(const struct asking *a, int code, const char *cause, struct error *err)
{
	char program[96];

	snprintf(program, sizeof program, "docker-credential-%.60s %s", a->name, a->word);
	return error_set(err, code, "ask", program, "%s", cause);
}

static int start(const struct asking *a, int input, int output, pid_t *ret)
{
	posix_spawn_file_actions_t actions;
	char *program = NULL, *argv[3];
	int r;

	if (asprintf(&program, "docker-credential-%s", a->name) < 0)
		return -ENOMEM;
	argv[0] = program;
	argv[1] = (char *)a->word;
	argv[2] = NULL;
	r = posix_spawn_file_actions_init(&actions);
	if (r == 0) {
		r = posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
		if (!r)
			r = posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
		if (!r)
			r = posix_spawnp(ret, program, &actions, NULL, argv, environ);
		posix_spawn_file_actions_destroy(&actions);
	}
	free(program);
	return -r;
}

/* All that it says, until it says no more. */
static int read_answer(struct asking *a, int fd)
{
	deadline_ms end = deadline_in(PATIENCE_MS);
	char bytes[4096];
	ssize_t n;

	for (;;) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		int r = poll(&p, 1, deadline_left(end));
		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0)
			return r < 0 ? -errno : -ETIMEDOUT;
		n = read(fd, bytes, sizeof bytes);
		if (n <= 0)
			return n < 0 ? -errno : 0;
		if (a->answer.len + (size_t)n > ANSWER_LIMIT)
			return -EFBIG;
		buf_add_bytes(&a->answer, bytes, (size_t)n);
		explicit_bzero(bytes, (size_t)n);
	}
}

/* The question fits into a pipe: what is written there waits until it is read, or is never read. */
static int put_question(const char *question, int *ret)
{
	auto_close from = -1, to = -1;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
		return -errno;
	from = ends[0];
	to = ends[1];
	if (write(to, question, strlen(question)) != (ssize_t)strlen(question))
		return -E2BIG;
	fcntl(from, F_SETFL, 0);
	*ret = steal_fd(&from);
	return 0;
}

static int converse(struct asking *a, const char *question)
{
	auto_close input = -1, answer = -1, output = -1;
	int ends[2], r = put_question(question, &input);
	pid_t pid = 0;

	if (r < 0)
		return r;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	answer = ends[0];
	output = ends[1];
	r = start(a, input, output, &pid);
	if (r < 0)
		return r;
	cleanup_fd(&output);
	cleanup_fd(&input);
	r = read_answer(a, answer);
	if (r < 0)
		kill(pid, SIGKILL);
	while (waitpid(pid, &a->status, 0) < 0 && errno == EINTR)
		;
	return r;
}

/* A name with a '/' in it would be a program of whoever wrote the file, anywhere. */
static bool name_ok(const char *name)
{
	static const char set[] =
	        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
	size_t n = strlen(name);

	return n > 0 && n <= 60 && strspn(name, set) == n;
}

static int ask(struct asking *a, const char *question, struct error *err)
{
	auto_buf said = BUF_INIT;
	int r = name_ok(a->name) ? converse(a, question) : -EINVAL;

	if (r == -EINVAL)
		return failed(a, EINVAL, "that is no name of a helper", err);
	if (r == -ENOENT)
		return failed(a, ECHILD, "it is not installed", err);
	if (r == -ETIMEDOUT)
		return failed(a, ETIMEDOUT, "it does not answer", err);
	if (r < 0)
		return failed(a, -r, strerror(-r), err);
	if (WIFEXITED(a->status) && WEXITSTATUS(a->status) == 0)
		return 0;
	/* Why not stands where the answer would. */
	if (strstr(buf_text(&a->answer), "credentials not found"))
		return -ENOENT;
	if (a->answer.data)
		a->answer.data[strcspn(a->answer.data, "\n")] = '\0';
	buf_add_shown(&said, buf_text(&a->answer));
	return failed(a, EREMOTEIO, said.len ? buf_text(&said) : "it has failed", err);
}

static void release(struct asking *a)
{
	if (a->answer.data)
		explicit_bzero(a->answer.data, a->answer.len);
	buf_release(&a->answer);
}

int credential_helper_get(
        const char *name, const char *server, struct credentials *ret, struct error *err)
{
	struct asking a = {.name = name, .word = "get", .server = server};
	const char *user, *secret;
	json_t *o = NULL;
	int r = ask(&a, server, err);

	if (r == 0) {
		o = json_loadb(buf_text(&a.answer), a.answer.len, 0, NULL);
		user = json_string_value(json_object_get(o, "Username"));
		secret = json_string_value(json_object_get(o, "Secret"));
		if (!user || !secret || !*secret)
			r = failed(&a, EBADMSG, "its answer is no name and secret", err);
		else if (!strcmp(user, "<token>"))
			r = (ret->identity_token = strdup(secret)) ? 0 : -ENOMEM;
		else
			r = credentials_encode(user, secret, &ret->basic);
	}
	json_decref(o);
	release(&a);
	return r;
}

int credential_helper_store(const char *name, const char *server, const char *user,
        const char *password, struct error *err)
{
	struct asking a = {.name = name, .word = "store", .server = server};
	json_t *o = json_pack(
	        "{s:s, s:s, s:s}", "ServerURL", server, "Username", user, "Secret", password);
	char *question = o ? json_dumps(o, JSON_COMPACT) : NULL;
	int r = question ? ask(&a, question, err)
	                 : failed(&a, EILSEQ, "name or password is not UTF-8", err);

	if (question)
		explicit_bzero(question, strlen(question));
	free(question);
	json_decref(o);
	release(&a);
	return r;
}

int credential_helper_erase(const char *name, const char *server, struct error *err)
{
	struct asking a = {.name = name, .word = "erase", .server = server};
	int r = ask(&a, server, err);

	release(&a);
	return r;
}
