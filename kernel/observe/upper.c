/* What a container has written: its overlay upper directory, read as overlayfs means it (kernel
 * documentation, filesystems/overlayfs.rst). A file that a layer below has as well was copied up; a
 * character device 0:0 is a whiteout. Directories that are only there to hold others say nothing.
 *
 * The container may write there while we read, and chooses all names: nothing is followed out of
 * the directories, and every length is bounded: therefore not walk(), which goes to any depth and
 * keeps a directory's names to sort them. */
#include "kernel/observe/reading.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/overlay_look.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

enum { MAX_DEPTH = 16, MAX_ENTRIES = 2000, MAX_LOWER = 256 };

struct upper {
	struct reading *r;
	int lower[MAX_LOWER]; /* topmost first; -1 = not to be opened */
	size_t n_lower;
	struct model_change *all; /* READING_MAX_CHANGES of them */
	size_t n, entries;
	bool more;
	struct buf path; /* of what is looked at: "/etc/motd" */
};

/* Whether the layers below show the path. */
static bool below_has(const struct upper *u)
{
	struct overlay_look look = {.parent = -1};

	for (size_t i = 0; i < u->n_lower; i++) {
		int r = overlay_look(u->lower[i], buf_text(&u->path), &look);
		cleanup_fd(&look.parent);
		if (r == 0 && look.word != OVERLAY_NOTHING)
			return look.word == OVERLAY_HAS;
	}
	return false;
}

static void add(struct upper *u, enum change_kind kind, const struct stat *st)
{
	if (u->n == READING_MAX_CHANGES) {
		u->more = true;
		return;
	}
	u->all[u->n++] = (struct model_change){
	        .path = reading_string(u->r, buf_text(&u->path), u->path.len),
	        .kind = kind,
	        .size = S_ISREG(st->st_mode) ? (uint64_t)st->st_size : 0,
	};
}

static void walk(struct upper *u, int parent, const char *name, int depth);

static void look_at(struct upper *u, int dir, const char *name, int depth)
{
	size_t length = u->path.len;
	struct stat st;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return;
	buf_addf(&u->path, "/%s", name);
	if (overlay_is_whiteout(&st)) {
		add(u, CHANGE_REMOVED, &st);
	} else {
		bool below = below_has(u);
		if (!S_ISDIR(st.st_mode) || !below)
			add(u, below ? CHANGE_CHANGED : CHANGE_ADDED, &st);
		if (S_ISDIR(st.st_mode))
			walk(u, dir, name, depth + 1);
	}
	if (u->path.data) {
		u->path.len = length;
		u->path.data[length] = '\0';
	}
}

static void walk(struct upper *u, int parent, const char *name, int depth)
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	auto_dir dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;

	if (fd >= 0 && !dir)
		close(fd);
	if (depth > MAX_DEPTH)
		u->more = true;
	while (dir && depth <= MAX_DEPTH && (e = readdir(dir))) {
		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		if (++u->entries > MAX_ENTRIES) {
			u->more = true;
			return;
		}
		look_at(u, fd, e->d_name, depth);
	}
}

static int by_path(const void *a, const void *b)
{
	return strcmp(
	        ((const struct model_change *)a)->path, ((const struct model_change *)b)->path);
}

void upper_read(struct reading *r, struct model_container *c)
{
	struct upper u = {.r = r};

	if (!r->live || !*c->upper || c->n_layers > MAX_LOWER)
		return;
	u.all = arena_alloc(&r->model->arena, READING_MAX_CHANGES * sizeof *u.all);
	if (!u.all)
		return;
	for (; u.n_lower < c->n_layers; u.n_lower++)
		u.lower[u.n_lower] = open(c->layers[u.n_lower], O_PATH | O_DIRECTORY | O_CLOEXEC);
	walk(&u, AT_FDCWD, c->upper, 0);
	qsort(u.all, u.n, sizeof *u.all, by_path);
	c->changes = u.all;
	c->n_changes = u.n;
	c->more_changes = u.more;
	for (size_t i = 0; i < u.n_lower; i++)
		cleanup_fd(&u.lower[i]);
	buf_release(&u.path);
}
