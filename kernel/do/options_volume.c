#include "kernel/do/options.h"

#include "kernel/base/cleanup.h"
#include "kernel/do/mount.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

static int bad(const char *text, const char *cause, struct error *err)
{
	error_set(err, EINVAL, "read volume", text, "%s", cause);
	error_advise(err,
	        "a volume is SOURCE:DESTINATION[:ro], as in ./data:/data; or :idmap, or :ro,idmap");
	return -EINVAL;
}

/* "//a///b/" is "/a/b". NULL for what is no plain absolute path, or is "/" itself. */
static char *plain_path(const char *text)
{
	auto_buf path = BUF_INIT;

	if (*text != '/')
		return NULL;
	for (size_t n; *text; text += n) {
		text += strspn(text, "/");
		n = strcspn(text, "/");
		if ((n == 1 && text[0] == '.') || (n == 2 && text[0] == '.' && text[1] == '.'))
			return NULL;
		if (n) {
			buf_addc(&path, '/');
			buf_add_bytes(&path, text, n);
		}
	}
	return path.len ? buf_steal(&path) : NULL;
}

static bool fits_json(const char *text)
{
	json_t *value = json_string(text);

	json_decref(value);
	return value;
}

int options_volume_place(const char *inside, char **ret, struct error *err)
{
	static const char *const ours[] = {"/proc", "/dev", "/sys"};
	auto_free char *path = plain_path(inside);

	if (!path)
		return bad(inside,
		        "the destination should be an absolute path below /, without '.' and '..'",
		        err);
	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
		if (mount_is_below(path, ours[i]))
			return bad(inside, "/proc, /dev and /sys are the container's own", err);
	if (!fits_json(path))
		return bad(inside, "the destination is not UTF-8", err);
	*ret = steal_ptr(path);
	return 0;
}

static int take_source(const char *outside, char **ret, struct error *err)
{
	auto_free char *path = NULL;

	/* docker would make a volume of that name, and keep it. */
	if (!strchr(outside, '/') && strcmp(outside, ".") != 0)
		return bad(outside, "the source should be a path, with a '/' in it", err);
	path = realpath(outside, NULL);
	if (!path) {
		error_set(err, errno, "find volume", outside, "the source: %s", strerror(errno));
		error_advise(err, "a source has to be there before: mkdir %s", outside);
		return -err->code;
	}
	if (!fits_json(path))
		return bad(outside, "the source is not UTF-8", err);
	*ret = steal_ptr(path);
	return 0;
}

/* "ro", "ro,idmap"; of ro and rw the last counts. */
static bool take_words(const char *words, struct volume_option *ret)
{
	for (;;) {
		size_t n = strcspn(words, ",");
		if (n == 2 && (!strncmp(words, "ro", n) || !strncmp(words, "rw", n)))
			ret->read_only = words[1] == 'o';
		else if (n == 5 && !strncmp(words, "idmap", n))
			ret->idmap = true;
		else
			return false;
		if (!words[n])
			return true;
		words += n + 1;
	}
}

int options_volume(const char *text, struct volume_option *ret, struct error *err)
{
	const char *middle = strchr(text, ':'), *words;
	auto_free char *outside = NULL, *inside = NULL;
	struct volume_option v = {0};
	int r;

	if (!middle)
		return bad(text, "where it is to be seen inside is missing", err);
	words = strchrnul(middle + 1, ':');
	outside = strndup(text, (size_t)(middle - text));
	inside = strndup(middle + 1, (size_t)(words - middle - 1));
	if (!outside || !inside)
		return error_set(err, ENOMEM, "read volume", text, NULL);
	if (*words && !take_words(words + 1, &v))
		return bad(text, "what follows the destination should be ro or rw, or idmap", err);
	r = options_volume_place(inside, &v.destination, err);
	if (r == 0)
		r = take_source(outside, &v.source, err);
	if (r == 0)
		*ret = v;
	else
		options_volume_release(&v);
	return r;
}

void options_volume_release(struct volume_option *v)
{
	free(v->source);
	free(v->destination);
	*v = (struct volume_option){0};
}
