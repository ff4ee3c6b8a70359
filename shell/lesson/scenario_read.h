/* What the files that read a scenario share: scenario.c (the lesson), scenario_page.c (its pages),
 * scenario_ours.c (our own key). For nobody else.
 *
 * All of them go on where something is wrong, and note it as a problem of the lesson; they return
 * negative only when memory is out. */
#pragma once

#include "kernel/base/error.h"
#include "shell/lesson/scenario.h"

#include <jansson.h>

struct reader {
	struct scenario *s;
	int fd; /* the folder */
	size_t problems_room;
	struct error *err;
};

int reader_no_memory(struct reader *r);

/* Notes what is wrong with a file, or with a key of index.json. */
int reader_problem(struct reader *r, int code, const char *file, const char *format, ...)
        __attribute__((format(printf, 4, 5)));

/* A file that is text for people; *ret stays untouched when it cannot be read, which is a problem
 * unless `quiet`. Also appends the path that it really has, if `found` is not NULL. */
int reader_text(struct reader *r, const char *path, bool quiet, const char **found, struct buf *out,
        bool *ret_read);

/* A key of an object as clean text, of one line unless `lines`; numbers and truth values count as
 * text, a list of texts is one text. *ret stays when the key is not there. */
int reader_string(
        struct reader *r, const json_t *object, const char *key, bool lines, const char **ret);

/* The title of an object, its tags and entities as what they stand for. */
int reader_title(struct reader *r, const json_t *object, const char **ret);

/* An array of strings (or one string alone) appended to *list. */
int reader_list(
        struct reader *r, const json_t *object, const char *key, const char ***list, size_t *n);

/* The script that a key names; ret stays when there is none. */
int reader_script(
        struct reader *r, const json_t *object, const char *key, struct scenario_script *ret);

/* A part of the lesson: below "details", or beside it, as older ones and hasty ones have it. */
const json_t *reader_part(const json_t *root, const char *key);

/* The pages: of `root`, the whole of index.json. */
int reader_pages(struct reader *r, const json_t *root);

/* Our own key, of the lesson (for every page) or of one page. */
int reader_ours(struct reader *r, const json_t *ours, struct scenario_page *page);
