/* Files of an image in words: the line of a list, and JSON. */
#pragma once

#include "kernel/base/arena.h"
#include "kernel/contents/file_tree.h"

#include <jansson.h>

enum { FILE_MODE_TEXT = 11, FILE_OWNER_TEXT = 24 };

/* "-rwxr-xr-x", as ls(1) has it. */
void file_mode_text(const struct file_change *c, char ret[FILE_MODE_TEXT]);
/* "0:0" */
void file_owner_text(const struct file_change *c, char ret[FILE_OWNER_TEXT]);
/* '+' added, '~' changed, '-' removed, ' ' the same. */
char file_kind_sign(enum file_kind kind);
/* "added", "changed", … */
const char *file_kind_word(enum file_kind kind);
/* "file", "directory", … */
const char *file_type_word(enum file_type type);
/* Clean text: " -> target" of a symbolic link, " = /other/name" of a hard link, else "". */
const char *file_link_text(
        const struct file_tree *t, const struct file_change *c, struct arena *arena);
/* {"path", "kind", "type", …}; the caller's. NULL: no memory. */
json_t *file_json(const struct file_tree *t, const struct file_change *c);
/* A string; bytes that are no UTF-8 as text_clean() shows them. */
json_t *file_json_text(const char *text);
/* A path, cleaned. "" when memory is out. */
const char *file_path_text(const struct file_tree *t, uint32_t node, struct arena *arena);
