#include "kernel/build/cache.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { ENTRY_LIMIT = 4096 };

static int path_of(const struct build_place *p, const char *key, char **ret)
{
	return asprintf(ret, "%s/steps/%s", p->path, digest_hex(key)) < 0 ? -ENOMEM : 0;
}

static bool has_blob(const struct build_place *p, const struct layer *l)
{
	char path[DIGEST_TEXT];
	struct stat st;

	digest_path(l->digest, path);
	return fstatat(p->layout.blobs, path, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISREG(st.st_mode) && (uint64_t)st.st_size == l->size;
}

static bool read_entry(const struct build_place *p, const json_t *o, struct step_result *ret)
{
	const char *created, *digest = NULL, *diff_id = NULL;
	struct step_result r = {0};
	json_int_t size = 0;

	if (json_unpack((json_t *)o, "{s:s, s?s, s?s, s?I}", "created", &created, "digest", &digest,
	            "diff_id", &diff_id, "size", &size) < 0)
		return false;
	snprintf(r.created, sizeof r.created, "%s", created);
	r.has_layer = digest;
	if (digest) {
		if (!digest_valid(digest) || !digest_valid(diff_id))
			return false;
		digest_copy(r.layer.digest, digest);
		digest_copy(r.layer.diff_id, diff_id);
		r.layer.size = (uint64_t)size;
		if (!has_blob(p, &r.layer))
			return false;
	}
	*ret = r;
	return true;
}

bool cache_find(const struct build_place *p, const char *key, struct step_result *ret)
{
	auto_free char *path = NULL;
	auto_buf text = BUF_INIT;
	json_t *o;
	bool found;

	if (path_of(p, key, &path) < 0 || file_read_at(AT_FDCWD, path, ENTRY_LIMIT, &text) < 0)
		return false;
	o = json_loadb(buf_text(&text), text.len, 0, NULL);
	found = json_is_object(o) && read_entry(p, o, ret);
	json_decref(o);
	return found;
}

int cache_put(const struct build_place *p, const char *key, const struct step_result *result,
        struct error *err)
{
	json_t *o = json_pack("{s:s}", "created", result->created);
	auto_free char *path = NULL, *text = NULL;
	int r;

	if (o && result->has_layer) {
		json_object_set_new(o, "digest", json_string(result->layer.digest));
		json_object_set_new(o, "diff_id", json_string(result->layer.diff_id));
		json_object_set_new(o, "size", json_integer((json_int_t)result->layer.size));
	}
	text = o ? json_dumps(o, JSON_COMPACT) : NULL;
	json_decref(o);
	r = text ? path_of(p, key, &path) : -ENOMEM;
	if (r == 0)
		r = file_replace_at(AT_FDCWD, path, text, strlen(text), 0600);
	return r < 0 ? error_set(err, -r, "remember step", p->path, NULL) : 0;
}
