#include "kernel/store/find.h"

#include "kernel/base/cleanup.h"
#include "kernel/store/alias.h"
#include "kernel/store/reference.h"

#include <errno.h>
#include <string.h>

void found_release(struct found *f)
{
	free(f->name);
	*f = (struct found){0};
}

static int take(struct found *f, const char *name, const char *digest, struct error *err)
{
	free(f->name);
	f->name = strdup(name);
	if (!f->name)
		return error_set(err, ENOMEM, "find image", name, NULL);
	digest_copy(f->digest, digest);
	return 0;
}

static int by_reference(const struct layout *l, const struct reference *r, struct found *f)
{
	char text[REFERENCE_TEXT], digest[DIGEST_TEXT];

	reference_format(r, text);
	return layout_find(l, text, digest, NULL) == 0 ? take(f, text, digest, NULL) : -ENOENT;
}

/* With the tag that a name of this machine has when none was given, then as docker completes it. */
static int by_full_name(const struct layout *l, const char *word, struct found *f)
{
	struct reference r, full;
	bool added[REFERENCE_PARTS];

	if (reference_parse(word, &r, NULL, NULL) < 0)
		return -ENOENT;
	reference_complete(&r, &full, added);
	memcpy(r.tag, full.tag, sizeof r.tag);
	if (by_reference(l, &r, f) == 0)
		return 0;
	return by_reference(l, &full, f);
}

/* The same digest under two names is one image; the first name is as good as the other. */
static int by_digest(const struct layout *l, const char *word, struct found *f, struct error *err)
{
	json_t *index = NULL, *descriptor;
	size_t i, n = strlen(word);
	int r;

	if (!strncmp(word, "sha256:", 7) || !strncmp(word, "sha512:", 7)) {
		word += 7;
		n -= 7;
	}
	if (n < FIND_DIGITS || strspn(word, "0123456789abcdef") != n)
		return -ENOENT;
	r = layout_index(l, &index, err);
	if (r < 0)
		return r;
	r = -ENOENT;
	json_array_foreach (json_object_get(index, "manifests"), i, descriptor) {
		const char *digest = json_string_value(json_object_get(descriptor, "digest"));
		if (!digest_valid(digest) || strncmp(digest_hex(digest), word, n) != 0)
			continue;
		if (r == 0 && strcmp(digest, f->digest) != 0) {
			r = error_set(err, ENOTUNIQ, "find image", word,
			        "the digests of several images begin so");
			break;
		}
		if (r != 0)
			r = take(f, layout_name_of(descriptor), digest, err);
	}
	json_decref(index);
	return r;
}

int store_find(const struct layout *l, const char *word, struct found *ret, struct error *err)
{
	struct error missing = {0};
	struct found f = {0};
	int r = layout_find(l, word, f.digest, &missing);

	if (r == 0)
		r = (f.name = strdup(word)) ? 0 : error_set(err, ENOMEM, "find image", word, NULL);
	else if (r == -ENOENT) {
		r = by_full_name(l, word, &f);
		if (r == -ENOENT)
			r = by_digest(l, word, &f, err);
	}
	if (r == 0) {
		*ret = f;
		return 0;
	}
	found_release(&f);
	if (err && !err->code)
		*err = missing;
	error_advise(err, "'cutaway images' lists what is here, 'cutaway pull' fetches more");
	return r;
}

int store_find_to_run(
        const struct layout *l, const char *word, struct found *ret, struct error *err)
{
	struct error missing = {0};
	int r = store_find(l, word, ret, &missing);
	auto_free char *alias = r == -ENOENT ? image_alias(word, NULL) : NULL;

	if (alias && store_find(l, alias, ret, NULL) == 0)
		return 0;
	if (r < 0 && err && !err->code)
		*err = missing;
	return r;
}
