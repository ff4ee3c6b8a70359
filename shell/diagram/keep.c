#include "shell/diagram/keep.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/dirs.h"
#include "kernel/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>

enum { KEEP_LIMIT = 4 << 20 };

int keep_directory(char **ret, struct error *err)
{
	return dirs_path(DIRS_STATE, "diagrams", true, ret, err);
}

/* A path below it. It is not made by who only reads. */
static int path_below(const char *name, bool create, char **ret, struct error *err)
{
	auto_free char *directory = NULL;
	int r = dirs_path(DIRS_STATE, "diagrams", create, &directory, err);

	if (r < 0)
		return r;
	if (asprintf(ret, "%s/%s", directory, name) < 0)
		return error_set(err, ENOMEM, "find diagram", name, NULL);
	return 0;
}

static bool is_name(const char *name)
{
	return *name && strlen(name) < SKETCH_NAME &&
	       !name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-")];
}

void keep_task_read(char ret[SKETCH_NAME])
{
	auto_free char *path = NULL;
	auto_buf text = BUF_INIT;

	ret[0] = '\0';
	if (path_below("task", false, &path, NULL) < 0 ||
	        file_read_at(AT_FDCWD, path, SKETCH_NAME, &text) < 0)
		return;
	if (text.len && text.data[text.len - 1] == '\n')
		text.data[--text.len] = '\0';
	if (is_name(buf_text(&text)))
		memcpy(ret, text.data, text.len + 1);
}

int keep_task_write(const char *task, struct error *err)
{
	auto_free char *path = NULL;
	char line[SKETCH_NAME + 1];
	int r;

	if (!is_name(task))
		return error_set(err, EINVAL, "choose task", task, "this is no name of one");
	r = path_below("task", true, &path, err);
	if (r < 0)
		return r;
	snprintf(line, sizeof(line), "%s\n", task);
	r = file_replace_at(AT_FDCWD, path, line, strlen(line), 0600);
	return r < 0 ? error_set(err, -r, "choose task", path, NULL) : 0;
}

void keep_task_open(const char *task)
{
	if (task)
		keep_task_write(task, NULL);
}

int keep_path(const char *task, char **ret, struct error *err)
{
	char name[SKETCH_NAME + 8];

	if (!is_name(task))
		return error_set(err, EINVAL, "find diagram", task, "this is no name of a task");
	snprintf(name, sizeof(name), "%s.json", task);
	return path_below(name, false, ret, err);
}

int keep_read(const char *path, const char *task, struct sketch *ret, struct error *err)
{
	struct error inner = {0};
	auto_buf text = BUF_INIT;
	int r = file_read_at(AT_FDCWD, path, KEEP_LIMIT, &text);

	if (r == -ENOENT) {
		sketch_init(ret, task);
		return 0;
	}
	if (r < 0)
		return error_set(err, -r, "read diagram", path, NULL);
	r = sketch_parse(buf_text(&text), text.len, ret, &inner);
	if (r < 0) {
		error_set(err, -r, "read diagram", path, "%s%s%s", inner.object,
		        *inner.object ? ": " : "", inner.cause);
		error_advise(err, "a file of this kind is made by 'cutaway diagram'");
		return r;
	}
	if (!*ret->task)
		strncpy(ret->task, task, sizeof(ret->task) - 1);
	return 0;
}

/* Locked is the directory: the diagram itself is replaced, and no file of a lock stays behind. */
static int lock(const char *path, int *ret_fd, struct error *err)
{
	const char *slash = strrchr(path, '/');
	size_t n = slash ? (size_t)(slash - path) + (slash == path) : 0;
	auto_free char *parent = n ? strndup(path, n) : strdup(".");
	auto_close fd = -1;
	int r = parent ? dir_make(parent, 0700) : -ENOMEM;

	if (r < 0)
		return error_set(err, -r, "change diagram", path, NULL);
	fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return error_set(err, errno, "change diagram", parent, NULL);
	while (flock(fd, LOCK_EX) < 0)
		if (errno != EINTR)
			return error_set(err, errno, "change diagram", parent, NULL);
	*ret_fd = steal_fd(&fd);
	return 0;
}

int keep_edit(const char *path, const char *task, keep_change *change, void *data,
        struct sketch *ret, struct error *err)
{
	auto_buf text = BUF_INIT;
	auto_close held = -1;
	struct sketch d = {0};
	int r = lock(path, &held, err);

	if (r < 0 || (r = keep_read(path, task, &d, err)) < 0)
		return r;
	if (d.picture) {
		sketch_release(&d);
		return error_set(
		        err, EROFS, "change diagram", path, "it is a picture that was handed in");
	}
	r = change(&d, data, err);
	if (r >= 0 && (r = sketch_print(&d, &text)) == 0)
		r = file_replace_at(AT_FDCWD, path, text.data, text.len, 0600);
	if (r < 0 || !ret)
		sketch_release(&d);
	else
		*ret = d;
	return r < 0 ? error_set(err, -r, "change diagram", path, NULL) : 0;
}
