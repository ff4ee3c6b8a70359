#include "kernel/store/platform.h"

#include "kernel/base/cleanup.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

enum { DEPTH_MAX = 8 }; /* indexes in indexes; real ones have one or two */

/* The machine as the kernel names it (uname(2)) and as Go does, which is what OCI uses (config.md,
 * "architecture"). */
static const char *const names[][2] = {{"x86_64", "amd64"}, {"aarch64", "arm64"}, {"i686", "386"},
        {"armv7l", "arm"}, {"riscv64", "riscv64"}, {"ppc64le", "ppc64le"}, {"s390x", "s390x"}};

static const char *oci_name(const char *machine)
{
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (!strcmp(machine, names[i][0]))
			return names[i][1];
	return NULL;
}

const char *platform_architecture(void)
{
	struct utsname u;
	const char *name = uname(&u) == 0 ? oci_name(u.machine) : NULL;

	return name ? name : "amd64";
}

void platform_here(struct platform *ret)
{
	*ret = (struct platform){.os = "linux"};
	snprintf(ret->architecture, sizeof ret->architecture, "%s", platform_architecture());
}

void platform_format(const struct platform *p, char ret[PLATFORM_TEXT])
{
	snprintf(ret, PLATFORM_TEXT, "%s/%s%s%s", p->os, p->architecture, p->variant[0] ? "/" : "",
	        p->variant);
}

/* A word up to the next '/'. */
static bool read_word(const char **p, char *ret, size_t size)
{
	size_t n = strspn(*p, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");

	if (n == 0 || n >= size || ((*p)[n] && (*p)[n] != '/'))
		return false;
	memcpy(ret, *p, n);
	ret[n] = '\0';
	*p += n;
	return true;
}

int platform_parse(const char *text, struct platform *ret, struct error *err)
{
	struct platform p = {0};
	const char *at = text, *known;
	bool good = read_word(&at, p.os, sizeof p.os) && *at++ == '/' &&
	            read_word(&at, p.architecture, sizeof p.architecture) &&
	            (!*at || (*at++ == '/' && read_word(&at, p.variant, sizeof p.variant)));

	if (!good || *at)
		return error_set(err, EINVAL, "read platform", text,
		        "it is OS/ARCHITECTURE or OS/ARCHITECTURE/VARIANT, as linux/arm64");
	known = oci_name(p.architecture);
	if (known)
		snprintf(p.architecture, sizeof p.architecture, "%s", known);
	*ret = p;
	return 0;
}

static const char *text_in(const json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));

	return text ? text : "";
}

/* Of arm64 there is one variant, which is said or not. */
static const char *variant_of(const char *architecture, const char *variant)
{
	return !strcmp(architecture, "arm64") && !strcmp(variant, "v8") ? "" : variant;
}

/* 0: not at all; more is better. */
static int fit(const json_t *descriptor, const struct platform *wanted)
{
	const json_t *p = json_object_get(descriptor, "platform");
	const char *is, *want = variant_of(wanted->architecture, wanted->variant);

	if (!p)
		return 1;
	if (strcmp(text_in(p, "os"), wanted->os) != 0 ||
	        strcmp(text_in(p, "architecture"), wanted->architecture) != 0)
		return 0;
	is = variant_of(wanted->architecture, text_in(p, "variant"));
	if (!strcmp(is, want))
		return 3;
	return want[0] ? 0 : 2;
}

/* "linux/arm64, linux/arm/v7" */
static void list_platforms(const json_t *manifests, struct buf *out)
{
	const json_t *one;
	size_t i;

	json_array_foreach (manifests, i, one) {
		const json_t *p = json_object_get(one, "platform");
		const char *variant = text_in(p, "variant");
		buf_addf(out, "%s%s/%s%s%s", i ? ", " : "", text_in(p, "os"),
		        text_in(p, "architecture"), variant[0] ? "/" : "", variant);
	}
}

int platform_choose(const json_t *manifests, const struct platform *p, const char *object,
        size_t *ret, struct error *err)
{
	auto_buf others = BUF_INIT;
	char text[PLATFORM_TEXT];
	const json_t *one;
	int best = 0;
	size_t i;

	json_array_foreach (manifests, i, one) {
		int f = fit(one, p);
		if (f > best) {
			best = f;
			*ret = i;
		}
	}
	if (best > 0)
		return 0;
	list_platforms(manifests, &others);
	platform_format(p, text);
	return error_set(err, ENOENT, "choose platform", object, "it has none for %s, only: %.150s",
	        text, buf_text(&others));
}

static int pick(const struct layout *l, const char *digest, int depth, char ret[DIGEST_TEXT],
        struct error *err)
{
	json_t *document = NULL, *manifests;
	struct platform here;
	size_t i = 0;
	int r = depth > DEPTH_MAX ? error_set(err, ELOOP, "choose platform", digest,
	                                    "an index in an index in an index, too deep")
	                          : layout_get_json(l, digest, &document, err);

	if (r < 0)
		return r;
	manifests = json_object_get(document, "manifests");
	platform_here(&here);
	if (!manifests)
		digest_copy(ret, digest);
	else
		r = platform_choose(manifests, &here, digest, &i, err);
	if (manifests && r == 0)
		r = pick(l, text_in(json_array_get(manifests, i), "digest"), depth + 1, ret, err);
	json_decref(document);
	return r;
}

int platform_pick(const struct layout *l, const char *digest, char ret_manifest[DIGEST_TEXT],
        struct error *err)
{
	return pick(l, digest, 0, ret_manifest, err);
}
