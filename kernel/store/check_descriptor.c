#include "kernel/store/check.h"

#include "kernel/base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char *const known[] = {"mediaType", "digest", "size", "urls", "annotations", "data",
        "artifactType", "platform", NULL};

static void check_size(const struct document *d, const json_t *size, const char *at)
{
	if (!size)
		check_fault(d, FAULT_BROKEN, at, DESCRIPTOR_SECTION, "size is missing");
	else if (!json_is_integer(size))
		check_fault(d, FAULT_BROKEN, at, DESCRIPTOR_SECTION,
		        "size is no number of bytes, but %s",
		        json_is_string(size) ? "a text"
		        : json_is_real(size) ? "a fraction"
		                             : "something else");
	else if (json_integer_value(size) < 0)
		check_fault(d, FAULT_BROKEN, at, DESCRIPTOR_SECTION,
		        "size is no number of bytes: it is negative, %lld",
		        (long long)json_integer_value(size));
}

/* The six bits of a character of RFC 4648, 4; -1 for any other. */
static int bits_of(char c)
{
	static const char letters[] =
	        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(letters, c) : NULL;

	return at ? (int)(at - letters) : -1;
}

/* *ret_n bytes; NULL when it is no base64. */
static unsigned char *decode(const char *text, size_t n, size_t *ret_n)
{
	auto_free unsigned char *out = malloc(n / 4 * 3 + 3);
	unsigned long word = 0;
	size_t used = 0, pad = n && text[n - 1] == '=' ? 1 + (n > 1 && text[n - 2] == '=') : 0;

	if (!out || n % 4 != 0)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		int bits = i < n - pad ? bits_of(text[i]) : 0;
		if (bits < 0)
			return NULL;
		word = word << 6 | (unsigned)bits;
		if (i % 4 == 3)
			for (int shift = 16; shift >= 0; shift -= 8)
				out[used++] = (unsigned char)(word >> shift);
	}
	*ret_n = used - pad;
	return steal_ptr(out);
}

/* The blob once more, in the descriptor itself. */
static void check_data(const struct document *d, const json_t *o, const char *at)
{
	const char *text = check_text(d, o, at, "data", false, DATA_SECTION);
	const char *digest = json_string_value(json_object_get(o, "digest"));
	const json_t *size = json_object_get(o, "size");
	auto_free unsigned char *bytes = NULL;
	char got[DIGEST_TEXT];
	size_t n = 0;

	if (!text)
		return;
	bytes = decode(text, strlen(text), &n);
	if (!bytes)
		check_fault(d, FAULT_BROKEN, at, DATA_SECTION, "data is no base64");
	else if (json_is_integer(size) && (uint64_t)json_integer_value(size) != n)
		check_fault(d, FAULT_BROKEN, at, DATA_SECTION,
		        "data: size is %lld, and it has %zu bytes",
		        (long long)json_integer_value(size), n);
	else if (digest_valid(digest) && digest_of(digest_algorithm(digest), bytes, n, got) == 0 &&
	         strcmp(got, digest) != 0)
		check_fault(d, FAULT_BROKEN, at, DATA_SECTION,
		        "data: the sum of its bytes is %s, not the digest", got);
}

static void check_platform(const struct document *d, const json_t *o, const char *at)
{
	static const char *const names[] = {
	        "architecture", "os", "os.version", "os.features", "variant", "features", NULL};
	const json_t *platform = json_object_get(o, "platform");
	auto_free char *path = NULL;

	if (!platform || json_is_null(platform) || asprintf(&path, "%s.platform", at) < 0)
		return;
	if (!json_is_object(platform)) {
		check_fault(d, FAULT_BROKEN, path, LIST_SECTION, "it is no object");
		return;
	}
	check_case(d, platform, path, names, LIST_SECTION);
	check_text(d, platform, path, "architecture", true, LIST_SECTION);
	check_text(d, platform, path, "os", true, LIST_SECTION);
	check_text(d, platform, path, "variant", false, LIST_SECTION);
	check_text(d, platform, path, "os.version", false, LIST_SECTION);
	check_texts(d, platform, path, "os.features", LIST_SECTION);
}

/* Whether the file is here and may be gone into. */
static bool check_file(const struct document *d, const json_t *o, const char *at,
        const char *digest, unsigned flags)
{
	const json_t *size = json_object_get(o, "size");
	char path[DIGEST_TEXT];
	struct stat st;

	digest_path(digest, path);
	if (d->check->blobs < 0 || fstatat(d->check->blobs, path, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		if (json_array_size(json_object_get(o, "urls")) == 0 && !(flags & MAY_BE_MISSING))
			check_missing(d, at, BLOBS_SECTION, "%s is missing", digest);
		return false;
	}
	if (S_ISREG(st.st_mode) && json_is_integer(size) && json_integer_value(size) >= 0 &&
	        json_integer_value(size) != st.st_size)
		check_fault(d, FAULT_BROKEN, at, DESCRIPTOR_SECTION,
		        "size is %lld, the file has %lld bytes",
		        (long long)json_integer_value(size), (long long)st.st_size);
	return true;
}

bool check_descriptor(const struct document *d, const json_t *o, const char *at, unsigned flags,
        const char **ret_digest)
{
	auto_free char *path = NULL;
	const char *type, *digest;

	if (!json_is_object(o)) {
		check_fault(d, FAULT_BROKEN, at, DESCRIPTOR_SECTION,
		        o ? "it is no descriptor, an object" : "there is none");
		return false;
	}
	if (asprintf(&path, "%s.digest", at) < 0)
		return false;
	check_case(d, o, at, known, DESCRIPTOR_SECTION);
	type = check_text(d, o, at, "mediaType", true, DESCRIPTOR_SECTION);
	if (type && type[0] && !check_is_media_type(type))
		check_fault(d, FAULT_BROKEN, at, DESCRIPTOR_SECTION,
		        "mediaType '%.80s' is no media type (RFC 6838, 4.2)", type);
	check_size(d, json_object_get(o, "size"), at);
	check_texts(d, o, at, "urls", DESCRIPTOR_SECTION);
	check_text_map(d, o, at, "annotations", ANNOTATION_SECTION);
	check_text(d, o, at, "artifactType", false, DESCRIPTOR_SECTION);
	check_platform(d, o, at);
	check_data(d, o, at);
	digest = check_text(d, o, at, "digest", true, DIGEST_SECTION);
	if (!digest || !digest[0] || !check_digest(d, path, digest, DIGEST_SECTION))
		return false;
	*ret_digest = digest;
	return check_file(d, o, at, digest, flags);
}
