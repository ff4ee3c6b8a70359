/* "USER[:GROUP]" as an image says it: names are those of the image's own /etc/passwd and
 * /etc/group, passwd(5), group(5). */
#pragma once

#include "kernel/base/error.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { USERS_GROUPS_MAX = 32, USERS_HOME = 256 };

struct users {
	uint32_t uid, gid;
	uint32_t groups[USERS_GROUPS_MAX]; /* further ones that /etc/group has the user in */
	size_t n_groups;
	char home[USERS_HOME]; /* "" when no file says it */
};

/* Opens a file of the image to be read: a descriptor, or a negative errno. */
typedef int users_open(const void *data, const char *path);
/* In a root that is open: `data` is a pointer to the descriptor. */
int users_open_root(const void *data, const char *path);
/* In unpacked layers, the topmost first. */
struct users_layers {
	char *const *layers;
	size_t n;
};
int users_open_layers(const void *data, const char *path);

/* Whether the text has the form of one. */
bool users_form(const char *text);

/* Numbers stand for themselves; the group of a user in numbers is that of its line, else 0.
 * -ENOENT: the image has no such user or group. -EINVAL: no form of one. */
int users_find(const char *text, users_open *open_file, const void *data, struct users *ret,
        struct error *err);

/* What HOME is to be. */
const char *users_home(const struct users *u);
/* process.user of config.json; the caller's. */
json_t *users_json(const struct users *u);
