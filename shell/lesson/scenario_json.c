#include "shell/lesson/scenario_json.h"

#include "kernel/base/cleanup.h"
#include "shell/lesson/folder.h"
#include "shell/lesson/json_mend.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

/* The object in the text; NULL and the error when there is none. */
static json_t *parse(const char *text, size_t n, const char *whole, struct error *err)
{
	json_error_t where;
	/* Depth is bounded by jansson itself (JSON_PARSER_MAX_DEPTH). */
	json_t *root = json_loadb(text, n, 0, &where);
	auto_free char *place = NULL;

	if (json_is_object(root))
		return root;
	if (asprintf(&place, "%s:%d:%d", whole, root ? 1 : where.line, root ? 1 : where.column) < 0)
		place = NULL;
	error_set(err, EINVAL, "read JSON", place ? place : whole, "%s",
	        root ? "the file is not an object: { … }" : where.text);
	json_decref(root);
	return NULL;
}

/* What is wrong with a text that is read all the same; keys that stand twice are JSON, but one of
 * them is not heard. */
static void add_remark(const char *text, size_t n, const char *path, struct buf *remark)
{
	json_error_t where;
	json_t *root = json_loadb(text, n, JSON_REJECT_DUPLICATES, &where);
	bool doubled = json_error_code(&where) == json_error_duplicate_key;

	if (!root)
		buf_addf(remark, "%s:%d: %s; %s.", path, where.line, where.text,
		        doubled ? "of a key that stands twice the last counts"
		                : "it is not quite JSON and is read as it was meant");
	json_decref(root);
}

static json_t *parse_mended(const char *text, size_t n)
{
	auto_buf mended = BUF_INIT;
	json_t *root;

	json_mend(text, n, &mended);
	/* What stands behind the object is of no use to anybody. */
	root = json_loadb(
	        buf_text(&mended), mended.len, JSON_DISABLE_EOF_CHECK | JSON_ALLOW_NUL, NULL);
	if (json_is_object(root))
		return root;
	json_decref(root);
	return NULL;
}

static int read_json(int fd, const char *folder, const char *path, size_t limit, bool sloppy,
        struct buf *remark, json_t **ret, struct error *err)
{
	auto_buf text = BUF_INIT;
	auto_free char *whole = NULL;
	struct error inner = {0}, wrong = {0};
	json_t *root;
	int r = sloppy ? folder_read_text(fd, path, limit, &text, &inner)
	               : folder_read(fd, path, limit, &text, &inner);

	if (asprintf(&whole, "%s/%s", folder, path) < 0)
		return error_set(err, ENOMEM, "read lesson", folder, NULL);
	if (r == -ENOENT) {
		error_set(err, ENOENT, "read lesson", whole, NULL);
		error_advise(
		        err, "A lesson is a folder with an index.json, as Killercoda has them.");
		return r;
	}
	if (r < 0)
		return error_set(err, -r, inner.operation, whole, "%s", inner.cause);
	root = parse(buf_text(&text), text.len, whole, &wrong);
	if (!root && sloppy)
		root = parse_mended(buf_text(&text), text.len);
	if (root && remark)
		add_remark(buf_text(&text), text.len, path, remark);
	if (!root) {
		if (err && !err->code)
			*err = wrong;
		return -EINVAL;
	}
	*ret = root;
	return 0;
}

int scenario_json_read(
        int fd, const char *folder, const char *path, size_t limit, json_t **ret, struct error *err)
{
	return read_json(fd, folder, path, limit, false, NULL, ret, err);
}

int scenario_json_read_sloppy(int fd, const char *folder, const char *path, size_t limit,
        struct buf *remark, json_t **ret, struct error *err)
{
	return read_json(fd, folder, path, limit, true, remark, ret, err);
}

static const char *skip_space(const char *p)
{
	return p + strspn(p, " \t\r\n");
}

static const char *skip_string(const char *p)
{
	for (p++; *p && *p != '"'; p++)
		if (*p == '\\' && p[1])
			p++;
	return *p ? p + 1 : p;
}

/* Past one value: brackets are counted, strings jumped over. */
static const char *skip_value(const char *p)
{
	int depth = 0;

	for (p = skip_space(p); *p; p++) {
		if (*p == '"')
			p = skip_string(p) - 1;
		else if (*p == '{' || *p == '[')
			depth++;
		else if ((*p == '}' || *p == ']') && --depth <= 0)
			return depth < 0 ? p : p + 1;
		else if (*p == ',' && depth == 0)
			return p;
	}
	return p;
}

/* The value of `key` in the object at p, or the item of that index in the array; NULL = none. */
static const char *enter(const char *p, const char *key, size_t length, long index)
{
	bool object = *p == '{';

	if (*p != (index < 0 ? '{' : '['))
		return NULL;
	for (p = skip_space(p + 1); *p && *p != '}' && *p != ']'; p = skip_space(p)) {
		const char *name = p;

		if (object) {
			p = skip_space(skip_string(p));
			p = skip_space(p + (*p == ':'));
			if (!strncmp(name + 1, key, length) && name[1 + length] == '"')
				return p;
		} else if (index-- == 0) {
			return p;
		}
		p = skip_space(skip_value(p));
		p += *p == ',';
	}
	return NULL;
}

int scenario_json_line(const char *text, const char *path)
{
	const char *p = skip_space(text), *next;
	int line = 1;

	while (*path) {
		long index = *path == '[' ? strtol(path + 1, NULL, 10) : -1;
		size_t length = index < 0 ? strcspn(path, ".[") : strcspn(path, "]") + 1;

		next = enter(p, path, length, index);
		if (!next)
			break;
		p = next;
		path += length;
		path += *path == '.';
	}
	for (const char *q = text; q < p; q++)
		line += *q == '\n';
	return line;
}
