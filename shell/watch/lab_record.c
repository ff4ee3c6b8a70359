#include "shell/watch/lab_record.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/dirs.h"
#include "kernel/base/file.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { EVERY_MS = 100, BYTES_MOST = 16 << 20 };

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

void lab_record_open(struct lab_record *l)
{
	const char *id = getenv("CUTAWAY_LAB");
	auto_free char *labs = NULL;
	auto_close directory = -1;
	char below[80];

	*l = (struct lab_record){.fd = -1};
	if (!id || !*id || strchr(id, '/') || *id == '.' ||
	        snprintf(below, sizeof below, "labs/%s", id) >= (int)sizeof below ||
	        dirs_path(DIRS_RUNTIME, below, false, &labs, NULL) < 0)
		return;
	directory = open(labs, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (directory < 0)
		return;
	/* Another file than the one before: who reads it begins anew. */
	unlinkat(directory, LAB_RECORD_NAME, 0);
	l->fd = openat(directory, LAB_RECORD_NAME, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
}

static void flush(struct lab_record *l)
{
	if (l->waiting.len && (buf_failed(&l->waiting) ||
	                              file_write_all(l->fd, l->waiting.data, l->waiting.len) < 0))
		cleanup_fd(&l->fd);
	buf_reset(&l->waiting);
	l->written_ms = now_ms();
}

void lab_record_put(struct lab_record *l, const char *bytes, size_t n)
{
	if (l->fd < 0 || l->bytes > BYTES_MOST)
		return;
	l->bytes += n;
	buf_add_bytes(&l->waiting, bytes, n);
}

void lab_record_wait(struct lab_record *l, int fd)
{
	struct pollfd readable = {.fd = fd, .events = POLLIN};
	uint64_t passed = now_ms() - l->written_ms;

	if (l->fd < 0 || !l->waiting.len)
		return;
	if (passed >= EVERY_MS || poll(&readable, 1, (int)(EVERY_MS - passed)) == 0)
		flush(l);
}

void lab_record_close(struct lab_record *l)
{
	if (l->fd >= 0)
		flush(l);
	cleanup_fd(&l->fd);
	buf_release(&l->waiting);
}
