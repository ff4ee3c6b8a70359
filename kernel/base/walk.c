#include "kernel/base/walk.h"

#include "kernel/base/buf.h"
#include "kernel/base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>

/* A directory on the way down. */
struct level {
	char **names; /* sorted */
	size_t n, next;
	size_t path; /* bytes of the path that are its own */
	dev_t device;
	ino_t inode;
};

struct walk {
	struct level *levels;
	size_t n, cap;
	int at; /* the directory of the last level */
	struct buf path;
	struct error *err;
};

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void free_level(struct level *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->names[i]);
	free(l->names);
}

static int add_name(struct level *l, size_t *cap, const char *name)
{
	if (l->n == *cap) {
		size_t more = *cap ? *cap * 2 : 16;
		char **grown = realloc(l->names, more * sizeof *grown);
		if (!grown)
			return -ENOMEM;
		l->names = grown;
		*cap = more;
	}
	l->names[l->n] = strdup(name);
	return l->names[l->n++] ? 0 : -ENOMEM;
}

static int read_names(int fd, struct level *l)
{
	int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_dir dir = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *e;
	size_t cap = 0;
	int r = 0;

	if (!dir) {
		r = -errno;
		if (copy >= 0)
			close(copy);
		return r;
	}
	while (r == 0 && (errno = 0, e = readdir(dir)))
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			r = add_name(l, &cap, e->d_name);
	if (r == 0 && errno)
		r = -errno;
	if (l->n)
		qsort(l->names, l->n, sizeof *l->names, by_bytes);
	return r;
}

static int failed(struct walk *w, int code, const char *cause)
{
	return error_set(w->err, code, "read", w->path.len ? buf_text(&w->path) : "/", "%s",
	        cause ? cause : strerror(code));
}

/* Goes into the directory that `fd` is. Takes the descriptor. */
static int go_down(struct walk *w, int fd)
{
	struct level l = {.path = w->path.len};
	struct stat st;
	int r = fstat(fd, &st) < 0 ? -errno : read_names(fd, &l);

	if (r == 0 && w->n == w->cap) {
		size_t more = w->cap ? w->cap * 2 : 32;
		void *grown = realloc(w->levels, more * sizeof *w->levels);
		if (grown) {
			w->levels = grown;
			w->cap = more;
		} else {
			r = -ENOMEM;
		}
	}
	if (r < 0) {
		free_level(&l);
		close(fd);
		return failed(w, -r, NULL);
	}
	l.device = st.st_dev;
	l.inode = st.st_ino;
	w->levels[w->n++] = l;
	cleanup_fd(&w->at);
	w->at = fd;
	return 0;
}

static int go_up(struct walk *w)
{
	const struct level *to;
	struct stat st;
	int fd;

	free_level(&w->levels[--w->n]);
	if (!w->n)
		return 0;
	to = &w->levels[w->n - 1];
	fd = openat(w->at, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return failed(w, errno, NULL);
	cleanup_fd(&w->at);
	w->at = fd;
	if (fstat(fd, &st) < 0 || st.st_dev != to->device || st.st_ino != to->inode)
		return failed(w, ESTALE, "directories were moved while they were read");
	return 0;
}

static void set_path(struct walk *w, const struct level *l, const char *name)
{
	w->path.len = l->path;
	if (w->path.data)
		w->path.data[w->path.len] = '\0';
	if (l->path)
		buf_addc(&w->path, '/');
	buf_add(&w->path, name);
}

static int one_entry(struct walk *w, const char *name,
        int (*visit)(void *data, const struct walk_entry *e, struct error *err), void *data)
{
	struct walk_entry e = {.name = name, .parent = w->at};
	int fd, r;

	set_path(w, &w->levels[w->n - 1], name);
	if (buf_failed(&w->path))
		return failed(w, ENOMEM, NULL);
	e.path = buf_text(&w->path);
	if (fstatat(w->at, name, &e.st, AT_SYMLINK_NOFOLLOW) < 0)
		return failed(w, errno, NULL);
	r = visit(data, &e, w->err);
	if (r != WALK_ON || !S_ISDIR(e.st.st_mode))
		return r < 0 ? r : 0;
	fd = openat(w->at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? failed(w, errno, NULL) : go_down(w, fd);
}

int walk(int top, int (*visit)(void *data, const struct walk_entry *e, struct error *err),
        void *data, struct error *err)
{
	struct walk w = {.at = -1, .err = err};
	int fd = openat(top, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r = fd < 0 ? failed(&w, errno, NULL) : go_down(&w, fd);

	while (r == 0 && w.n) {
		struct level *l = &w.levels[w.n - 1];
		if (l->next < l->n)
			r = one_entry(&w, l->names[l->next++], visit, data);
		else
			r = go_up(&w);
	}
	while (w.n)
		free_level(&w.levels[--w.n]);
	free(w.levels);
	cleanup_fd(&w.at);
	buf_release(&w.path);
	return r;
}
