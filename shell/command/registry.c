/* cutaway registry: a registry of one's own. */
#include "kernel/registry/registry.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "shell/command.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <jansson.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

enum { PEM_MAX = 1 << 20, PORT_DEFAULT = 5000, TIMEOUT_DEFAULT = 60, TIMEOUT_MAX = 86400 };

struct request {
	struct registry_options options;
	char address[64];
	bool verbose, json, detach;
	const char *certificate, *key; /* files of these names */
	const char *pid_file;
	struct buf certificate_text, key_text;
};

/* ---- what is printed ---- */

static void print_json(json_t *line)
{
	auto_free char *text = json_dumps(line, JSON_COMPACT);

	json_decref(line);
	if (text) {
		puts(text);
		fflush(stdout);
	}
}

/* A line a request, whole, from whichever thread. What a client sent must not steer the terminal.
 */
static void print_event(void *data, const struct registry_event *event)
{
	const struct request *q = data;
	auto_buf uri = BUF_INIT;

	for (const char *p = event->uri; *p; p++)
		buf_addc(&uri, (unsigned char)*p <= ' ' || (unsigned char)*p >= 0x7f ? '?' : *p);
	if (q->json)
		print_json(json_pack("{s:s,s:s,s:i,s:I,s:I}", "method", event->method, "uri",
		        buf_text(&uri), "status", event->status, "received",
		        (json_int_t)event->received, "sent", (json_int_t)event->sent));
	else if (event->status)
		fprintf(stderr, "%-6s %d  in %llu  out %llu  %s\n", event->method, event->status,
		        (unsigned long long)event->received, (unsigned long long)event->sent,
		        buf_text(&uri));
	else
		fprintf(stderr, "%-6s ---  in %llu  the client went away  %s\n", event->method,
		        (unsigned long long)event->received, buf_text(&uri));
}

static bool is_loopback(const char *address)
{
	return !strncmp(address, "127.", 4) || !strcmp(address, "::1");
}

static void print_ready(const struct request *q, const struct registry *r)
{
	const char *open = strchr(q->address, ':') ? "[" : "", *close = open[0] ? "]" : "";
	auto_buf url = BUF_INIT;

	buf_addf(&url, "%s://%s%s%s:%u", q->certificate ? "https" : "http", open, q->address, close,
	        registry_port(r));
	if (!is_loopback(q->address))
		fprintf(stderr,
		        "cutaway registry: warning: who reaches this machine can use this "
		        "registry%s\n",
		        q->options.user ? " with the password"
		                        : ", to pull and to push: see --user and --listen");
	if (q->json) {
		print_json(json_pack("{s:s,s:s,s:i}", "listening", buf_text(&url), "name",
		        registry_host(r), "pid", (int)getpid()));
	} else {
		printf("listening on %s: push and pull %s/REPOSITORY:TAG\n", buf_text(&url),
		        registry_host(r));
		fflush(stdout);
	}
}

/* ---- serving ---- */

static int read_pem(const char *path, struct buf *out, struct error *err)
{
	int r = file_read_at(AT_FDCWD, path, PEM_MAX, out);

	return r < 0 ? error_set(err, -r, "read certificate", path, NULL) : 0;
}

static int prepare(struct request *q, struct error *err)
{
	struct rlimit files;
	int r = 0;

	if (q->certificate) {
		r = read_pem(q->certificate, &q->certificate_text, err);
		if (r == 0)
			r = read_pem(q->key, &q->key_text, err);
		q->options.certificate = buf_text(&q->certificate_text);
		q->options.key = buf_text(&q->key_text);
	}
	/* A connection has a socket and perhaps a blob; an upload has a file. */
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &files);
	}
	q->options.address = q->address;
	if (q->verbose || q->json) {
		q->options.log = print_event;
		q->options.log_data = q;
	}
	return r;
}

static int write_pid_file(const char *path, struct error *err)
{
	char text[24];
	int n = snprintf(text, sizeof text, "%d\n", (int)getpid()), r;

	r = file_replace_at(AT_FDCWD, path, text, (size_t)n, 0644);
	return r < 0 ? error_set(err, -r, "write process id", path, NULL) : 0;
}

/* The streams of who started us are not ours any more; `ready` tells them. */
static void let_go(int ready)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	fflush(stdout);
	for (int fd = 0; fd <= 2 && null >= 0; fd++)
		dup2(null, fd);
	if (null > 2)
		close(null);
	if (write(ready, "", 1) < 0)
		_exit(1);
	close(ready);
}

/* Until a signal ends it. `ready` < 0: in the foreground. */
static int serve(struct request *q, int ready)
{
	struct error err = {0};
	struct registry *r = NULL;
	sigset_t ends;
	int status;

	/* Before there are threads: they inherit it, and none is ended in the middle. */
	sigemptyset(&ends);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGHUP);
	sigprocmask(SIG_BLOCK, &ends, NULL);
	signal(SIGPIPE, SIG_IGN);
	status = prepare(q, &err);
	if (status == 0)
		status = registry_start(&q->options, &r, &err);
	if (status == 0 && q->pid_file)
		status = write_pid_file(q->pid_file, &err);
	if (status == 0) {
		print_ready(q, r);
		if (ready >= 0)
			let_go(ready);
		while (sigwaitinfo(&ends, NULL) < 0 && errno == EINTR)
			;
	}
	registry_stop(r);
	if (status == 0 && q->pid_file)
		unlink(q->pid_file);
	return status < 0 ? command_fail("registry", &err) : 0;
}

/* In a session of its own; returns when it listens, or with the exit status of what went wrong. */
static int serve_detached(struct request *q)
{
	int ready[2], status = 0;
	char byte;
	pid_t pid;

	if (pipe2(ready, O_CLOEXEC) < 0 || (pid = fork()) < 0) {
		struct error err = {0};
		error_set(&err, errno, "detach", "registry", NULL);
		return command_fail("registry", &err);
	}
	if (pid == 0) {
		close(ready[0]);
		setsid();
		exit(serve(q, ready[1]));
	}
	close(ready[1]);
	if (read(ready[0], &byte, 1) == 1) {
		close(ready[0]);
		return 0;
	}
	close(ready[0]);
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

/* ---- the command line ---- */

static bool parse_port(const char *text, uint16_t *ret)
{
	size_t n = strlen(text);

	if (n == 0 || n > 5 || strspn(text, "0123456789") != n || atoi(text) > UINT16_MAX)
		return false;
	*ret = (uint16_t)atoi(text);
	return true;
}

/* "127.0.0.1", "127.0.0.1:5000", "[::1]:5000", "::1", "localhost:5000". */
static bool parse_listen(const char *text, struct request *q)
{
	const char *host = text, *end = text + strlen(text), *port = NULL;

	if (text[0] == '[') {
		host = text + 1;
		end = strchr(host, ']');
		if (!end || (end[1] && end[1] != ':'))
			return false;
		port = end[1] ? end + 2 : NULL;
	} else if (strchr(text, ':') && strchr(text, ':') == strrchr(text, ':')) {
		end = strchr(text, ':');
		port = end + 1;
	}
	if (end == host || (size_t)(end - host) >= sizeof q->address)
		return false;
	snprintf(q->address, sizeof q->address, "%.*s", (int)(end - host), host);
	if (!strcmp(q->address, "localhost"))
		strcpy(q->address, "127.0.0.1");
	return !port || parse_port(port, &q->options.port);
}

enum {
	OPTION_STORE = 256,
	OPTION_USER,
	OPTION_TOKEN,
	OPTION_SPARSE,
	OPTION_CERT,
	OPTION_KEY,
	OPTION_PID,
	OPTION_TIMEOUT,
	OPTION_JSON
};

static const struct option long_options[] = {
        {"listen", required_argument, NULL, 'l'},
        {"port", required_argument, NULL, 'p'},
        {"store", required_argument, NULL, OPTION_STORE},
        {"user", required_argument, NULL, OPTION_USER},
        {"token", no_argument, NULL, OPTION_TOKEN},
        {"sparse", no_argument, NULL, OPTION_SPARSE},
        {"tls-cert", required_argument, NULL, OPTION_CERT},
        {"tls-key", required_argument, NULL, OPTION_KEY},
        {"detach", no_argument, NULL, 'd'},
        {"pid-file", required_argument, NULL, OPTION_PID},
        {"timeout", required_argument, NULL, OPTION_TIMEOUT},
        {"verbose", no_argument, NULL, 'v'},
        {"json", no_argument, NULL, OPTION_JSON},
        {0},
};

static bool take_option(struct request *q, int option)
{
	switch (option) {
	case 'l':
		return parse_listen(optarg, q);
	case 'p':
		return parse_port(optarg, &q->options.port);
	case OPTION_STORE:
		q->options.store = optarg;
		return optarg[0];
	case OPTION_USER:
		q->options.user = optarg;
		return strchr(optarg, ':') && optarg[0] != ':';
	case OPTION_TOKEN:
		q->options.tokens = true;
		return true;
	case OPTION_SPARSE:
		q->options.sparse = true;
		return true;
	case OPTION_CERT:
		q->certificate = optarg;
		return true;
	case OPTION_KEY:
		q->key = optarg;
		return true;
	case OPTION_TIMEOUT:
		q->options.timeout = (unsigned)strtoul(optarg, NULL, 10);
		return strspn(optarg, "0123456789") == strlen(optarg) && q->options.timeout > 0 &&
		       q->options.timeout <= TIMEOUT_MAX;
	case OPTION_PID:
		q->pid_file = optarg;
		return true;
	default:
		q->detach |= option == 'd';
		q->verbose |= option == 'v';
		q->json |= option == OPTION_JSON;
		return true;
	}
}

static int parse(int argc, char **argv, struct request *q)
{
	int option;

	optind = 0;
	while ((option = command_option("registry", argc, argv, ":l:p:dv", long_options)) != -1) {
		if (option == '?')
			return EXIT_USAGE;
		if (!take_option(q, option))
			return command_usage_error("registry", "'%s' is not understood", optarg);
	}
	if (optind < argc)
		return command_usage_error("registry", "'%s' is one too many", argv[optind]);
	if (!q->certificate != !q->key)
		return command_usage_error("registry", "--tls-cert and --tls-key go together");
	if (q->options.tokens && !q->options.user)
		return command_usage_error("registry", "--token needs --user");
	if (q->detach && (q->verbose || q->json))
		return command_usage_error(
		        "registry", "a detached registry has nowhere to write its log");
	return 0;
}

static int registry_main(int argc, char **argv)
{
	struct request q = {.address = "127.0.0.1",
	        .options = {.port = PORT_DEFAULT, .timeout = TIMEOUT_DEFAULT}};
	int status = parse(argc, argv, &q);

	if (status == 0)
		status = q.detach ? serve_detached(&q) : serve(&q, -1);
	buf_release(&q.certificate_text);
	buf_release(&q.key_text);
	return status;
}

const struct command command_registry = {
        .name = "registry",
        .usage =
                "Usage: cutaway registry [OPTION]...\n"
                "Serve images as registries do (OCI distribution specification 1.1), until ^C.\n"
                "The images of this machine can be pulled: 'base' is localhost:5000/base:latest.\n"
                "What is pushed is kept in the store, and 'cutaway images' lists it by that name.\n"
                "Only programs on this machine reach it, unless --listen says otherwise. Prints\n"
                "'listening on URL' when it is ready.\n\n"
                "  -l, --listen ADDRESS[:PORT]  where (127.0.0.1:5000)\n"
                "  -p, --port PORT              the port only; 0: any that is free\n"
                "      --store DIR              keep images in this OCI image layout, made when "
                "it\n"
                "                               is not there, and not with those of this machine\n"
                "      --user NAME:PASSWORD     ask for this password\n"
                "      --token                  as big registries do: the password is exchanged "
                "for\n"
                "                               a token, which is good for five minutes\n"
                "      --sparse                 manifests may name what is not there: for a mirror "
                "that\n"
                "                               has some platforms of an index only\n"
                "      --tls-cert FILE, --tls-key FILE   speak HTTPS, with this PEM certificate\n"
                "      --timeout SECONDS        end a connection on which nothing happens (60)\n"
                "  -d, --detach                 return when it listens, and serve on\n"
                "      --pid-file FILE          write its process id there, as long as it serves\n"
                "  -v, --verbose                a line on stderr for each request\n"
                "      --json                   the lines as JSON, on stdout\n\n"
                "Examples:\n"
                "  cutaway registry --verbose\n"
                "  cutaway registry --detach --pid-file registry.pid --store ./registry --port "
                "5001\n"
                "  kill \"$(cat registry.pid)\"\n"
                "  skopeo copy --dest-tls-verify=false oci-archive:base.tar "
                "docker://localhost:5000/base:1\n\n"
                "Exit status: 0 when it was ended by a signal, 1 when it cannot serve, 2 for "
                "wrong\n"
                "usage.\n",
        .main = registry_main,
};
