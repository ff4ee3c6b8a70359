#include "kernel/contents/packages_rpm.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/contents/file_bytes.h"
#include "kernel/contents/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>

extern char **environ;

enum { FILES_MOST = 4 };

/* One form of the database: the files that belong together in its directory, the first of which
 * must be there. */
static const struct form {
	const char *directory;
	const char *names[FILES_MOST];
} forms[] = {
        {"/usr/lib/sysimage/rpm", {"rpmdb.sqlite", "rpmdb.sqlite-wal", "rpmdb.sqlite-shm"}},
        {"/var/lib/rpm", {"rpmdb.sqlite", "rpmdb.sqlite-wal", "rpmdb.sqlite-shm"}},
        {"/usr/lib/sysimage/rpm", {"Packages.db", "Index.db"}},
        {"/var/lib/rpm", {"Packages.db", "Index.db"}},
        {"/var/lib/rpm", {"Packages"}},
};

static const struct file_change *file_of(const struct file_tree *t, const struct form *f, size_t i)
{
	char path[PATH_MAX];
	uint32_t node;
	const struct file_change *seen;

	snprintf(path, sizeof path, "%s/%s", f->directory, f->names[i]);
	node = file_tree_resolve(t, path);
	seen = node == FILE_NONE ? NULL : file_tree_seen(t, node);
	return seen && seen->type == FILE_REGULAR ? seen : NULL;
}

static const struct form *find_form(const struct file_tree *t)
{
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
		if (file_of(t, &forms[i], 0))
			return &forms[i];
	return NULL;
}

bool packages_rpm_there(const struct file_tree *t)
{
	return find_form(t) != NULL;
}

/* ---- the copy ---- */

static int take_bytes(void *data, const void *bytes, size_t n)
{
	const int *fd = data;

	if (bytes)
		return file_write_all(*fd, bytes, n);
	return ftruncate(*fd, 0) < 0 || lseek(*fd, 0, SEEK_SET) < 0 ? -errno : 0;
}

/* Bigger than any that a distribution makes. */
static bool is_huge(const struct file_change *file)
{
	return file->size > 1 << 30;
}

static int copy(
        const struct image_contents *c, const struct form *f, int directory, struct error *err)
{
	struct file_wanted wanted[FILES_MOST];
	int fds[FILES_MOST], r = 0;
	size_t n = 0;

	for (size_t i = 0; i < FILES_MOST && f->names[i] && r == 0; i++) {
		const struct file_change *file = file_of(&c->files, f, i);
		if (!file)
			continue;
		if (is_huge(file)) {
			r = -EBADMSG;
			break;
		}
		fds[n] = openat(
		        directory, f->names[i], O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		wanted[n] = (struct file_wanted){.change = file, .data = &fds[n]};
		if (fds[n] < 0)
			r = error_set(err, errno, "copy rpm database", f->names[i], NULL);
		else
			n++;
	}
	if (r == 0)
		r = file_bytes_read(c, wanted, n, take_bytes, err);
	for (size_t i = 0; i < n; i++)
		close(fds[i]);
	return r;
}

/* ---- the program ---- */

static int start_rpm(const char *directory, int *ret_fd, pid_t *ret)
{
	char *argv[] = {(char *)"rpm", (char *)"--dbpath", (char *)directory,
	        (char *)"--nosignature", (char *)"--nodigest", (char *)"-qa", (char *)"--qf",
	        (char *)"[%{=NAME}\\t%{=VERSION}-%{=RELEASE}\\t%{FILENAMES}\\n]", NULL};
	posix_spawn_file_actions_t actions;
	int ends[2], r;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
	posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	r = -posix_spawnp(ret, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	if (r < 0)
		close(ends[0]);
	else
		*ret_fd = ends[0];
	return r == -ENOENT ? -ENOPKG : r;
}

static int read_lines(int fd, void (*take)(void *data, const char *line), void *data)
{
	struct lines lines = {.n = 0};
	char bytes[16384];
	ssize_t n;

	while ((n = read(fd, bytes, sizeof bytes)) > 0 || (n < 0 && errno == EINTR))
		if (n > 0)
			lines_add(&lines, bytes, (size_t)n, take, data);
	lines_end(&lines, take, data);
	return n < 0 ? -errno : 0;
}

static int query(const char *directory, void (*take)(void *data, const char *line), void *data)
{
	auto_close fd = -1;
	pid_t pid;
	int r = start_rpm(directory, &fd, &pid), status;

	if (r < 0)
		return r;
	r = read_lines(fd, take, data);
	cleanup_fd(&fd);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return r < 0 ? r : status ? -EBADMSG : 0;
}

int packages_rpm_list(const struct image_contents *c, void (*take)(void *data, const char *line),
        void *data, struct error *err)
{
	const struct form *f = find_form(&c->files);
	const char *temporary = secure_getenv("TMPDIR");
	char directory[PATH_MAX];
	auto_close at = -1;
	int r;

	if (!f)
		return error_set(err, ENOENT, "read rpm database", c->found.name, NULL);
	snprintf(directory, sizeof directory, "%s/cutaway-rpm.XXXXXX",
	        temporary && *temporary ? temporary : "/tmp");
	if (!mkdtemp(directory))
		return error_set(err, errno, "copy rpm database to", directory, NULL);
	at = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	r = at < 0 ? -errno : copy(c, f, at, err);
	if (r == 0)
		r = query(directory, take, data);
	dir_remove_tree(AT_FDCWD, directory);
	if (r == -ENOPKG)
		return error_set(err, ENOPKG, "read rpm database", c->found.name,
		        "the program rpm is not on this machine");
	if (r == -EBADMSG)
		return error_set(
		        err, EBADMSG, "read rpm database", c->found.name, "rpm cannot read it");
	return r < 0 ? error_set(err, -r, "read rpm database", c->found.name, NULL) : 0;
}
