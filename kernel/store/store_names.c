/* Names come and go; what no name leads to any more is collected. */
#include "kernel/base/cleanup.h"
#include "kernel/store/collect.h"
#include "kernel/store/find.h"
#include "kernel/store/partial.h"
#include "kernel/store/reference.h"
#include "kernel/store/store.h"
#include "kernel/store/store_read.h"

#include <errno.h>
#include <string.h>

int store_name_to_keep(const char *name, char ret[REFERENCE_TEXT], struct error *err)
{
	struct reference r, full;
	bool added[REFERENCE_PARTS];
	int status = reference_parse(name, &r, NULL, err);

	if (status < 0)
		return status;
	if (r.digest[0])
		return error_set(err, EINVAL, "name image", name,
		        "a digest is not given, it is what the content has");
	reference_complete(&r, &full, added);
	memcpy(r.tag, full.tag, sizeof r.tag);
	r.scheme[0] = '\0';
	reference_format(&r, ret);
	return 0;
}

/* One more name for what is there. */
static int add_name(const struct layout *l, const char *name, const char *digest, struct error *err)
{
	auto_buf text = BUF_INIT;
	json_t *document;
	int r = layout_get(l, digest, &text, err);

	if (r < 0)
		return r;
	document = json_loadb(buf_text(&text), text.len, 0, NULL);
	r = layout_name(l, name, layout_media_type(document), digest, text.len, err);
	json_decref(document);
	return r;
}

static int tag(const struct layout *l, const char *word, const char *kept, struct error *err)
{
	struct found f = {0};
	auto_close lock = layout_lock(l, err);
	int r = lock < 0 ? lock : store_find(l, word, &f, err);

	if (r == 0)
		r = add_name(l, kept, f.digest, err);
	found_release(&f);
	return r;
}

int store_tag(const char *word, const char *name, char **ret_name, struct error *err)
{
	char kept[REFERENCE_TEXT];
	struct layout l = {0};
	int r = store_name_to_keep(name, kept, err);

	if (r < 0)
		return r;
	r = store_open(&l, err);
	if (r == 0)
		r = tag(&l, word, kept, err);
	layout_release(&l);
	if (r == 0 && !(*ret_name = strdup(kept)))
		r = error_set(err, ENOMEM, "name image", name, NULL);
	return r;
}

/* By its digest an image is meant with all its names; a name is that name only. */
static int forget(const struct layout *l, const char *word, struct error *err)
{
	struct found f = {0};
	int r = store_find(l, word, &f, err);

	if (r == 0 && (!f.name[0] || digest_valid(word) ||
	                      !strncmp(digest_hex(f.digest), word, strlen(word))))
		r = layout_forget(l, f.digest, err);
	else if (r == 0)
		r = layout_unname(l, f.name, err);
	found_release(&f);
	return r;
}

/* Without a word only what nothing needs. */
static int remove_locked(
        const struct layout *l, const char *word, struct collected *ret, struct error *err)
{
	auto_close lock = layout_lock(l, err);
	int r = lock < 0 ? lock : word ? forget(l, word, err) : 0;

	if (r == 0)
		r = store_collect(l, ret, err);
	return r < 0 || word ? r : partial_collect(l, 0, ret, err);
}

int store_remove(const char *word, struct collected *ret, struct error *err)
{
	struct layout l = {0};
	int r = store_open(&l, err);

	if (r == 0)
		r = remove_locked(&l, word, ret, err);
	layout_release(&l);
	return r;
}

int store_prune(struct collected *ret, struct error *err)
{
	return store_remove(NULL, ret, err);
}
