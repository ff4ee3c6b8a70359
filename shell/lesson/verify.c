#include "shell/lesson/verify.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "shell/lesson/clean.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

enum { UNMET_LIMIT = 1 << 20, UNMET_MAX = 64 };

static long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* PATH with the directory of this very program first, so that a script finds `cutaway`. */
static char *path_with_us(void)
{
	char exe[4096];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
	const char *path = getenv("PATH");
	char *all;

	exe[n > 0 ? n : 0] = '\0';
	if (strrchr(exe, '/'))
		*strrchr(exe, '/') = '\0';
	if (asprintf(&all, "PATH=%s:%s", exe, path ? path : "/usr/sbin:/usr/bin:/sbin:/bin") < 0)
		return NULL;
	return all;
}

extern char **environ;

/* Our environment with PATH and CUTAWAY_UNMET of the script's; only the array is the caller's. */
static char **environment_make(char *path, char *unmet)
{
	size_t n = 0, size = 3;
	char **env;

	while (environ[size - 3])
		size++;
	env = calloc(size, sizeof *env);
	if (!env)
		return NULL;
	for (size_t i = 0; environ[i]; i++)
		if (strncmp(environ[i], "PATH=", 5) && strncmp(environ[i], "CUTAWAY_UNMET=", 14))
			env[n++] = environ[i];
	env[n++] = path;
	env[n] = unmet;
	return env;
}

struct child {
	pid_t pid;
	int pidfd, output;
};

/* Forks bash with the script; system calls only between fork and exec. */
static int start(const struct scenario_script *script, const char *directory, char **env,
        struct child *child, struct error *err)
{
	const char *argv[] = {"bash", "-c", script->text, script->path, NULL};
	auto_close null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int pipe[2];
	sigset_t none;

	if (null < 0 || pipe2(pipe, O_CLOEXEC) < 0)
		return error_set(err, errno, "run a script of the lesson", script->path, NULL);
	child->pid = fork();
	if (child->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		setpgid(0, 0); /* so that all it starts can be ended with it */
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		signal(SIGPIPE, SIG_DFL);
		signal(SIGINT, SIG_DFL);
		if (directory && chdir(directory) < 0 && chdir("/") < 0)
			_exit(127);
		if (dup2(null, 0) < 0 || dup2(pipe[1], 1) < 0 || dup2(pipe[1], 2) < 0)
			_exit(127);
		execvpe("bash", (char **)argv, env);
		_exit(127);
	}
	close(pipe[1]);
	child->output = pipe[0];
	if (child->pid < 0) {
		close(pipe[0]);
		return error_set(err, errno, "run a script of the lesson", script->path, NULL);
	}
	setpgid(child->pid, child->pid);
	child->pidfd = (int)syscall(SYS_pidfd_open, child->pid, 0);
	return 0;
}

/* Takes what is there; more than VERIFY_OUTPUT is read and dropped, so that the script can end.
 * False at the end of the output. */
static bool take_output(int fd, struct buf *out)
{
	char chunk[4096];
	ssize_t n = read(fd, chunk, sizeof chunk);
	size_t room = VERIFY_OUTPUT - out->len;

	if (n > 0)
		buf_add_bytes(out, chunk, (size_t)n < room ? (size_t)n : room);
	return n > 0 || (n < 0 && (errno == EINTR || errno == EAGAIN));
}

/* Until the script itself ends, whoever else may still hold its output; or the time is up. */
static void wait_for(struct child *child, int limit_ms, struct buf *out, struct verify_result *ret)
{
	struct pollfd fds[] = {
	        {.fd = child->pidfd, .events = POLLIN}, {.fd = child->output, .events = POLLIN}};
	long deadline = now_ms() + limit_ms;
	int status = 0;

	fcntl(child->output, F_SETFL, O_NONBLOCK);
	for (;;) {
		long left = deadline - now_ms();

		if (left <= 0) {
			ret->timed_out = true;
			break;
		}
		if (poll(fds, 2, (int)left) < 0 && errno != EINTR)
			break;
		if (fds[1].revents && !take_output(child->output, out))
			fds[1].fd = -1;
		if (fds[0].revents)
			break;
	}
	if (ret->timed_out)
		kill(-child->pid, SIGKILL);
	while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR)
		;
	while (fds[1].fd >= 0 && poll(&fds[1], 1, 0) == 1 && take_output(child->output, out))
		;
	ret->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* Whether the script speaks by printing "done": echo done, printf 'done'. The `done` of a loop is
 * no such word. */
static bool prints_done(const char *script)
{
	for (const char *p = script; (p = strstr(p, "done")); p += 4) {
		const char *line = p, *echo;

		if (isalnum((unsigned char)p[4]) || p[4] == '_')
			continue;
		while (line > script && line[-1] != '\n' && line[-1] != ';')
			line--;
		echo = strstr(line, "echo ");
		if (!echo || echo > p)
			echo = strstr(line, "printf ");
		if (!echo || echo > p)
			continue;
		echo += strcspn(echo, " ");
		if (echo + strspn(echo, " \t\"'-ne") == p)
			return true;
	}
	return false;
}

static bool has_done_line(const char *output)
{
	while (*output) {
		size_t n = strcspn(output, "\n"), blank = strspn(output, " \t");

		if (n >= blank + 4 && !strncmp(output + blank, "done", 4) &&
		        strspn(output + blank + 4, " \t") == n - blank - 4)
			return true;
		output += n + (output[n] == '\n');
	}
	return false;
}

static char *copy_string(const json_t *object, const char *key)
{
	const char *value = json_string_value(json_object_get(object, key));

	return strdup(value ? value : "");
}

/* The file is written by scripts: what is no JSON line in it is passed over. */
static int read_unmet(const char *path, struct verify_result *ret)
{
	auto_buf text = BUF_INIT;

	if (file_read_at(AT_FDCWD, path, UNMET_LIMIT, &text) < 0 || !text.len)
		return 0;
	ret->unmet = calloc(UNMET_MAX, sizeof *ret->unmet);
	if (!ret->unmet)
		return -ENOMEM;
	for (char *line = text.data; *line && ret->n_unmet < UNMET_MAX;) {
		size_t n = strcspn(line, "\n");
		json_t *object = json_loadb(line, n, 0, NULL);
		struct verify_unmet *unmet = &ret->unmet[ret->n_unmet];

		if (object) {
			unmet->fact = copy_string(object, "fact");
			unmet->wanted = copy_string(object, "wanted");
			unmet->text = copy_string(object, "text");
			ret->n_unmet++;
			json_decref(object);
			if (!unmet->fact || !unmet->wanted || !unmet->text)
				return -ENOMEM;
		}
		line += n + (line[n] == '\n');
	}
	return 0;
}

static int run(const struct scenario_script *script, const struct verify_options *options,
        const char *unmet, struct verify_result *ret, struct error *err)
{
	auto_free char *path = path_with_us(), *setting = NULL;
	auto_free char **env = NULL;
	auto_buf output = BUF_INIT;
	struct child child = {.pidfd = -1, .output = -1};
	int r;

	if (asprintf(&setting, "CUTAWAY_UNMET=%s", unmet) < 0)
		setting = NULL;
	env = path && setting ? environment_make(path, setting) : NULL;
	if (!env)
		return error_set(err, ENOMEM, "run a script of the lesson", script->path, NULL);
	r = start(script, options->directory, env, &child, err);
	if (r < 0)
		return r;
	wait_for(&child, options->limit_ms ? options->limit_ms : VERIFY_LIMIT_MS, &output, ret);
	close(child.output);
	close(child.pidfd);
	clean_text(buf_text(&output), output.len, true, &ret->output);
	ret->passed = !ret->timed_out && (has_done_line(buf_text(&output)) ||
	                                         (ret->status == 0 && !prints_done(script->text)));
	if (read_unmet(unmet, ret) < 0 || buf_failed(&output) || buf_failed(&ret->output))
		return error_set(err, ENOMEM, "run a script of the lesson", script->path, NULL);
	return 0;
}

int verify_run(const struct scenario_script *script, const struct verify_options *options,
        struct verify_result *ret, struct error *err)
{
	/* In memory: whenever we end, and however, no file is left. */
	auto_close fd = memfd_create("unmet", MFD_CLOEXEC);
	auto_free char *unmet = NULL;
	struct verify_result result = {0};
	int r;

	if (!script->path) {
		*ret = (struct verify_result){.passed = true};
		return 0;
	}
	if (fd < 0)
		return error_set(err, errno, "make a file in memory for", script->path, NULL);
	if (asprintf(&unmet, "/proc/%d/fd/%d", (int)getpid(), fd) < 0)
		return error_set(err, ENOMEM, "run a script of the lesson", script->path, NULL);
	r = run(script, options, unmet, &result, err);
	if (r < 0) {
		verify_result_release(&result);
		return r;
	}
	*ret = result;
	return 0;
}

void verify_result_release(struct verify_result *r)
{
	for (size_t i = 0; i < r->n_unmet; i++) {
		free(r->unmet[i].fact);
		free(r->unmet[i].wanted);
		free(r->unmet[i].text);
	}
	free(r->unmet);
	buf_release(&r->output);
	*r = (struct verify_result){0};
}

static void add_quoted(const char *text, struct buf *out)
{
	buf_addc(out, '\'');
	for (; *text; text++) {
		if (*text == '\'')
			buf_add(out, "'\\''");
		else
			buf_addc(out, *text);
	}
	buf_addc(out, '\'');
}

void verify_page_opening(const struct scenario_page *page, struct buf *out)
{
	if (page->background.path) {
		/* The brackets keep job control from telling of its end. */
		buf_add(out, "(bash -c ");
		add_quoted(page->background.text, out);
		buf_addc(out, ' ');
		add_quoted(page->background.path, out);
		buf_add(out, " </dev/null >/dev/null 2>&1 &)\n");
	}
	if (page->foreground.path)
		buf_add(out, page->foreground.text);
}
