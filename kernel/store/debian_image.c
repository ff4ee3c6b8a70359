#include "kernel/store/debian_image.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/store/layer.h"
#include "kernel/store/platform.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { OS_RELEASE_LIMIT = 64 << 10, SOURCES_MAX = 64, CREATED_SIZE = 32 };

extern char **environ;

/* ---- which Debian -------------------------------------------------------------------------- */

/* The value of a line NAME=VALUE of os-release(5), without quotes; the caller's. */
static char *os_release(const char *text, const char *name)
{
	size_t n = strlen(name);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		const char *value = line + (*line == '\n') + n + 1;
		line += *line == '\n';
		if (strncmp(line, name, n) != 0 || line[n] != '=')
			continue;
		value += *value == '"';
		return strndup(value, strcspn(value, "\"\n"));
	}
	return NULL;
}

static int own_suite(char **ret, struct error *err)
{
	auto_buf text = BUF_INIT;
	auto_free char *id = NULL;

	file_read_at(AT_FDCWD, "/etc/os-release", OS_RELEASE_LIMIT, &text);
	id = os_release(buf_text(&text), "ID");
	if (id && !strcmp(id, "debian"))
		*ret = os_release(buf_text(&text), "VERSION_CODENAME");
	if (*ret)
		return 0;
	error_set(err, EINVAL, "choose suite", DEBIAN_IMAGE, "this machine is no Debian");
	error_advise(err, "say which one: --suite bookworm, and from where: --mirror URL");
	return -EINVAL;
}

/* ---- mmdebstrap ---------------------------------------------------------------------------- */

/* Its arguments end with where packages come from: what was said, or the files of apt. */
static int run(const char *suite, const char *mirror, const glob_t *sources, int output, pid_t *ret)
{
	char program[] = "mmdebstrap", variant[] = "--variant=minbase", format[] = "--format=tar";
	char output_file[] = "-";
	char *argv[SOURCES_MAX + 8] = {program, variant, format, (char *)suite, output_file};
	posix_spawn_file_actions_t actions;
	size_t n = 5;
	int r;

	if (mirror)
		argv[n++] = (char *)mirror;
	for (size_t i = 0; !mirror && i < sources->gl_pathc && i < SOURCES_MAX; i++)
		argv[n++] = sources->gl_pathv[i];
	r = posix_spawn_file_actions_init(&actions);
	if (r)
		return -r;
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
	r = posix_spawnp(ret, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	return -r;
}

static int start(const char *suite, const char *mirror, int output, pid_t *ret, struct error *err)
{
	static const char *const patterns[] = {
	        "/etc/apt/sources.list.d/debian*", "/etc/apt/sources.list"};
	glob_t sources = {0};
	int r = 0, flags = 0;

	for (size_t i = 0; !mirror && i < 2; i++) {
		glob(patterns[i], flags, NULL, &sources);
		flags = GLOB_APPEND;
	}
	r = run(suite, mirror, &sources, output, ret);
	globfree(&sources);
	if (r == 0)
		return 0;
	error_set(err, -r, "start program", "mmdebstrap", "%s",
	        r == -ENOENT ? "it is not installed" : strerror(-r));
	error_advise(err, "install it: apt install mmdebstrap");
	return r;
}

static int wait_for(pid_t pid, struct error *err)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return error_set(err, errno, "wait for", "mmdebstrap", NULL);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	error_set(err, ECHILD, "make image", DEBIAN_IMAGE, "mmdebstrap ended with status %d",
	        WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	error_advise(err, "it says above why; it needs the package mirror, and as an ordinary user "
	                  "subordinate ids");
	return -ECHILD;
}

static int make_layer(const struct layout *l, const char *suite, const char *mirror,
        struct layer *ret, struct error *err)
{
	auto_close from = -1;
	int ends[2], r, ended;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_set(err, errno, "make", "pipe", NULL);
	from = ends[0];
	r = start(suite, mirror, ends[1], &pid, err);
	close(ends[1]);
	if (r < 0)
		return r;
	r = layer_from_tar(l, from, ret, err);
	if (r < 0)
		kill(pid, SIGTERM);
	ended = wait_for(pid, err);
	return r < 0 ? r : ended;
}

/* ---- the image ----------------------------------------------------------------------------- */

static int put_json(const struct layout *l, json_t *json, char digest[DIGEST_TEXT], size_t *size,
        struct error *err)
{
	auto_free char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;

	json_decref(json);
	if (!text)
		return error_set(err, ENOMEM, "write image", DEBIAN_IMAGE, NULL);
	*size = strlen(text);
	return layout_put(l, text, *size, digest, err);
}

static json_t *config_json(const struct layer *layer, const char *suite)
{
	char created[CREATED_SIZE] = "1970-01-01T00:00:00Z";
	const char *epoch = getenv("SOURCE_DATE_EPOCH"); /* mmdebstrap heeds it, too */
	time_t now = epoch ? (time_t)strtoll(epoch, NULL, 10) : time(NULL);
	struct tm tm;

	if (gmtime_r(&now, &tm))
		(void)!strftime(created, sizeof created, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return json_pack("{s:s,s:s,s:s,s:{s:[s],s:[s],s:s},s:{s:s,s:[s]},s:[{s:s,s:o}]}", "created",
	        created, "architecture", platform_architecture(), "os", "linux", "config", "Env",
	        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "Cmd", "bash",
	        "WorkingDir", "/", "rootfs", "type", "layers", "diff_ids", layer->diff_id,
	        "history", "created", created, "created_by",
	        json_sprintf("mmdebstrap --variant=minbase %s", suite));
}

int debian_image_make(
        const struct layout *l, const char *suite, const char *mirror, struct error *err)
{
	auto_free char *own = NULL;
	auto_close lock = -1;
	char config[DIGEST_TEXT], manifest[DIGEST_TEXT];
	struct layer layer;
	size_t size;
	int r = suite ? 0 : own_suite(&own, err);

	suite = suite ? suite : own;
	if (r == 0)
		r = make_layer(l, suite, mirror, &layer, err);
	if (r < 0)
		return r;
	lock = layout_lock(l, err);
	r = lock < 0 ? lock : put_json(l, config_json(&layer, suite), config, &size, err);
	if (r == 0)
		r = put_json(l,
		        json_pack("{s:i,s:s,s:o,s:[o]}", "schemaVersion", 2, "mediaType",
		                OCI_MANIFEST, "config", layout_descriptor(OCI_CONFIG, config, size),
		                "layers", layout_descriptor(OCI_LAYER, layer.digest, layer.size)),
		        manifest, &size, err);
	return r < 0 ? r : layout_name(l, DEBIAN_IMAGE, OCI_MANIFEST, manifest, size, err);
}
