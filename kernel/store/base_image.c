#include "kernel/store/base_image.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/deadline.h"
#include "kernel/base/file.h"
#include "kernel/store/busybox.h"
#include "kernel/store/layer.h"
#include "kernel/store/platform.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

enum { MAX_BUSYBOX = 64 << 20, MAX_LIST = 64 << 10, LIST_MS = 5000 };

static int read_answer(int fd, struct buf *out)
{
	deadline_ms end = deadline_in(LIST_MS);
	char chunk[4096];

	for (;;) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		ssize_t n;
		if (poll(&p, 1, deadline_left(end)) == 0)
			return -ETIMEDOUT;
		n = read(fd, chunk, sizeof chunk);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : 0;
		buf_add_bytes(out, chunk, (size_t)n);
		if (out->len > MAX_LIST)
			return -EFBIG;
	}
}

/* The names that this busybox answers to: "bin/sh\nusr/bin/env\n…". */
static int list_applets(const char *busybox, struct buf *out)
{
	char name[] = "busybox", option[] = "--list-full";
	char *argv[] = {name, option, NULL}, *envp[] = {NULL};
	posix_spawn_file_actions_t actions;
	int pipe_fd[2], status = 0, r;
	pid_t pid;

	if (pipe2(pipe_fd, O_CLOEXEC) < 0)
		return -errno;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, pipe_fd[1], STDOUT_FILENO);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	r = -posix_spawn(&pid, busybox, &actions, NULL, argv, envp);
	posix_spawn_file_actions_destroy(&actions);
	close(pipe_fd[1]);
	if (r == 0) {
		r = read_answer(pipe_fd[0], out);
		if (r < 0)
			kill(pid, SIGKILL);
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
	}
	close(pipe_fd[0]);
	if (r == 0 && (status != 0 || out->len == 0))
		r = -EPROTO;
	return r;
}

static const struct {
	const char *path;
	mode_t mode;
} directories[] = {
        {"bin", 0755},
        {"dev", 0755},
        {"etc", 0755},
        {"home", 0755},
        {"proc", 0555},
        {"root", 0700},
        {"run", 0755},
        {"sbin", 0755},
        {"sys", 0555},
        {"tmp", 01777},
        {"usr", 0755},
        {"usr/bin", 0755},
        {"usr/sbin", 0755},
        {"var", 0755},
};

static const struct {
	const char *path, *text;
} files[] = {
        {"etc/group", "root:x:0:\nnogroup:x:65534:\n"},
        {"etc/hosts", "127.0.0.1\tlocalhost\n::1\tlocalhost\n"},
        {"etc/os-release", "NAME=\"cutaway base\"\nID=cutaway-base\nPRETTY_NAME=\"cutaway base "
                           "image (the host's busybox)\"\n"},
        {"etc/passwd", "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n"},
};

static int add_busybox(struct layer_writer *w, const char *busybox, struct error *err)
{
	auto_buf program = BUF_INIT;
	int r = file_read_at(AT_FDCWD, busybox, MAX_BUSYBOX, &program);

	if (r < 0)
		return error_set(err, -r, "read busybox", busybox, NULL);
	return layer_add_file(w, "bin/busybox", 0755, program.data, program.len, err);
}

static bool applet_is_plain(const char *path)
{
	static const char *const homes[] = {"bin/", "sbin/", "usr/bin/", "usr/sbin/"};

	for (size_t i = 0; i < sizeof homes / sizeof homes[0]; i++) {
		size_t n = strlen(homes[i]);
		if (!strncmp(path, homes[i], n) && path[n] && !strchr(path + n, '/') &&
		        path[n] != '.')
			return strcmp(path, "bin/busybox") != 0;
	}
	return false;
}

static int add_applets(struct layer_writer *w, const char *busybox, struct error *err)
{
	auto_buf list = BUF_INIT;
	char *state = NULL;
	int r = list_applets(busybox, &list);

	if (r < 0)
		return error_set(err, -r, "ask busybox for its commands", busybox, NULL);
	for (char *path = strtok_r(list.data, "\n", &state); path && r == 0;
	        path = strtok_r(NULL, "\n", &state))
		if (applet_is_plain(path))
			r = layer_add_symlink(w, path, "/bin/busybox", err);
	return r;
}

static int write_layer(
        struct layer_writer *w, const char *busybox, struct layer *ret, struct error *err)
{
	int r = 0;

	for (size_t i = 0; i < sizeof directories / sizeof directories[0] && r == 0; i++)
		r = layer_add_directory(w, directories[i].path, directories[i].mode, err);
	for (size_t i = 0; i < sizeof files / sizeof files[0] && r == 0; i++)
		r = layer_add_file(
		        w, files[i].path, 0644, files[i].text, strlen(files[i].text), err);
	if (r == 0)
		r = add_busybox(w, busybox, err);
	if (r == 0)
		r = add_applets(w, busybox, err);
	return r < 0 ? r : layer_writer_finish(w, ret, err);
}

static int put_json(const struct layout *l, json_t *json, char digest[DIGEST_TEXT], size_t *size,
        struct error *err)
{
	char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
	int r;

	json_decref(json);
	if (!text)
		return error_set(err, ENOMEM, "write image", "base", NULL);
	*size = strlen(text);
	r = layout_put(l, text, *size, digest, err);
	free(text);
	return r;
}

static json_t *config_json(const struct layer *layer)
{
	const char *epoch = "1970-01-01T00:00:00Z";

	return json_pack("{s:s,s:s,s:s,s:{s:[s],s:[s],s:s},s:{s:s,s:[s]},s:[{s:s,s:s}]}", "created",
	        epoch, "architecture", platform_architecture(), "os", "linux", "config", "Env",
	        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "Cmd", "sh",
	        "WorkingDir", "/", "rootfs", "type", "layers", "diff_ids", layer->diff_id,
	        "history", "created", epoch, "created_by", "cutaway: the host's static busybox");
}

static int describe(const struct layout *l, const struct layer *layer, struct error *err)
{
	char config[DIGEST_TEXT], manifest[DIGEST_TEXT];
	size_t size;
	int r = put_json(l, config_json(layer), config, &size, err);

	if (r == 0)
		r = put_json(l,
		        json_pack("{s:i,s:s,s:o,s:[o]}", "schemaVersion", 2, "mediaType",
		                OCI_MANIFEST, "config", layout_descriptor(OCI_CONFIG, config, size),
		                "layers", layout_descriptor(OCI_LAYER, layer->digest, layer->size)),
		        manifest, &size, err);
	return r < 0 ? r : layout_name(l, "base", OCI_MANIFEST, manifest, size, err);
}

int base_image_make(const struct layout *l, struct error *err)
{
	auto_free char *busybox = NULL;
	struct layer_writer *w = NULL;
	struct layer layer;
	int r = busybox_find(&busybox, err);

	if (r == 0)
		r = layer_writer_new(l, &w, err);
	if (r == 0)
		r = write_layer(w, busybox, &layer, err);
	layer_writer_free(w);
	return r < 0 ? r : describe(l, &layer, err);
}
