#include "kernel/store/blob.h"

#include "kernel/base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>

struct blob_writer {
	const struct layout *layout;
	enum digest_algorithm algorithm;
	struct digest *sum;
	char hidden[40]; /* below blobs/ */
	int fd;
	uint64_t size;
};

/* Somebody may take it for abandoned before it is locked: then another is made. */
static int open_hidden(struct blob_writer *w)
{
	for (int i = 0; i < 8; i++) {
		unsigned long long number;
		struct stat st;
		if (getrandom(&number, sizeof number, 0) != sizeof number)
			return -errno;
		snprintf(w->hidden, sizeof w->hidden, "sha256/" BLOB_HIDDEN "%016llx", number);
		w->fd = openat(
		        w->layout->blobs, w->hidden, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
		if (w->fd < 0)
			return -errno;
		if (flock(w->fd, LOCK_EX | LOCK_NB) == 0 && fstat(w->fd, &st) == 0 &&
		        st.st_nlink > 0)
			return 0;
		cleanup_fd(&w->fd);
	}
	return -EAGAIN;
}

int blob_writer_new(const struct layout *l, enum digest_algorithm algorithm,
        struct blob_writer **ret, struct error *err)
{
	struct blob_writer *w = calloc(1, sizeof *w);
	int r;

	if (!w)
		return error_set(err, ENOMEM, "store blob", l->path, NULL);
	w->layout = l;
	w->fd = -1;
	w->algorithm = algorithm;
	w->sum = digest_new(algorithm);
	r = w->sum ? open_hidden(w) : -ENOMEM;
	if (r < 0) {
		blob_writer_free(w);
		return error_set(err, -r, "store blob", l->path, NULL);
	}
	*ret = w;
	return 0;
}

int blob_add(struct blob_writer *w, const void *bytes, size_t n, struct error *err)
{
	const char *p = bytes;

	digest_add(w->sum, bytes, n);
	w->size += n;
	while (n > 0) {
		ssize_t done = write(w->fd, p, n);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return error_set(err, errno, "store blob", w->layout->path, NULL);
		p += done;
		n -= (size_t)done;
	}
	return 0;
}

int blob_copy(struct blob_writer *w, int fd, struct error *err)
{
	char bytes[64 << 10];
	ssize_t n;
	int r = 0;

	while (r == 0 && (n = read(fd, bytes, sizeof bytes)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		r = n < 0 ? error_set(err, errno, "read blob", "", NULL)
		          : blob_add(w, bytes, (size_t)n, err);
	}
	return r;
}

uint64_t blob_size(const struct blob_writer *w)
{
	return w->size;
}

static int sum_again(struct blob_writer *w, enum digest_algorithm algorithm)
{
	char bytes[64 << 10];
	off_t at = 0;
	ssize_t n;

	digest_free(w->sum);
	w->sum = digest_new(algorithm);
	if (!w->sum)
		return -ENOMEM;
	w->algorithm = algorithm;
	while ((n = pread(w->fd, bytes, sizeof bytes, at)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		digest_add(w->sum, bytes, (size_t)n);
		at += n;
	}
	return 0;
}

int blob_finish(
        struct blob_writer *w, const char *wanted, char ret_digest[DIGEST_TEXT], struct error *err)
{
	int blobs = w->layout->blobs, r = 0;
	char path[DIGEST_TEXT];

	if (wanted && digest_algorithm(wanted) != w->algorithm)
		r = sum_again(w, digest_algorithm(wanted));
	if (r < 0)
		return error_set(err, -r, "verify blob", wanted, NULL);
	digest_finish(w->sum, ret_digest);
	if (wanted && strcmp(wanted, ret_digest) != 0)
		return error_set(err, EBADMSG, "verify blob", wanted,
		        "the sum of its bytes is %s: they are not those that were meant",
		        ret_digest);
	digest_path(ret_digest, path);
	r = layout_make_place(w->layout, ret_digest);
	if (r == 0 && renameat(blobs, w->hidden, blobs, path) < 0)
		r = -errno;
	if (r < 0)
		return error_set(err, -r, "store blob", ret_digest, NULL);
	w->hidden[0] = '\0';
	return 0;
}

void blob_writer_free(struct blob_writer *w)
{
	if (!w)
		return;
	if (w->fd >= 0 && w->hidden[0])
		unlinkat(w->layout->blobs, w->hidden, 0);
	cleanup_fd(&w->fd);
	digest_free(w->sum);
	free(w);
}
