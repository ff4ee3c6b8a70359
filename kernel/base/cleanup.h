/* Ownership by scope: a variable marked `auto_close`, `auto_free`, … releases what it holds when
 * its scope ends; steal_fd() and steal_ptr() hand it on instead. */
#pragma once

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "kernel/base/buf.h"

static inline void cleanup_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd); /* never retried: the descriptor is gone whatever close() says, close(2)
		             */
	*fd = -1;
}

static inline void cleanup_heap(void *p)
{
	free(*(void **)p);
}

static inline void cleanup_file(FILE **f)
{
	if (*f)
		fclose(*f);
}

static inline void cleanup_dir(DIR **d)
{
	if (*d)
		closedir(*d);
}

#define auto_close __attribute__((cleanup(cleanup_fd))) int
#define auto_free  __attribute__((cleanup(cleanup_heap)))
#define auto_file  __attribute__((cleanup(cleanup_file))) FILE *
#define auto_dir   __attribute__((cleanup(cleanup_dir))) DIR *
#define auto_buf   __attribute__((cleanup(buf_release))) struct buf

static inline int steal_fd(int *fd)
{
	int taken = *fd;
	*fd = -1;
	return taken;
}

static inline void *steal_pointer(void *slot)
{
	void **p = slot, *taken = *p;
	*p = NULL;
	return taken;
}

#define steal_ptr(p) ((__typeof__(p))steal_pointer(&(p)))
