/* cutaway login, logout: the name and the password that a registry knows us by. */
#include "kernel/remote/credentials.h"

#include "kernel/base/cleanup.h"
#include "shell/command.h"
#include "shell/transfer_options.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <termios.h>

enum { SECRET_MAX = 16 << 10, CANCELLED = 3 /* ^C, when it is a character like others */ };

struct login_words {
	struct transfer_options options;
	const char *user;
	bool from_stdin, all;
};

static const struct option long_options[] = {{"username", required_argument, NULL, 'u'},
        {"password-stdin", no_argument, NULL, 'P'}, {"all", no_argument, NULL, 'a'},
        TRANSFER_OPTIONS, {0}};

/* ---- which registry ------------------------------------------------------------------------ */

/* "HOST[:PORT]", as the beginning of an image's name. */
static int read_registry(const char *command, const char *text, struct reference *ret)
{
	auto_free char *name = NULL;
	struct reference r;
	bool added[REFERENCE_PARTS];

	if (asprintf(&name, "%s/x", text) < 0)
		return 1;
	if (reference_parse(name, &r, NULL, NULL) < 0 || !r.host[0] || r.name_space[0])
		return command_usage_error(command,
		        "'%s': a registry is HOST[:PORT], as in localhost:5000 or quay.io", text);
	reference_complete(&r, ret, added);
	return 0;
}

static int take_option(const char *command, int option, const char *value, struct login_words *w)
{
	bool login = !strcmp(command, "login");

	if (option == 'u' && login)
		w->user = value;
	else if (option == 'P' && login)
		w->from_stdin = true;
	else if (option == 'a' && !login)
		w->all = true;
	else if (strchr("AqTCSR", option) && (login || option == 'A'))
		return transfer_options_take(command, option, value, &w->options);
	else
		return command_usage_error(command, "unknown option '%s'", value ? value : "");
	return 0;
}

static int parse(
        const char *command, int argc, char **argv, struct login_words *w, struct reference *ret)
{
	int option, r;

	transfer_options_init(&w->options);
	optind = 0;
	while ((option = command_option(command, argc, argv, ":u:a", long_options)) != -1) {
		const char *shown = argv[optind - 1];
		if (option == '?')
			return EXIT_USAGE;
		r = take_option(command, option, optarg ? optarg : shown, w);
		if (r != 0)
			return r;
	}
	if (argc - optind > 1)
		return command_usage_error(command, "one registry at a time");
	return read_registry(command, optind < argc ? argv[optind] : "docker.io", ret);
}

/* ---- who ----------------------------------------------------------------------------------- */

/* One line, without its end. */
static int read_line(int fd, char *out, size_t size)
{
	size_t n = 0;
	char c = 0;
	ssize_t r;

	while ((r = read(fd, &c, 1)) != 0) {
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return -errno;
		if (c == CANCELLED)
			return -ECANCELED;
		if (c == '\n' || c == '\r')
			break;
		if (n + 1 >= size)
			return -E2BIG;
		out[n++] = c;
	}
	out[n] = '\0';
	return r == 0 && !n ? -ENODATA : 0;
}

/* Asks at the terminal; what is typed shows only if it may. */
static int ask(const char *question, bool hidden, char *out, size_t size)
{
	auto_close tty = open("/dev/tty", O_RDWR | O_CLOEXEC);
	struct termios before, now;
	int r;

	if (tty < 0 || tcgetattr(tty, &before) < 0)
		return -ENOTTY;
	now = before;
	if (hidden)
		now.c_lflag &= ~(tcflag_t)(ECHO | ISIG);
	dprintf(tty, "%s: ", question);
	tcsetattr(tty, TCSAFLUSH, &now);
	r = read_line(tty, out, size);
	tcsetattr(tty, TCSAFLUSH, &before);
	if (hidden)
		dprintf(tty, "\n");
	return r;
}

/* All of standard input but a line's end behind it. */
static int read_stdin(char *out, size_t size)
{
	size_t n = 0;
	ssize_t r;

	while ((r = read(STDIN_FILENO, out + n, size - n)) != 0) {
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return -errno;
		n += (size_t)r;
		if (n == size)
			return -E2BIG;
	}
	if (n && out[n - 1] == '\n')
		n--;
	if (n && out[n - 1] == '\r')
		n--;
	out[n] = '\0';
	return n ? 0 : -ENODATA;
}

static int not_given(const char *what, int r)
{
	if (r == -ENOTTY)
		return command_usage_error("login",
		        "no terminal to ask for the %s: --username NAME --password-stdin", what);
	fprintf(stderr, "cutaway login: no %s was given%s\n", what,
	        r == -E2BIG ? ": it is too long" : "");
	return 1;
}

static int find_who(const struct login_words *w, char *user, char *password)
{
	int r = 0;

	if (w->user)
		snprintf(user, SECRET_MAX, "%s", w->user);
	else if (w->from_stdin)
		return command_usage_error("login", "--password-stdin goes with --username");
	else
		r = ask("Name", false, user, SECRET_MAX);
	if (r < 0 || !*user)
		return not_given("name", r);
	if (strchr(user, ':'))
		return command_usage_error("login", "a name has no ':' (RFC 7617)");
	r = w->from_stdin ? read_stdin(password, SECRET_MAX)
	                  : ask("Password", true, password, SECRET_MAX);
	return r < 0 || !*password ? not_given("password", r) : 0;
}

/* ---- login --------------------------------------------------------------------------------- */

static int log_in(
        const struct login_words *w, const struct reference *registry, const struct login *who)
{
	struct remote_options remote = w->options.remote;
	auto_free char *where = NULL;
	auto_buf server = BUF_INIT;
	struct error err = {0};
	bool wanted = false;
	int r;

	remote.login = who;
	r = remote_check_login(registry, &remote, &wanted, &err);
	if (r == 0)
		r = credentials_keep(registry, who, remote.auth_file, &where, &err);
	if (r < 0)
		return command_fail("login", &err);
	credentials_server(registry, &server);
	if (!wanted)
		fprintf(stderr, "%s lets in everybody: nobody has looked at the password\n",
		        buf_text(&server));
	if (!w->options.quiet)
		printf("%s at %s: kept in %s\n", who->user, buf_text(&server), where);
	return 0;
}

static int login_main(int argc, char **argv)
{
	auto_free char *user = calloc(2, SECRET_MAX);
	char *password = user ? user + SECRET_MAX : NULL;
	struct login_words w = {0};
	struct reference registry;
	int r = user ? parse("login", argc, argv, &w, &registry) : 1;

	if (r == 0)
		r = find_who(&w, user, password);
	if (r == 0) {
		const struct login who = {.user = user, .password = password};
		r = log_in(&w, &registry, &who);
	}
	if (user)
		explicit_bzero(user, 2 * SECRET_MAX);
	return r;
}

const struct command command_login = {
        .name = "login",
        .usage =
                "Usage: cutaway login [OPTION]... [REGISTRY]\n"
                "Show a registry (HOST[:PORT]; docker.io when none is said) a name and a\n"
                "password, and keep them if it takes them: for pull and push, and for podman and\n"
                "skopeo, which look in the same place. They are kept as text, in a file that only\n"
                "you may read (mode 0600); or by docker-credential-NAME, if that file names such\n"
                "a helper (credHelpers, credsStore). The password is asked for, or read from\n"
                "standard input; it is no option, since others see options in 'ps'.\n\n"
                "  -u, --username NAME      who; else it is asked for\n"
                "      --password-stdin     the password is what standard input says\n"
                "      --authfile FILE      keep it there; else in $REGISTRY_AUTH_FILE, else in\n"
                "                           $XDG_RUNTIME_DIR/containers/auth.json\n"
                "  -q, --quiet              do not say where it is kept\n"
                "      --tls-verify=false   any registry: no proof of who it is\n"
                "      --cert-dir DIR       as of 'cutaway pull'\n"
                "      --timeout SECONDS    give up when nothing came for so long (30)\n\n"
                "Examples:\n"
                "  cutaway login localhost:5000\n"
                "  cutaway login -u anna --password-stdin quay.io <password-file\n\n"
                "Exit status: 0, 1 when it is not taken or cannot be kept, 2 for wrong usage.\n",
        .main = login_main,
};

/* ---- logout -------------------------------------------------------------------------------- */

/* Of what another program keeps elsewhere: that it is there, and nothing more. */
static int not_logged_in(const struct login_words *w, const struct reference *registry)
{
	auto_buf server = BUF_INIT;
	struct credentials c = {0};

	credentials_server(registry, &server);
	fprintf(stderr, "cutaway logout: nothing is kept for %s\n", buf_text(&server));
	if (!w->options.remote.auth_file && credentials_find(registry, NULL, &c, NULL) == 0 &&
	        c.file)
		fprintf(stderr, "  %s has something for it: that is for who wrote it to remove\n",
		        c.file);
	credentials_release(&c);
	return 1;
}

static int logout_main(int argc, char **argv)
{
	auto_free char *where = NULL;
	auto_buf server = BUF_INIT;
	struct login_words w = {0};
	struct reference registry;
	struct error err = {0};
	int r = parse("logout", argc, argv, &w, &registry);

	if (r != 0)
		return r;
	r = w.all ? credentials_forget_all(w.options.remote.auth_file, &where, &err)
	          : credentials_keep(&registry, NULL, w.options.remote.auth_file, &where, &err);
	if (r == -ENOENT && !err.code && !w.all)
		return not_logged_in(&w, &registry);
	if (r < 0 && err.code)
		return command_fail("logout", &err);
	if (r < 0) {
		fprintf(stderr, "cutaway logout: nothing is kept\n");
		return 1;
	}
	credentials_server(&registry, &server);
	printf("%s: removed from %s\n", w.all ? "all" : buf_text(&server), where);
	return 0;
}

const struct command command_logout = {
        .name = "logout",
        .usage = "Usage: cutaway logout [OPTION]... [REGISTRY]\n"
                 "Remove the name and the password that are kept for a registry (docker.io when\n"
                 "none is said), from where 'cutaway login' keeps them.\n\n"
                 "  -a, --all              those of all registries\n"
                 "      --authfile FILE    from this file\n\n"
                 "Example:\n"
                 "  cutaway logout localhost:5000\n\n"
                 "Exit status: 0, 1 when nothing was kept, 2 for wrong usage.\n",
        .main = logout_main,
};
