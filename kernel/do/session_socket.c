/* The control socket of a monitor: one request a connection, one answer, unix(7). */
#include "kernel/base/cleanup.h"
#include "kernel/base/dirs.h"
#include "kernel/do/container_state.h"
#include "kernel/do/session.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum { REQUEST_MAX = 4096, ANSWER_MAX = 4 << 20 };

/* A socket's name has 108 bytes at most and directories may be deep: a descriptor of the directory
 * is short. */
static int address(int directory, struct sockaddr_un *ret)
{
	*ret = (struct sockaddr_un){.sun_family = AF_UNIX};
	return snprintf(ret->sun_path, sizeof ret->sun_path, "/proc/self/fd/%d/control",
	               directory) < (int)sizeof ret->sun_path
	               ? 0
	               : -ENAMETOOLONG;
}

int session_listen(struct container *c, int *ret_fd, struct error *err)
{
	auto_close directory = open(c->directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	auto_close fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un name;

	if (directory < 0 || fd < 0 || address(directory, &name) < 0 ||
	        bind(fd, (struct sockaddr *)&name, sizeof name) < 0 || listen(fd, 8) < 0)
		return error_set(err, errno, "make control socket", c->directory, NULL);
	*ret_fd = steal_fd(&fd);
	return 0;
}

static int read_all(int fd, size_t limit, struct buf *out)
{
	char bytes[4096];
	ssize_t n;

	while ((n = read(fd, bytes, sizeof bytes)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		buf_add_bytes(out, bytes, (size_t)n);
		if (out->len > limit)
			return -EFBIG;
	}
	return buf_failed(out) ? -ENOMEM : 0;
}

static int send_json(int fd, const json_t *json)
{
	auto_free char *text = json_dumps(json, JSON_COMPACT);
	size_t left = text ? strlen(text) : 0;

	if (!text)
		return -ENOMEM;
	for (const char *p = text; left;) {
		ssize_t n = send(fd, p, left, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		p += n;
		left -= (size_t)n;
	}
	return 0;
}

int session_serve(int listening, struct container *c)
{
	auto_close fd = accept4(listening, NULL, NULL, SOCK_CLOEXEC);
	/* Who connects and says nothing may not hold us up. */
	struct timeval patience = {.tv_sec = 1};
	auto_buf text = BUF_INIT;
	json_t *request = NULL, *answer = NULL;
	int r;

	if (fd < 0)
		return 0;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
	if (read_all(fd, REQUEST_MAX, &text) < 0)
		return 0;
	request = json_loadb(buf_text(&text), text.len, 0, NULL);
	if (!request)
		return 0;
	r = session_answer(c, request, &answer);
	if (answer)
		send_json(fd, answer);
	/* The first process may have been cloned while this was open, and holds a copy of it:
	 * closing ours alone would not end the connection. */
	shutdown(fd, SHUT_RDWR);
	json_decref(request);
	json_decref(answer);
	return r > 0;
}

/* Why there is nobody to ask. */
static int no_session(const char *name, int code, struct error *err)
{
	json_t *state = NULL;
	int r = container_load(name, &state, err);

	if (r < 0)
		return r;
	if (code == ENOENT || code == ECONNREFUSED)
		error_set(err, code, "step through container", name, "%s",
		        !strcmp(container_status_text(state), "running")
		                ? "it was not started with --step: all its steps are done"
		                : "it has ended");
	else
		error_set(err, code, "step through container", name, NULL);
	error_advise(err, "start one with 'cutaway run -d --step --name NAME IMAGE'");
	json_decref(state);
	return -code;
}

static int connect_to(const char *name, int *ret, struct error *err)
{
	auto_free char *below = NULL, *path = NULL;
	auto_close directory = -1, fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un to;
	int r;

	if (!container_name_ok(name))
		return error_set(
		        err, EINVAL, "step through container", name, "that is no container name");
	if (fd < 0 || asprintf(&below, "containers/%s", name) < 0)
		return error_set(err, ENOMEM, "step through container", name, NULL);
	r = dirs_path(DIRS_RUNTIME, below, false, &path, err);
	if (r < 0)
		return r;
	directory = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (directory < 0)
		return no_session(name, errno, err);
	if (address(directory, &to) < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) < 0)
		return no_session(name, errno, err);
	*ret = steal_fd(&fd);
	return 0;
}

int session_ask(const char *name, const json_t *request, json_t **ret, struct error *err)
{
	auto_buf text = BUF_INIT;
	auto_close fd = -1;
	int r = connect_to(name, &fd, err);

	if (r < 0)
		return r;
	r = send_json(fd, request);
	if (r == 0 && shutdown(fd, SHUT_WR) < 0)
		r = -errno;
	if (r == 0)
		r = read_all(fd, ANSWER_MAX, &text);
	if (r < 0)
		return error_set(err, -r, "ask the monitor of", name, NULL);
	*ret = json_loadb(buf_text(&text), text.len, 0, NULL);
	if (!*ret)
		return error_set(err, EPROTO, "ask the monitor of", name, "it gave no answer");
	return 0;
}
