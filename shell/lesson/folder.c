#include "shell/lesson/folder.h"

#include "kernel/base/cleanup.h"
#include "shell/lesson/text_decode.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

/* glibc has no wrapper for openat2(2). */
static int open_beneath(int folder_fd, const char *path)
{
	struct open_how how = {
	        /* NONBLOCK: a named pipe put there must not hold us up before fstat() sees it. */
	        .flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
	        .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
	};
	long fd = syscall(SYS_openat2, folder_fd, path, &how, sizeof how);

	return fd < 0 ? -errno : (int)fd;
}

static int open_failed(int r, const char *path, struct error *err)
{
	if (r == -EXDEV) {
		error_set(err, EXDEV, "open a file of the lesson", path,
		        "the path leads out of the lesson's folder");
		error_advise(
		        err, "Put the file into the folder and name it relative to index.json.");
		return r;
	}
	error_set(err, -r, "open a file of the lesson", path, NULL);
	if (r == -ENOENT)
		error_advise(err, "index.json names it; add the file or take the name out.");
	return r;
}

int folder_open(int folder_fd, const char *path, size_t limit, struct error *err)
{
	auto_close fd = open_beneath(folder_fd, path);
	struct stat st;

	if (fd < 0)
		return open_failed(fd, path, err);
	if (fstat(fd, &st) < 0)
		return error_set(err, errno, "stat a file of the lesson", path, NULL);
	if (S_ISDIR(st.st_mode))
		return error_set(err, EISDIR, "open a file of the lesson", path, NULL);
	if (!S_ISREG(st.st_mode))
		return error_set(
		        err, EINVAL, "open a file of the lesson", path, "it is not a regular file");
	if ((size_t)st.st_size > limit)
		return error_set(err, EFBIG, "open a file of the lesson", path,
		        "it has %lld bytes; at most %zu are read", (long long)st.st_size, limit);
	return steal_fd(&fd);
}

/* Appends a chunk without the bytes that text does not need. */
static void add_text(struct buf *out, const char *bytes, size_t n)
{
	for (size_t i = 0, start = 0; i <= n; i++) {
		if (i < n && bytes[i] != '\0' && bytes[i] != '\r')
			continue;
		buf_add_bytes(out, bytes + start, i - start);
		start = i + 1;
	}
}

int folder_read_bytes(
        int folder_fd, const char *path, size_t limit, struct buf *out, struct error *err)
{
	auto_close fd = folder_open(folder_fd, path, limit, err);
	char chunk[16384];

	if (fd < 0)
		return fd;
	for (;;) {
		ssize_t n = read(fd, chunk, sizeof chunk);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_set(err, errno, "read a file of the lesson", path, NULL);
		if (n == 0)
			break;
		if (out->len + (size_t)n > limit)
			return error_set(err, EFBIG, "read a file of the lesson", path,
			        "it grew beyond %zu bytes", limit);
		buf_add_bytes(out, chunk, (size_t)n);
	}
	if (buf_failed(out))
		return error_set(err, ENOMEM, "read a file of the lesson", path, NULL);
	return 0;
}

int folder_read(int folder_fd, const char *path, size_t limit, struct buf *out, struct error *err)
{
	auto_buf bytes = BUF_INIT, text = BUF_INIT;
	const char *start;
	int r = folder_read_bytes(folder_fd, path, limit, &bytes, err);

	if (r < 0)
		return r;
	add_text(&text, buf_text(&bytes), bytes.len);
	start = buf_text(&text);
	buf_add(out, strncmp(start, "\xef\xbb\xbf", 3) ? start : start + 3);
	if (buf_failed(&text) || buf_failed(out))
		return error_set(err, ENOMEM, "read a file of the lesson", path, NULL);
	return 0;
}

int folder_read_text(
        int folder_fd, const char *path, size_t limit, struct buf *out, struct error *err)
{
	auto_buf bytes = BUF_INIT;
	int r = folder_read_bytes(folder_fd, path, limit, &bytes, err);

	if (r < 0)
		return r;
	text_decode(buf_text(&bytes), bytes.len, out);
	if (buf_failed(out))
		return error_set(err, ENOMEM, "read a file of the lesson", path, NULL);
	return 0;
}
