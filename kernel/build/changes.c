/* Read apart (apart.h), where an overlay of the layers below may be mounted and all files may be
 * looked at; the list comes back through a file in memory. */
#include "kernel/build/changes.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/walk.h"
#include "kernel/build/apart.h"
#include "kernel/build/place.h"
#include "kernel/do/idmap.h"
#include "kernel/do/overlay_mount.h"
#include "kernel/do/overlay_options.h"
#include "kernel/store/upper_layer.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/syscall.h>

struct finding {
	const char *upper, *point; /* something is mounted there */
	char *const *layers;
	size_t n;
	bool userxattr;
	FILE *out; /* "A" and the path, ended by a NUL */
	int below; /* the root of what is below */
};

static void put(struct finding *f, enum change_kind kind, const char *directory, const char *name)
{
	fprintf(f->out, "%c/%s%s%s%c", kind, directory, *directory && *name ? "/" : "", name, 0);
}

/* A link on the way is another thing than the directory of the same name above it. */
static int open_below(const struct finding *f, const char *path, int flags)
{
	struct open_how how = {
	        .flags = (uint64_t)(flags | O_CLOEXEC | O_NOFOLLOW),
	        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
	};

	return (int)syscall(SYS_openat2, f->below, path, &how, sizeof how);
}

static bool is_below(const struct finding *f, const char *path)
{
	auto_close fd = open_below(f, path, O_PATH);

	return fd >= 0;
}

/* An opaque directory hides all that is below it and not in it again. */
static void put_hidden(struct finding *f, const struct walk_entry *e)
{
	auto_close own = openat(e->parent, e->name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int fd = open_below(f, e->path, O_RDONLY | O_DIRECTORY);
	auto_dir d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *one;
	struct stat st;

	while (d && (one = readdir(d)))
		if (strcmp(one->d_name, ".") != 0 && strcmp(one->d_name, "..") != 0 &&
		        fstatat(own, one->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			put(f, CHANGE_DELETED, e->path, one->d_name);
}

static int visit(void *data, const struct walk_entry *e, struct error *err)
{
	struct finding *f = data;
	bool below = is_below(f, e->path);

	(void)err;
	if (upper_is_whiteout(e)) {
		if (below)
			put(f, CHANGE_DELETED, e->path, "");
		return WALK_ON;
	}
	if (upper_is_mount_point(e))
		return WALK_NOT_BELOW;
	put(f, below ? CHANGE_CHANGED : CHANGE_ADDED, e->path, "");
	if (below && upper_is_opaque(e, f->userxattr))
		put_hidden(f, e);
	return WALK_ON;
}

static int open_lower(const struct finding *f, struct error *err)
{
	const struct overlay_source o = {.layers = f->layers, .n_layers = f->n};
	/* Below nothing there is an empty directory. */
	const char *path = f->n == 1 ? f->layers[0] : f->point;
	auto_buf options = BUF_INIT;
	int fd, r = 0;

	overlay_options(&o, f->userxattr, &options);
	if (f->n > 1)
		r = overlay_mount(&o, f->userxattr, buf_text(&options), path, MS_RDONLY);
	if (r < 0)
		return error_set(err, -r, "mount overlay", path, NULL);
	fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? error_set(err, errno, "open layer", path, NULL) : fd;
}

static int find(void *argument, struct error *err)
{
	struct finding *f = argument;
	auto_close upper = open(f->upper, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r;

	if (upper < 0)
		return error_set(err, errno, "read", f->upper, NULL);
	f->below = open_lower(f, err);
	if (f->below < 0)
		return f->below;
	r = walk(upper, visit, f, err);
	if (r == 0 && fflush(f->out) != 0)
		r = error_set(err, errno, "write list", "", NULL);
	cleanup_fd(&f->below);
	return r;
}

/* ---- the list ------------------------------------------------------------------------------ */

static int read_list(FILE *in, struct change **ret, size_t *ret_n)
{
	struct change *list = NULL;
	size_t n = 0, cap = 0, size = 0;
	auto_free char *text = NULL;

	rewind(in);
	while (getdelim(&text, &size, '\0', in) > 1) {
		if (n == cap) {
			struct change *more;
			cap = cap ? cap * 2 : 64;
			more = realloc(list, cap * sizeof *list);
			if (!more)
				break;
			list = more;
		}
		list[n].kind = (enum change_kind)text[0];
		list[n].path = strdup(text + 1);
		if (!list[n++].path)
			break;
	}
	if (!feof(in)) {
		changes_free(list, n);
		return -ENOMEM;
	}
	*ret = list;
	*ret_n = n;
	return 0;
}

int changes_find(const char *upper, char *const *layers, size_t n, struct change **ret,
        size_t *ret_n, struct error *err)
{
	auto_close memory = memfd_create("changes", MFD_CLOEXEC);
	auto_file out = memory < 0 ? NULL : fdopen(memory, "w+");
	struct build_place place = {.lock = -1};
	auto_free char *point = NULL;
	struct finding f = {.upper = upper,
	        .layers = layers,
	        .n = n,
	        .userxattr = !idmap_privileged(),
	        .out = out,
	        .below = -1};
	int r;

	if (!out)
		return error_set(err, errno, "make", "a list", NULL);
	steal_fd(&memory); /* the stream has it */
	r = build_place_open(&place, err);
	if (r == 0 && asprintf(&point, "%s/empty", place.path) < 0)
		r = error_set(err, ENOMEM, "make", "a list", NULL);
	f.point = point;
	if (r == 0)
		r = apart_run(find, &f, err);
	if (r == 0 && read_list(out, ret, ret_n) < 0)
		r = error_set(err, ENOMEM, "read", "a list", NULL);
	build_place_release(&place);
	return r;
}

void changes_free(struct change *changes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(changes[i].path);
	free(changes);
}
