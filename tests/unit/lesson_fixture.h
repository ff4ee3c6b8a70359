/* A folder of its own for each test, in /tmp, and files in it. */
#pragma once

#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
	char directory[64], folder[80]; /* DIRECTORY/lesson, which is made */
	int fd;                         /* of the directory */
};

static inline int make_folder(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	snprintf(f->directory, sizeof f->directory, "/tmp/cutaway-lesson-XXXXXX");
	if (!mkdtemp(f->directory))
		return -1;
	snprintf(f->folder, sizeof f->folder, "%s/lesson", f->directory);
	f->fd = open(f->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*state = f;
	return f->fd < 0 ? -1 : mkdir(f->folder, 0755);
}

static inline int remove_folder(void **state)
{
	struct fixture *f = *state;
	int r = dir_remove_tree(AT_FDCWD, f->directory);

	close(f->fd);
	free(f);
	return r;
}

/* Files of the lesson; "../x" is one beside it. Folders are made as needed. */
static inline void put_bytes(const struct fixture *f, const char *name, const char *text, size_t n)
{
	auto_free char *path = NULL, *slash = NULL;

	assert_true(asprintf(&path, "%s/%s", f->folder, name) > 0);
	slash = strdup(path);
	*strrchr(slash, '/') = '\0';
	assert_int_equal(dir_make(slash, 0755), 0);
	assert_int_equal(file_replace_at(AT_FDCWD, path, text, n, 0644), 0);
}

static inline void put(const struct fixture *f, const char *name, const char *text)
{
	put_bytes(f, name, text, strlen(text));
}
