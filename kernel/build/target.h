/* Files written into a root file system that somebody else made. Every path is resolved with that
 * root as "/" (kernel/do/rootpath.h): no link of an image leads out of it. */
#pragma once

#include "kernel/base/error.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

struct target {
	int root;
	uid_t shift;    /* what user and group 0 inside are out here */
	bool single;    /* only one id exists here: owners are what they are */
	bool has_owner; /* --chown: */
	uid_t uid;
	gid_t gid;
	bool has_mode; /* --chmod: */
	mode_t mode;

	/* The directory of the last file, open. */
	char last[PATH_MAX];
	int last_fd;
};

/* What a file is to be. Owners as they are inside. */
struct target_file {
	mode_t mode; /* permissions */
	uid_t uid;
	gid_t gid;
	struct timespec mtime;
};

void target_init(struct target *t, int root);
void target_release(struct target *t);

/* Whether a directory is there (also through links). */
bool target_has_directory(const struct target *t, const char *path);
/* Makes the directory and those on the way that are missing; one that is there stays as it is.
 * `like` NULL: of mode 755, root's or as --chown says. */
int target_directory(
        struct target *t, const char *path, const struct target_file *like, struct error *err);
/* Opens a new file to be written, in place of what has the name; a directory has it: -EISDIR. */
int target_open(struct target *t, const char *path, struct error *err);
/* When its content is there: owner, mode and time. */
int target_finish(struct target *t, int fd, const char *path, const struct target_file *like,
        struct error *err);
int target_symlink(struct target *t, const char *path, const char *text,
        const struct target_file *like, struct error *err);
/* A second name for a file that was written before. */
int target_hardlink(struct target *t, const char *path, const char *old, struct error *err);

/* "a//b/./c/" becomes "a/b/c"; a ".." stays what it is. False when it does not fit. */
bool target_join(char ret[PATH_MAX], const char *directory, const char *path);
