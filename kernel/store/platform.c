#include "kernel/store/platform.h"

#include "kernel/base/cleanup.h"

#include <errno.h>
#include <string.h>
#include <sys/utsname.h>

enum { DEPTH_MAX = 8 }; /* indexes in indexes; real ones have one or two */

/* The machine as Go names it, which is what OCI uses (config.md, "architecture"). */
const char *platform_architecture(void)
{
	static const char *const names[][2] = {{"x86_64", "amd64"}, {"aarch64", "arm64"},
	        {"i686", "386"}, {"armv7l", "arm"}, {"riscv64", "riscv64"}, {"ppc64le", "ppc64le"},
	        {"s390x", "s390x"}};
	struct utsname u;

	if (uname(&u) == 0)
		for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
			if (!strcmp(u.machine, names[i][0]))
				return names[i][1];
	return "amd64";
}

static const char *text_in(const json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));

	return text ? text : "";
}

static bool fits(const json_t *descriptor)
{
	const json_t *p = json_object_get(descriptor, "platform");

	return !p || (!strcmp(text_in(p, "os"), "linux") &&
	                     !strcmp(text_in(p, "architecture"), platform_architecture()));
}

/* "linux/arm64, linux/s390x" */
static void list_platforms(const json_t *manifests, struct buf *out)
{
	const json_t *one;
	size_t i;

	json_array_foreach (manifests, i, one) {
		const json_t *p = json_object_get(one, "platform");
		buf_addf(out, "%s%s/%s", i ? ", " : "", text_in(p, "os"),
		        text_in(p, "architecture"));
	}
}

static int pick(const struct layout *l, const char *digest, int depth, char ret[DIGEST_TEXT],
        struct error *err)
{
	json_t *document = NULL, *manifests, *one;
	auto_buf others = BUF_INIT;
	size_t i;
	int r = depth > DEPTH_MAX ? error_set(err, ELOOP, "choose platform", digest,
	                                    "an index in an index in an index, too deep")
	                          : layout_get_json(l, digest, &document, err);

	if (r < 0)
		return r;
	manifests = json_object_get(document, "manifests");
	if (!manifests) {
		digest_copy(ret, digest);
		json_decref(document);
		return 0;
	}
	r = -ENOENT;
	json_array_foreach (manifests, i, one) {
		if (!fits(one))
			continue;
		r = pick(l, text_in(one, "digest"), depth + 1, ret, err);
		break;
	}
	list_platforms(manifests, &others);
	json_decref(document);
	return r != -ENOENT ? r
	                    : error_set(err, ENOENT, "choose platform", digest,
	                              "it has none for linux/%s, only: %.150s",
	                              platform_architecture(), buf_text(&others));
}

int platform_pick(const struct layout *l, const char *digest, char ret_manifest[DIGEST_TEXT],
        struct error *err)
{
	return pick(l, digest, 0, ret_manifest, err);
}
