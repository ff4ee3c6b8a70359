#include "kernel/store/upper_layer.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/overlay_look.h"
#include "kernel/base/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <search.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

enum {
	IDS = 65536,
	NOBODY = 65534,
	XATTR_NAMES = 64 << 10, /* what the kernel has at most: XATTR_LIST_MAX */
	XATTR_VALUE = 64 << 10,
	XATTRS_MAX = 256
};

/* A file with more than one name: the first of them. */
struct linked {
	dev_t device;
	ino_t inode;
	char *path;
};

struct packer {
	const struct upper_options *options;
	struct layer_writer *writer;
	void *links; /* tsearch(3) */
	size_t entries;
	char *names, *values; /* of attributes, XATTR_NAMES and XATTRS_MAX values */
	struct layer_xattr xattrs[XATTRS_MAX];
};

/* ---- attributes ---------------------------------------------------------------------------- */

enum { LINK_SIZE = 32 + NAME_MAX };

/* Attributes are reached by path only; the last part is not followed. */
static void path_of(const struct walk_entry *e, char ret[static LINK_SIZE])
{
	snprintf(ret, LINK_SIZE, "/proc/self/fd/%d/%s", e->parent, e->name);
}

/* "trusted.overlay.X", of mounts by root, or "user.overlay.X", of those in a user namespace: there
 * the others are plain attributes, which may have been copied up from a layer. */
static bool overlay_has(
        const struct walk_entry *e, bool userxattr, const char *what, char *value, size_t size)
{
	char path[LINK_SIZE], name[64];

	path_of(e, path);
	snprintf(name, sizeof name, "%s.overlay.%s", userxattr ? "user" : "trusted", what);
	return lgetxattr(path, name, value, size) >= 0;
}

bool upper_is_whiteout(const struct walk_entry *e)
{
	return overlay_is_whiteout(&e->st);
}

bool upper_is_opaque(const struct walk_entry *e, bool userxattr)
{
	char value[8] = "";

	return S_ISDIR(e->st.st_mode) && overlay_has(e, userxattr, "opaque", value, sizeof value) &&
	       value[0] == 'y';
}

bool upper_is_mount_point(const struct walk_entry *e)
{
	auto_dir dir = NULL;
	struct dirent *one;
	int fd;

	if (!S_ISDIR(e->st.st_mode) ||
	        (strcmp(e->path, "proc") != 0 && strcmp(e->path, "dev") != 0 &&
	                strcmp(e->path, "sys") != 0))
		return false;
	fd = openat(e->parent, e->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	dir = fd < 0 ? NULL : fdopendir(fd);
	while (dir && (one = readdir(dir)))
		if (strcmp(one->d_name, ".") != 0 && strcmp(one->d_name, "..") != 0)
			return false;
	return dir;
}

/* Capabilities of a file are kept with the user that is root where they count (version 3 of
 * capabilities(7), "Namespaced file capabilities"). In the layer they count for root. */
static size_t unshift_capability(unsigned char *value, size_t n, uid_t shift)
{
	enum { V3_SIZE = 24, V2_SIZE = 20, REVISION = 3 };
	uint32_t root = 0;

	if (n != V3_SIZE || value[REVISION] != 3)
		return n;
	for (int i = 0; i < 4; i++)
		root |= (uint32_t)value[V2_SIZE + i] << 8 * i;
	if (root != shift)
		return n;
	value[REVISION] = 2;
	return V2_SIZE;
}

static bool wanted_attribute(const char *name)
{
	return !strcmp(name, "security.capability") ||
	       (!strncmp(name, "user.", 5) && strncmp(name, "user.overlay.", 13) != 0);
}

/* Fills e->xattrs, sorted as the kernel lists them. */
static int read_attributes(
        struct packer *p, const struct walk_entry *w, struct layer_entry *e, struct error *err)
{
	char path[LINK_SIZE];
	size_t used = 0;
	ssize_t n;

	if (!S_ISREG(w->st.st_mode) && !S_ISDIR(w->st.st_mode))
		return 0;
	path_of(w, path);
	n = llistxattr(path, p->names, XATTR_NAMES);
	if (n < 0)
		return errno == ENOTSUP ? 0
		                        : error_set(err, errno, "read attributes", w->path, NULL);
	for (char *name = p->names; name < p->names + n; name += strlen(name) + 1) {
		unsigned char *value = (unsigned char *)p->values + used;
		ssize_t size;
		if (!wanted_attribute(name))
			continue;
		if (e->n_xattrs == XATTRS_MAX || used + XATTR_VALUE > 4 * XATTR_VALUE)
			return error_set(err, E2BIG, "read attributes", w->path,
			        "it has more than a layer is to carry");
		size = lgetxattr(path, name, value, XATTR_VALUE);
		if (size < 0)
			return error_set(err, errno, "read attributes", w->path, NULL);
		if (!strcmp(name, "security.capability"))
			size = (ssize_t)unshift_capability(value, (size_t)size, p->options->shift);
		p->xattrs[e->n_xattrs++] = (struct layer_xattr){name, value, (size_t)size};
		used += (size_t)size;
	}
	e->xattrs = p->xattrs;
	return 0;
}

/* ---- entries ------------------------------------------------------------------------------- */

static uid_t inside(const struct packer *p, uid_t id)
{
	uid_t shift = p->options->shift;

	if (!shift)
		return id;
	return id >= shift && id - shift < IDS ? id - shift : NOBODY;
}

static int by_inode(const void *a, const void *b)
{
	const struct linked *x = a, *y = b;

	if (x->device != y->device)
		return x->device < y->device ? -1 : 1;
	return x->inode < y->inode ? -1 : x->inode > y->inode;
}

static void free_linked(void *p)
{
	struct linked *l = p;

	free(l->path);
	free(l);
}

/* *ret is the path under which the file is in the layer already, or NULL: then it is remembered. */
static int find_link(struct packer *p, const struct walk_entry *w, const char **ret)
{
	const struct linked key = {.device = w->st.st_dev, .inode = w->st.st_ino};
	struct linked **there = tfind(&key, &p->links, by_inode), *l;

	*ret = there ? (*there)->path : NULL;
	if (there)
		return 0;
	l = calloc(1, sizeof *l);
	if (!l)
		return -ENOMEM;
	*l = key;
	l->path = strdup(w->path);
	if (!l->path || !tsearch(l, &p->links, by_inode)) {
		free_linked(l);
		return -ENOMEM;
	}
	return 0;
}

static int64_t time_of(const struct packer *p, const struct stat *st)
{
	return st->st_mtime < p->options->not_after ? st->st_mtime : p->options->not_after;
}

/* An empty file ".wh.SUFFIX" in the directory of the entry, or in it. */
static int add_mark(struct packer *p, const struct walk_entry *w, const char *directory, size_t n,
        const char *suffix, struct error *err)
{
	auto_free char *path = NULL;
	struct layer_entry e = {.mode = S_IFREG | 0600, .mtime = time_of(p, &w->st)};

	if (asprintf(&path, "%.*s%s.wh.%s", (int)n, directory,
	            n && directory[n - 1] != '/' ? "/" : "", suffix) < 0)
		return error_set(err, ENOMEM, "write layer", w->path, NULL);
	e.path = path;
	p->entries++;
	return layer_add(p->writer, &e, -1, err);
}

static int read_symlink(const struct walk_entry *w, char **ret, struct error *err)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(w->parent, w->name, target, sizeof target - 1);

	if (n < 0)
		return error_set(err, errno, "read link", w->path, NULL);
	*ret = strndup(target, (size_t)n);
	return *ret ? 0 : error_set(err, ENOMEM, "read link", w->path, NULL);
}

static int add_entry(struct packer *p, const struct walk_entry *w, struct error *err)
{
	auto_free char *target = NULL;
	auto_close fd = -1;
	struct layer_entry e = {
	        .path = w->path,
	        .mode = w->st.st_mode,
	        .uid = inside(p, w->st.st_uid),
	        .gid = inside(p, w->st.st_gid),
	        .mtime = time_of(p, &w->st),
	        .size = (uint64_t)w->st.st_size,
	        .device = w->st.st_rdev,
	};
	int r = 0;

	if (!S_ISDIR(w->st.st_mode) && w->st.st_nlink > 1 && find_link(p, w, &e.hardlink) < 0)
		return error_set(err, ENOMEM, "write layer", w->path, NULL);
	if (S_ISLNK(w->st.st_mode)) {
		r = read_symlink(w, &target, err);
		e.symlink = e.hardlink ? NULL : target;
	}
	if (r == 0 && S_ISREG(w->st.st_mode) && !e.hardlink) {
		fd = openat(w->parent, w->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
		if (fd < 0)
			return error_set(err, errno, "read", w->path, NULL);
	}
	if (r == 0 && !e.hardlink)
		r = read_attributes(p, w, &e, err);
	p->entries++;
	return r < 0 ? r : layer_add(p->writer, &e, fd, err);
}

/* With these options of overlayfs a name in the upper directory is not all that there is of it. */
static int refuse_partial(const struct packer *p, const struct walk_entry *w, struct error *err)
{
	static const struct {
		const char *attribute, *option;
	} table[] = {{"redirect", "redirect_dir"}, {"metacopy", "metacopy"}};
	char value[PATH_MAX];

	for (size_t i = 0; i < 2; i++)
		if ((S_ISDIR(w->st.st_mode) || S_ISREG(w->st.st_mode)) &&
		        overlay_has(w, p->options->userxattr, table[i].attribute, value,
		                sizeof value)) {
			error_set(err, ENOTSUP, "write layer", w->path,
			        "overlayfs keeps only a pointer to what is below (%s)",
			        table[i].option);
			error_advise(err, "as root: echo N > /sys/module/overlay/parameters/%s",
			        table[i].option);
			return -ENOTSUP;
		}
	return 0;
}

static int visit(void *data, const struct walk_entry *w, struct error *err)
{
	struct packer *p = data;
	int r;

	if (upper_is_whiteout(w))
		return add_mark(p, w, w->path, strlen(w->path) - strlen(w->name), w->name, err);
	if (!strncmp(w->name, ".wh.", 4))
		return error_set(err, EINVAL, "write layer", w->path,
		        "a name that begins with \".wh.\" means in a layer that something is gone");
	/* A socket is nothing without the process that listens on it. */
	if (S_ISSOCK(w->st.st_mode) || upper_is_mount_point(w))
		return WALK_NOT_BELOW;
	r = refuse_partial(p, w, err);
	if (r == 0)
		r = add_entry(p, w, err);
	if (r == 0 && upper_is_opaque(w, p->options->userxattr))
		r = add_mark(p, w, w->path, strlen(w->path), ".wh..opq", err);
	return r;
}

static int pack(int upper, struct packer *p, struct layer *ret, bool *ret_empty, struct error *err)
{
	int r = walk(upper, visit, p, err);

	*ret_empty = r == 0 && p->entries == 0;
	if (r < 0 || *ret_empty)
		return r;
	return layer_writer_finish(p->writer, ret, err);
}

int upper_layer(int upper, const struct layout *l, const struct upper_options *o, struct layer *ret,
        bool *ret_empty, struct error *err)
{
	struct packer p = {.options = o};
	int r = layer_writer_new(l, &p.writer, err);

	if (r < 0)
		return r;
	p.names = malloc(XATTR_NAMES);
	p.values = malloc(4 * XATTR_VALUE);
	r = p.names && p.values ? pack(upper, &p, ret, ret_empty, err)
	                        : error_set(err, ENOMEM, "write layer", "", NULL);
	tdestroy(p.links, free_linked);
	layer_writer_free(p.writer);
	free(p.names);
	free(p.values);
	return r;
}
