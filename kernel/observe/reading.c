#include "kernel/observe/reading.h"

#include "kernel/base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

long reading_file(struct reading *r, int dirfd, const char *path)
{
	auto_close fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	size_t total = 0;

	if (fd < 0)
		return -errno;
	while (total < READING_SCRATCH - 1) {
		size_t room = READING_SCRATCH - 1 - total;
		ssize_t n = read(fd, r->scratch + total, room);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		total += (size_t)n;
		/* A record shorter than the room is whole: no second read to be told so. */
		if ((size_t)n < room)
			break;
	}
	r->scratch[total] = '\0';
	return (long)total;
}

uint64_t reading_ns_link(int dirfd, const char *type)
{
	char text[64];
	ssize_t n = readlinkat(dirfd, type, text, sizeof text);
	uint64_t inode = 0;
	ssize_t i = 0;

	while (i < n && text[i] != '[')
		i++;
	if (i == n || n < 0)
		return 0;
	for (i++; i < n && text[i] >= '0' && text[i] <= '9'; i++)
		if (__builtin_mul_overflow(inode, 10, &inode) ||
		        __builtin_add_overflow(inode, (uint64_t)(text[i] - '0'), &inode))
			return 0;
	return i < n && text[i] == ']' ? inode : 0;
}

int reading_process_dir(const struct reading *r, pid_t pid)
{
	char name[16];

	snprintf(name, sizeof name, "%d", (int)pid);
	return openat(r->proc, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

const char *reading_string(struct reading *r, const char *text, size_t n)
{
	char *copy = n ? arena_strndup(&r->model->arena, text, n) : NULL;

	return copy ? copy : "";
}
