#include "kernel/store/verify_archive.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/base/staged.h"
#include "kernel/store/byte_names.h"
#include "kernel/store/image_archive.h"
#include "kernel/store/image_file.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

enum { CHUNK = 64 << 10, FILES_MAX = 20000 };

struct unpacking {
	struct archive *tar;
	const char *directory;
	uint64_t bytes; /* of files, so far */
};

static int tar_failed(struct archive *tar, const char *path, struct error *err)
{
	const char *text = archive_error_string(tar);

	return error_set(err, EBADMSG, "verify archive", path, "%s", text ? text : "it is no tar");
}

static int copy_data(struct unpacking *u, int fd, const char *path, struct error *err)
{
	char bytes[CHUNK];
	la_ssize_t n;
	int r = 0;

	while (r == 0 && (n = archive_read_data(u->tar, bytes, sizeof bytes)) != 0) {
		if (n < 0)
			return tar_failed(u->tar, path, err);
		u->bytes += (uint64_t)n;
		r = image_archive_honest(u->tar, u->bytes, err);
		for (la_ssize_t done = 0; r == 0 && done < n;) {
			ssize_t w = write(fd, bytes + done, (size_t)(n - done));
			if (w < 0 && errno != EINTR)
				r = error_set(err, errno, "verify archive", path, NULL);
			done += w > 0 ? w : 0;
		}
	}
	return r;
}

/* Names are clean and there are no links in the directory, so that none leads out of it. */
static int put_file(struct unpacking *u, const char *path, struct error *err)
{
	auto_free char *file = NULL;
	auto_close fd = -1;
	char *slash;
	int r;

	if (asprintf(&file, "%s/%s", u->directory, path) < 0)
		return error_set(err, ENOMEM, "verify archive", path, NULL);
	slash = strrchr(file, '/');
	*slash = '\0';
	r = dir_make(file, 0700);
	*slash = '/';
	if (r == 0)
		fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return error_set(err, r < 0 ? -r : errno, "verify archive", path, NULL);
	return copy_data(u, fd, path, err);
}

static int put_entry(struct unpacking *u, struct archive_entry *e, struct error *err)
{
	const char *name = archive_entry_pathname(e);
	auto_free char *path = image_archive_path(name ? name : "/");
	auto_free char *whole = NULL;

	if (!path)
		return error_set(err, EBADMSG, "verify archive", name ? name : "",
		        "a name that leads out of the archive");
	if (archive_entry_filetype(e) == AE_IFREG && !archive_entry_hardlink(e))
		return put_file(u, path, err);
	if (archive_entry_filetype(e) != AE_IFDIR || !path[0])
		return 0;
	if (asprintf(&whole, "%s/%s", u->directory, path) < 0 || dir_make(whole, 0700) < 0)
		return error_set(
		        err, EBADMSG, "verify archive", path, "a directory has the name of a file");
	return 0;
}

static int unpack(int fd, const char *path, const char *directory, struct error *err)
{
	auto_byte_names names = byte_names_begin();
	struct archive *tar = archive_read_new();
	struct unpacking u = {.tar = tar, .directory = directory};
	struct archive_entry *e;
	int status = tar ? ARCHIVE_OK : ARCHIVE_FATAL, r = 0, n = 0;

	if (tar) {
		image_archive_support(tar);
		status = archive_read_open_fd(tar, fd, CHUNK);
	}
	while (r == 0 && (status == ARCHIVE_OK || status == ARCHIVE_WARN)) {
		status = archive_read_next_header(tar, &e);
		if (status != ARCHIVE_OK && status != ARCHIVE_WARN)
			break;
		r = ++n > FILES_MAX
		            ? error_set(err, E2BIG, "verify archive", path, "too many files")
		            : put_entry(&u, e, err);
	}
	if (r == 0 && status != ARCHIVE_EOF)
		r = tar ? tar_failed(tar, path, err)
		        : error_set(err, ENOMEM, "verify archive", path, NULL);
	archive_read_free(tar);
	return r;
}

static bool has(const char *directory, const char *name)
{
	auto_free char *path = NULL;

	return asprintf(&path, "%s/%s", directory, name) >= 0 && access(path, F_OK) == 0;
}

static void add_failure(struct verdict *v, const struct error *problem)
{
	const struct fault f = {
	        .level = FAULT_BROKEN,
	        .code = problem->code,
	        .file = problem->object,
	        .role = "",
	        .at = "",
	        .text = problem->cause,
	        .section = "docker's image archive",
	};

	faults_add(&v->faults, &f);
}

/* What docker wrote becomes a layout on the way in. */
static int verify_docker(int fd, const char *directory, struct verdict *ret, struct error *err)
{
	auto_free char *inner = NULL;
	struct image_loaded loaded = {0};
	struct error problem = {0};
	struct layout l = {0};
	int r = asprintf(&inner, "%s/layout", directory) < 0
	                ? error_set(err, ENOMEM, "verify archive", directory, NULL)
	                : layout_open(inner, &l, err);

	if (r == 0 && lseek(fd, 0, SEEK_SET) < 0)
		r = error_set(err, errno, "verify archive", "", NULL);
	if (r == 0 && image_load_archive(&l, fd, &loaded, &problem) < 0)
		add_failure(ret, &problem);
	else if (r == 0)
		r = layout_verify(inner, ret, err);
	image_loaded_release(&loaded);
	layout_release(&l);
	return r;
}

/* Directories of those of us who were killed. */
static void sweep(const char *place)
{
	auto_dir dir = opendir(place);
	struct dirent *e;

	while (dir && (e = readdir(dir)))
		if (staged_abandoned(e->d_name))
			dir_remove_tree(dirfd(dir), e->d_name);
}

/* A directory that nobody else can write to; *ret_place is the one it is in. */
static int make_place(char **ret_place, char **ret, struct error *err)
{
	const char *temporary = secure_getenv("TMPDIR");
	struct stat st;
	int r;

	if (asprintf(ret_place, "%s/cutaway-verify-%u", temporary ? temporary : "/var/tmp",
	            (unsigned)geteuid()) < 0)
		return error_set(err, ENOMEM, "verify archive", "", NULL);
	r = dir_make(*ret_place, 0700);
	if (r == 0 && lstat(*ret_place, &st) < 0)
		r = -errno;
	if (r == 0 && (!S_ISDIR(st.st_mode) || st.st_uid != geteuid()))
		r = -EPERM;
	if (r == 0) {
		sweep(*ret_place);
		r = staged_make(*ret_place, ret);
	}
	return r < 0 ? error_set(err, -r, "make directory", *ret_place, NULL) : 0;
}

int archive_verify(int fd, const char *path, struct verdict *ret, struct error *err)
{
	auto_free char *place = NULL, *directory = NULL;
	struct verdict v = {0};
	int r = make_place(&place, &directory, err);

	if (r == 0)
		r = unpack(fd, path, directory, err);
	if (r == 0)
		r = !has(directory, "oci-layout") && has(directory, "manifest.json")
		            ? verify_docker(fd, directory, &v, err)
		            : layout_verify(directory, &v, err);
	if (directory)
		dir_remove_tree(AT_FDCWD, directory);
	if (place)
		rmdir(place); /* unless another one of us is in it */
	if (r == 0)
		*ret = v;
	else
		verdict_release(&v);
	return r;
}
