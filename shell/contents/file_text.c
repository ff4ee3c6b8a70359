#include "shell/contents/file_text.h"

#include "kernel/base/cleanup.h"
#include "render/glyph.h"

#include <stdio.h>
#include <string.h>

void file_mode_text(const struct file_change *c, char ret[FILE_MODE_TEXT])
{
	static const char types[] = "-dlcbp", bits[] = "rwxrwxrwx";

	ret[0] = types[c->type];
	for (int i = 0; i < 9; i++)
		ret[1 + i] = c->mode & (0400 >> i) ? bits[i] : '-';
	if (c->mode & 04000)
		ret[3] = c->mode & 0100 ? 's' : 'S';
	if (c->mode & 02000)
		ret[6] = c->mode & 0010 ? 's' : 'S';
	if (c->mode & 01000)
		ret[9] = c->mode & 0001 ? 't' : 'T';
	ret[10] = '\0';
}

void file_owner_text(const struct file_change *c, char ret[FILE_OWNER_TEXT])
{
	snprintf(ret, FILE_OWNER_TEXT, "%u:%u", c->uid, c->gid);
}

char file_kind_sign(enum file_kind kind)
{
	return "+~- "[kind];
}

const char *file_kind_word(enum file_kind kind)
{
	static const char *const words[] = {"added", "changed", "removed", "unchanged"};

	return words[kind];
}

const char *file_type_word(enum file_type type)
{
	static const char *const words[] = {
	        "file", "directory", "symbolic link", "character device", "block device", "fifo"};

	return words[type];
}

static const char *clean(struct arena *arena, const char *text)
{
	const char *shown = text_clean(arena, text, FILE_PATH_MAX);

	return shown ? shown : "";
}

const char *file_path_text(const struct file_tree *t, uint32_t node, struct arena *arena)
{
	char path[FILE_PATH_MAX];

	file_tree_path(t, node, path);
	return clean(arena, path);
}

static const char *joined(struct arena *arena, const char *sign, const char *text)
{
	size_t n = strlen(sign) + strlen(text) + 1;
	char *out = arena_alloc(arena, n);

	if (!out)
		return "";
	snprintf(out, n, "%s%s", sign, text);
	return out;
}

const char *file_link_text(
        const struct file_tree *t, const struct file_change *c, struct arena *arena)
{
	if (c->kind == FILE_REMOVED)
		return "";
	if (c->type == FILE_SYMLINK && !c->hard_link)
		return joined(arena, " -> ", clean(arena, file_tree_target(t, c)));
	if (c->hard_link && c->about != FILE_NONE)
		return joined(arena, " = ", file_path_text(t, c->about, arena));
	return "";
}

json_t *file_json_text(const char *text)
{
	json_t *plain = json_string(text), *cleaned;
	struct arena arena = {0};

	if (plain)
		return plain;
	cleaned = json_string(clean(&arena, text));
	arena_release(&arena);
	return cleaned;
}

static const char *cause_word(enum file_reason reason)
{
	static const char *const words[] = {
	        "listed", "implied", "whiteout", "opaque directory", "replaced"};

	return words[reason];
}

json_t *file_json(const struct file_tree *t, const struct file_change *c)
{
	char path[FILE_PATH_MAX], mode[8];
	json_t *o;

	file_tree_path(t, c->node, path);
	snprintf(mode, sizeof mode, "%04o", c->mode);
	o = json_pack("{s:o, s:s, s:s}", "path", file_json_text(path), "kind",
	        file_kind_word(c->kind), "type", file_type_word(c->type));
	if (c->kind == FILE_REMOVED) {
		json_object_set_new(o, "by", json_string(cause_word(c->reason)));
		if (c->about != FILE_NONE && c->about != c->node) {
			file_tree_path(t, c->about, path);
			json_object_set_new(o, "of", file_json_text(path));
		}
		return o;
	}
	json_object_set_new(o, "size", json_integer((json_int_t)c->size));
	json_object_set_new(o, "mode", json_string(mode));
	json_object_set_new(o, "uid", json_integer(c->uid));
	json_object_set_new(o, "gid", json_integer(c->gid));
	json_object_set_new(o, "mtime", json_integer(c->mtime));
	if (c->type == FILE_SYMLINK && !c->hard_link)
		json_object_set_new(o, "target", file_json_text(file_tree_target(t, c)));
	if (c->hard_link && c->about != FILE_NONE) {
		file_tree_path(t, c->about, path);
		json_object_set_new(o, "hard_link", file_json_text(path));
	}
	return o;
}
