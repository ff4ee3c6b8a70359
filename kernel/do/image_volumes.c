#include "kernel/do/image_volumes.h"

#include "kernel/base/cleanup.h"
#include "kernel/do/copy_up.h"
#include "kernel/do/rootpath.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

enum { VOLUMES_MAX = 64 };

static bool is_given(const struct image_volumes *v, const char *place)
{
	for (size_t i = 0; i < v->n; i++)
		if (!strcmp(v->all[i].destination, place))
			return true;
	return false;
}

static int add(struct image_volumes *v, const char *place, const char *image, const char *data,
        struct error *err)
{
	struct volume_option *one = &v->all[v->n];
	struct error why = {0};
	int r = options_volume_place(place, &one->destination, &why);

	if (r < 0)
		return error_set(err, -r, "plan container", image,
		        "the image wants a volume at '%s': %s", place, why.cause);
	if (is_given(v, one->destination)) {
		free(steal_ptr(one->destination));
		return 0;
	}
	v->n++;
	if (asprintf(&one->source, "%s/volumes/%zu", data, v->n - v->n_given) < 0) {
		one->source = NULL;
		return error_set(err, ENOMEM, "plan container", image, NULL);
	}
	return 0;
}

int image_volumes_plan(const struct container_options *o, const char *image_config,
        const char *data, struct image_volumes *ret, struct error *err)
{
	json_t *image = json_loads(image_config ? image_config : "{}", 0, NULL);
	json_t *wanted = json_object_get(json_object_get(image, "config"), "Volumes"), *ignored;
	size_t n = json_object_size(wanted);
	struct image_volumes v = {.n = o->n_volumes, .n_given = o->n_volumes};
	const char *place;
	int r = 0;

	v.all = n > VOLUMES_MAX ? NULL : calloc(v.n + n + 1, sizeof *v.all);
	if (!v.all)
		r = error_set(err, n > VOLUMES_MAX ? E2BIG : ENOMEM, "plan container", o->image,
		        "the image wants %zu volumes", n);
	else if (v.n)
		memcpy(v.all, o->volumes, v.n * sizeof *v.all);
	if (r == 0)
		json_object_foreach (wanted, place, ignored)
			if (r == 0)
				r = add(&v, place, o->image, data, err);
	json_decref(image);
	if (r < 0)
		image_volumes_release(&v);
	else
		*ret = v;
	return r;
}

void image_volumes_release(struct image_volumes *v)
{
	for (size_t i = v->n_given; v->all && i < v->n; i++)
		options_volume_release(&v->all[i]);
	free(v->all);
	*v = (struct image_volumes){0};
}

bool image_volumes_is_one(const struct mount_spec *m, const char *data)
{
	static const char below[] = "/volumes/";
	size_t n = strlen(data);

	return !strncmp(m->source, data, n) && !strncmp(m->source + n, below, strlen(below));
}

int image_volumes_make(
        const struct config *c, const char *data, uid_t owner, gid_t group, struct error *err)
{
	auto_free char *all = NULL;

	if (asprintf(&all, "%s/volumes", data) < 0)
		return error_set(err, ENOMEM, "make directory", data, NULL);
	for (size_t i = 0; i < c->n_mounts; i++) {
		const char *path = c->mounts[i].source;
		if (!image_volumes_is_one(&c->mounts[i], data))
			continue;
		if (mkdir(all, 0700) < 0 && errno != EEXIST)
			return error_set(err, errno, "make directory", all, NULL);
		if (mkdir(path, 0755) < 0 || chmod(path, 0755) < 0)
			return error_set(err, errno, "make directory", path, NULL);
		if (geteuid() == 0 && chown(path, owner, group) < 0)
			return error_set(err, errno, "change owner", path, NULL);
	}
	return 0;
}

/* Opened again to be read: O_PATH is not. */
static int open_again(int fd)
{
	int again = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return again < 0 ? -errno : again;
}

/* Two entries are "." and "..". */
static bool is_empty(int directory)
{
	_Alignas(struct dirent64) char listing[1024];
	long n = syscall(SYS_getdents64, directory, listing, sizeof listing), count = 0;

	for (long at = 0; at < n; count++)
		at += ((const struct dirent64 *)(const void *)(listing + at))->d_reclen;
	return count <= 2 && lseek(directory, 0, SEEK_SET) == 0;
}

int image_volumes_fill(int tree, int place)
{
	auto_close from = open_again(place), to = open_again(tree);
	struct stat st;

	if (from < 0 || to < 0)
		return from < 0 ? from : to;
	if (!is_empty(to))
		return 0;
	if (fstat(from, &st) < 0 || fchmod(to, st.st_mode & 07777) < 0)
		return -errno;
	return copy_up(from, to);
}
