/* Where lessons are, and which one a person means. */
#pragma once

#include "kernel/base/arena.h"
#include "kernel/base/error.h"

#include <stddef.h>

struct lesson_entry {
	size_t number; /* from 1, in the order of the course */
	const char *name, *folder, *title, *time, *difficulty;
	size_t pages;
	const char *problem; /* why it cannot be read; NULL = it can */
};

struct lesson_list {
	struct lesson_entry *entries;
	size_t n;
	struct arena arena;
};

/* The folder of lessons: $CUTAWAY_LESSONS, else lessons/ beside the directory of the program, else
 * share/cutaway/lessons below its prefix, else /usr/share/cutaway/lessons. *ret is the caller's. */
int lesson_directory(char **ret, struct error *err);

/* All lessons in the order of the course; a broken one is listed with its problem. */
int lesson_list_read(struct lesson_list *ret, struct error *err);
/* Those below another folder; the folder itself when it is a lesson. */
int lesson_list_read_from(const char *directory, struct lesson_list *ret, struct error *err);
void lesson_list_release(struct lesson_list *l);

/* The folder of the lesson that `what` means: a path (it has a slash or is a folder with an
 * index.json), a number, the name of its folder, or the beginning of its title or name in any
 * capitals. *ret is the caller's. -ENOENT, or -EINVAL when several are meant: the error names them.
 */
int lesson_find(const char *what, char **ret, struct error *err);
