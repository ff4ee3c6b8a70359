/* An HTTP server that does what a test tells it, also what no server should: liar DIR [ADDRESS]
 *
 * Listens at ADDRESS (127.0.0.1), writes its port to DIR/port, appends the head of each request to
 * DIR/log, and answers one request a connection, as the first line of DIR/rules says that matches:
 *
 *   METHOD PATTERN [WORD=VALUE]... ACTION [ARGUMENT]...
 *
 * PATTERN is one of fnmatch(3) for the path with its query, METHOD may be '*'. The file is read
 * anew for each request. '+' in a VALUE is a blank. Words: has=TEXT hasnot=TEXT   the head has it,
 * or has not once=NAME              only the first time h=NAME:VALUE           one more header of
 * the answer status=N               instead of 200 Actions, FILE below DIR, as media type TYPE:
 *   file FILE TYPE         as good servers do, with ranges
 *   whole FILE TYPE        without ranges
 *   cut N FILE TYPE        promises all of it, sends N bytes of it and closes
 *   stall N FILE TYPE      the same, but keeps the connection open
 *   drip N FILE TYPE       the same, and then a byte every tenth of a second
 *   endless N FILE TYPE    all of it and N bytes more, length not said
 *   raw FILE               these bytes, headers and all
 *   empty                  headers only
 *   silence                nothing at all
 * Without a match: 404. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HEAD_MAX = 32 << 10, WORDS = 24, HEADERS_MAX = 4096 };

struct request {
	char head[HEAD_MAX + 1];
	char method[16], target[8192];
};

struct answer {
	int fd, status;
	bool head_only, ranges, length;
	char headers[HEADERS_MAX];
};

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static void put(int fd, const void *bytes, size_t n)
{
	const char *p = bytes;

	while (n > 0) {
		ssize_t done = send(fd, p, n, MSG_NOSIGNAL);
		if (done <= 0)
			_exit(0);
		p += done;
		n -= (size_t)done;
	}
}

/* Until the client goes away. */
static void stall(int fd)
{
	char bytes[4096];

	while (read(fd, bytes, sizeof bytes) > 0)
		;
	_exit(0);
}

static void log_head(const struct request *r)
{
	int fd = open("log", O_WRONLY | O_CREAT | O_APPEND, 0644);
	size_t n = strlen(r->head);

	if (fd < 0 || write(fd, r->head, n) != (ssize_t)n)
		fail("log");
	close(fd);
}

/* The head; what is sent behind it (a body) is read until all that was announced is there. */
static bool read_request(int fd, struct request *r)
{
	size_t n = 0, body;
	char *end = NULL, *length;

	while (!end && n < HEAD_MAX) {
		ssize_t got = read(fd, r->head + n, HEAD_MAX - n);
		if (got <= 0)
			return false;
		n += (size_t)got;
		r->head[n] = '\0';
		/* Who begins to speak TLS here is told by the end. */
		if (r->head[0] < 'A' || r->head[0] > 'Z')
			return false;
		end = strstr(r->head, "\r\n\r\n");
	}
	if (!end || sscanf(r->head, "%15s %8191s", r->method, r->target) != 2)
		return false;
	length = strcasestr(r->head, "\r\ncontent-length:");
	body = length && length < end ? strtoul(length + 17, NULL, 10) : 0;
	n -= (size_t)(end + 4 - r->head);
	end[4] = '\0';
	while (n < body) {
		char bytes[65536];
		ssize_t got = read(fd, bytes, sizeof bytes);
		if (got <= 0)
			return false;
		n += (size_t)got;
	}
	return true;
}

static void add_header(struct answer *a, const char *format, ...)
{
	size_t n = strlen(a->headers);
	va_list args;

	va_start(args, format);
	vsnprintf(a->headers + n, sizeof a->headers - n, format, args);
	va_end(args);
}

static void put_headers(const struct answer *a)
{
	char line[64];

	snprintf(line, sizeof line, "HTTP/1.1 %d Said\r\n", a->status);
	put(a->fd, line, strlen(line));
	put(a->fd, a->headers, strlen(a->headers));
	put(a->fd, "Connection: close\r\n\r\n", 21);
	if (a->head_only)
		_exit(0);
}

/* The headers for the file, and the file at where its body begins; *ret_left bytes of it. */
static int open_body(const struct request *r, struct answer *a, const char *path, const char *type,
        size_t *ret_left)
{
	const char *range = strcasestr(r->head, "\r\nrange: bytes=");
	int file = open(path, O_RDONLY);
	size_t from = 0, size;
	struct stat st;

	if (file < 0 || fstat(file, &st) < 0)
		fail(path);
	size = (size_t)st.st_size;
	if (a->ranges && range)
		from = strtoul(range + 15, NULL, 10);
	if (from > 0 && from >= size) {
		a->status = 416;
		from = size;
	} else if (from > 0) {
		a->status = 206;
		add_header(a, "Content-Range: bytes %zu-%zu/%zu\r\n", from, size - 1, size);
	}
	add_header(a, "Content-Type: %s\r\n", type ? type : "application/octet-stream");
	if (a->length)
		add_header(a, "Content-Length: %zu\r\n", size - from);
	lseek(file, (off_t)from, SEEK_SET);
	*ret_left = size - from;
	return file;
}

static void put_file(const struct answer *a, int file, size_t n)
{
	char bytes[65536];

	while (n > 0) {
		ssize_t got = read(file, bytes, n < sizeof bytes ? n : sizeof bytes);
		if (got <= 0)
			return;
		put(a->fd, bytes, (size_t)got);
		n -= (size_t)got;
	}
}

static void drip(const struct answer *a, int file)
{
	char byte;

	while (read(file, &byte, 1) == 1) {
		struct pollfd gone = {.fd = a->fd, .events = POLLIN};
		put(a->fd, &byte, 1);
		if (poll(&gone, 1, 100) > 0)
			_exit(0);
	}
}

static void act(const struct request *r, struct answer *a, char **words)
{
	const char *action = words[0];
	bool counted = !strcmp(action, "cut") || !strcmp(action, "stall") ||
	               !strcmp(action, "drip") || !strcmp(action, "endless");
	size_t n = counted ? strtoul(words[1], NULL, 10) : 0, left = 0;
	char **file_words = words + (counted ? 2 : 1);
	struct stat st;
	int file;

	if (!strcmp(action, "silence"))
		stall(a->fd);
	if (!strcmp(action, "empty")) {
		add_header(a, "Content-Length: 0\r\n");
		put_headers(a);
		return;
	}
	if (!strcmp(action, "raw")) {
		file = open(words[1], O_RDONLY);
		if (file < 0 || fstat(file, &st) < 0)
			fail(words[1]);
		put_file(a, file, (size_t)st.st_size);
		return;
	}
	a->ranges = strcmp(action, "whole") != 0;
	a->length = strcmp(action, "endless") != 0;
	file = open_body(r, a, file_words[0], file_words[1], &left);
	put_headers(a);
	if (!counted || !strcmp(action, "endless")) {
		put_file(a, file, left);
		for (; n > 0; n--)
			put(a->fd, "", 1);
		return;
	}
	put_file(a, file, n < left ? n : left);
	if (!strcmp(action, "stall"))
		stall(a->fd);
	if (!strcmp(action, "drip"))
		drip(a, file);
}

/* Whether a condition or setting lets the rule be taken; false for a word that is none. */
static bool is_setting(char *word, const struct request *r, struct answer *a, bool *holds)
{
	char *value = strchr(word, '='), name[64];

	if (!value)
		return false;
	*value++ = '\0';
	for (char *p = value; *p; p++)
		if (*p == '+')
			*p = ' ';
	if (!strcmp(word, "has"))
		*holds = *holds && strstr(r->head, value);
	else if (!strcmp(word, "hasnot"))
		*holds = *holds && !strstr(r->head, value);
	else if (!strcmp(word, "status"))
		a->status = atoi(value);
	else if (!strcmp(word, "h")) {
		char *colon = strchr(value, ':');
		if (colon)
			add_header(a, "%.*s: %s\r\n", (int)(colon - value), value, colon + 1);
	} else if (!strcmp(word, "once") && *holds) {
		int fd;
		snprintf(name, sizeof name, "once.%.50s", value);
		fd = open(name, O_WRONLY | O_CREAT | O_EXCL, 0644);
		*holds = fd >= 0;
	}
	return true;
}

static bool try_rule(char *line, const struct request *r, struct answer *a)
{
	char *words[WORDS + 1] = {0}, *state = NULL;
	bool holds = true;
	size_t n = 0, i = 2;

	for (char *w = strtok_r(line, " \t\n", &state); w && n < WORDS;
	        w = strtok_r(NULL, " \t\n", &state))
		words[n++] = w;
	if (n < 3 || (strcmp(words[0], "*") != 0 && strcmp(words[0], r->method) != 0) ||
	        fnmatch(words[1], r->target, 0) != 0)
		return false;
	a->status = 200;
	a->headers[0] = '\0';
	while (i < n && is_setting(words[i], r, a, &holds))
		i++;
	if (!holds || i >= n)
		return false;
	act(r, a, words + i);
	return true;
}

static void serve(int fd)
{
	static struct request r;
	static struct answer a;
	char *line = NULL;
	size_t size = 0;
	bool answered = false;
	FILE *rules;

	if (!read_request(fd, &r))
		return;
	log_head(&r);
	a.fd = fd;
	a.head_only = !strcmp(r.method, "HEAD");
	rules = fopen("rules", "r");
	while (rules && !answered && getline(&line, &size, rules) > 0)
		answered = try_rule(line, &r, &a);
	if (!answered) {
		a.status = 404;
		a.headers[0] = '\0';
		add_header(&a, "Content-Length: 0\r\n");
		put_headers(&a);
	}
	/* Half a close first: a reset would take what was sent with it. */
	shutdown(fd, SHUT_WR);
	stall(fd);
}

static int listen_at(const char *address)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t n = sizeof at;
	FILE *port;

	if (fd < 0 || inet_pton(AF_INET, address, &at.sin_addr) != 1 ||
	        bind(fd, (struct sockaddr *)&at, sizeof at) < 0 || listen(fd, 64) < 0 ||
	        getsockname(fd, (struct sockaddr *)&at, &n) < 0)
		fail(address);
	port = fopen("port.new", "w");
	if (!port || fprintf(port, "%d\n", ntohs(at.sin_port)) < 0 || fclose(port) != 0 ||
	        rename("port.new", "port") < 0)
		fail("port");
	return fd;
}

int main(int argc, char **argv)
{
	int listener;

	if (argc < 2 || chdir(argv[1]) < 0)
		fail(argc < 2 ? "liar DIR" : argv[1]);
	signal(SIGCHLD, SIG_IGN);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	listener = listen_at(argc > 2 ? argv[2] : "127.0.0.1");
	for (;;) {
		int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0 && errno != EINTR)
			fail("accept");
		if (fd < 0)
			continue;
		if (fork() == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			close(listener);
			serve(fd);
			_exit(0);
		}
		close(fd);
	}
}
