/* What a client of registries reads from others, without a network: challenges, credentials,
 * documents, platforms; and its hidden files. */
#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/remote/challenge.h"
#include "kernel/remote/client.h"
#include "kernel/remote/credentials.h"
#include "kernel/remote/document.h"
#include "kernel/store/partial.h"
#include "kernel/store/platform.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void expect(const char *header, enum challenge_kind kind, const char *realm,
        const char *service, const char *scope)
{
	struct challenge c;

	assert_true(challenge_read(header, &c));
	assert_int_equal(c.kind, kind);
	assert_string_equal(c.realm ? c.realm : "", realm);
	assert_string_equal(c.service ? c.service : "", service);
	assert_string_equal(c.scope ? c.scope : "", scope);
	challenge_release(&c);
}

static void challenges(void **state)
{
	(void)state;
	expect("Bearer "
	       "realm=\"https://a.example/token\",service=\"r\",scope=\"repository:a/b:pull,push\"",
	        CHALLENGE_BEARER, "https://a.example/token", "r", "repository:a/b:pull,push");
	expect("basic realm=here", CHALLENGE_BASIC, "here", "", "");
	expect("Basic realm=\"x\", Bearer realm=\"y\"", CHALLENGE_BEARER, "y", "", "");
	expect("Bearer realm=\"y\", Basic realm=\"x\"", CHALLENGE_BEARER, "y", "", "");
	expect("Negotiate, Basic realm=\"x\"", CHALLENGE_BASIC, "x", "", "");
	expect("Bearer realm = \"a\\\"b\" , service=s", CHALLENGE_BEARER, "a\"b", "s", "");
	expect("Bearer realm=\"first\",realm=\"second\"", CHALLENGE_BEARER, "first", "", "");
	expect("Digest realm=\"x\"", CHALLENGE_NONE, "", "", "");
	expect("", CHALLENGE_NONE, "", "", "");
	expect("Bearer realm=\"without end", CHALLENGE_BEARER, "without end", "", "");
	expect("Bearer realm=", CHALLENGE_BEARER, "", "", "");
	expect("=,=\"\\", CHALLENGE_NONE, "", "", "");
	expect("\"\"\"\"", CHALLENGE_NONE, "", "", "");
}

static void origins(void **state)
{
	(void)state;
	assert_true(url_same_origin("https://a.example/x", "https://A.example:443/y?z"));
	assert_false(url_same_origin("https://a.example/", "http://a.example/"));
	assert_false(url_same_origin("https://a.example/", "https://a.example:444/"));
	assert_false(url_same_origin("https://a.example/", "https://a.example.evil/"));
	assert_false(url_same_origin("https://a.example/", "https://a.example@evil/"));
	assert_false(url_same_origin("https://a.example/", "no address at all"));
}

/* What is kept for "localhost:5000/team/shop" in a file of that text; "" = nothing. */
static void expect_basic(const char *text, const char *basic)
{
	char path[] = "/tmp/cutaway-test-XXXXXX";
	auto_close fd = mkostemp(path, O_CLOEXEC);
	struct credentials c = {0};
	struct reference image;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	assert_int_equal(reference_parse("localhost:5000/team/shop:1", &image, NULL, NULL), 0);
	assert_int_equal(credentials_find(&image, path, &c, NULL), 0);
	assert_string_equal(c.basic ? c.basic : "", basic);
	credentials_release(&c);
	unlink(path);
}

static void credentials(void **state)
{
	(void)state;
	expect_basic("{\"auths\":{\"localhost:5000\":{\"auth\":\"YTpi\"}}}", "YTpi");
	expect_basic("{\"auths\":{\"localhost:5000\":{\"auth\":\"YTpi\"},"
	             "\"localhost:5000/team\":{\"auth\":\"YTpj\"}}}",
	        "YTpj");
	expect_basic("{\"auths\":{\"localhost:5000/team/shop\":{\"auth\":\"YTpi\"},"
	             "\"localhost:5000/team\":{\"auth\":\"YTpj\"}}}",
	        "YTpi");
	expect_basic("{\"auths\":{\"https://localhost:5000/v1/\":{\"auth\":\"YTpi\"}}}", "YTpi");
	expect_basic("{\"auths\":{\"localhost\":{\"auth\":\"YTpi\"}}}", "");
	expect_basic("{\"auths\":{\"localhost:50\":{\"auth\":\"YTpi\"}}}", "");
	expect_basic("{\"auths\":{\"localhost:5000/tea\":{\"auth\":\"YTpi\"}}}", "");
	expect_basic("{\"auths\":{\"https://index.docker.io/v1/\":{\"auth\":\"YTpi\"}}}", "");
	expect_basic("{\"auths\":[]}", "");
	expect_basic("{}", "");
	expect_basic("", "");
}

static int read_text(const char *text, const char *sent_as, struct document *ret)
{
	struct buf bytes = BUF_INIT;

	buf_add(&bytes, text);
	return document_read(&bytes, DIGEST_SHA256, sent_as, "x", ret, NULL);
}

static void documents(void **state)
{
	static const char digest[] =
	        "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
	static const char *const bad[] = {"", "[]", "{", "{\"schemaVersion\":2}",
	        "{\"schemaVersion\":\"2\",\"layers\":[]}", "{\"schemaVersion\":1,\"layers\":[]}",
	        "{\"schemaVersion\":2,\"layers\":[],\"manifests\":[]}",
	        "{\"schemaVersion\":2,\"layers\":[],\"layers\":[]}",
	        "{\"schemaVersion\":2,\"mediaType\":3,\"layers\":[]}",
	        "{\"schemaVersion\":2,\"mediaType\":\"text/plain\",\"layers\":[]}"};
	auto_free char *text = NULL;
	struct descriptor *layers = NULL;
	struct document d;
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(read_text(bad[i], NULL, &d), -EBADMSG);
	assert_true(asprintf(&text,
	                    "{\"schemaVersion\":2,\"layers\":[{\"mediaType\":\"t\",\"digest\":"
	                    "\"%s\",\"size\":7}]}",
	                    digest) > 0);
	assert_int_equal(read_text(text, "application/vnd.oci.image.index.v1+json", &d), -EBADMSG);
	assert_int_equal(read_text(text, DOCKER_MANIFEST, &d), 0);
	assert_string_equal(d.media_type, DOCKER_MANIFEST);
	assert_false(d.is_index);
	assert_int_equal(document_layers(&d, &layers, &n, NULL), 0);
	assert_int_equal(n, 1);
	assert_string_equal(layers[0].digest, digest);
	assert_int_equal(layers[0].size, 7);
	free(layers);
	document_release(&d);
}

static size_t choose(const char *platform, const char *manifests)
{
	json_t *list = json_loads(manifests, 0, NULL);
	struct platform p;
	size_t i = 99;

	assert_non_null(list);
	assert_int_equal(platform_parse(platform, &p, NULL), 0);
	if (platform_choose(list, &p, "x", &i, NULL) < 0)
		i = 99;
	json_decref(list);
	return i;
}

static void platforms(void **state)
{
#define ENTRY(os, arch, variant)                                                                   \
	"{\"platform\":{\"os\":\"" os "\",\"architecture\":\"" arch "\",\"variant\":\"" variant    \
	"\"}}"
	static const char list[] = "[" ENTRY("linux", "arm", "v6") "," ENTRY(
	        "linux", "arm", "v7") "," ENTRY("linux", "arm64", "v8") "," ENTRY("windows",
	        "amd64", "") "," ENTRY("linux", "amd64", "v3") "," ENTRY("linux", "amd64", "") "]";
	struct platform p;

	(void)state;
	assert_int_equal(choose("linux/arm", list), 0);
	assert_int_equal(choose("linux/arm/v7", list), 1);
	assert_int_equal(choose("linux/arm/v5", list), 99);
	assert_int_equal(choose("linux/arm64", list), 2);
	assert_int_equal(choose("linux/aarch64/v8", list), 2);
	assert_int_equal(choose("linux/amd64", list), 5);
	assert_int_equal(choose("windows/amd64", list), 3);
	assert_int_equal(choose("linux/s390x", list), 99);
	assert_int_equal(choose("linux/s390x", "[{}]"), 0);
	assert_int_equal(platform_parse("linux", &p, NULL), -EINVAL);
	assert_int_equal(platform_parse("linux/", &p, NULL), -EINVAL);
	assert_int_equal(platform_parse("/amd64", &p, NULL), -EINVAL);
	assert_int_equal(platform_parse("linux/arm/v7/x", &p, NULL), -EINVAL);
	assert_int_equal(platform_parse("li nux/arm", &p, NULL), -EINVAL);
}

static void partials(void **state)
{
	char path[] = "/tmp/cutaway-test-XXXXXX", digest[DIGEST_TEXT];
	struct partial *p = NULL, *other = NULL;
	struct layout l = {0};
	auto_close lock = -1;

	(void)state;
	assert_non_null(mkdtemp(path));
	assert_int_equal(layout_open(path, &l, NULL), 0);
	assert_int_equal(digest_of(DIGEST_SHA256, "hello", 5, digest), 0);
	assert_int_equal(partial_open(&l, digest, 5, &p, NULL), 0);
	assert_int_equal(partial_open(&l, digest, 5, &other, NULL), -EBUSY);
	assert_int_equal(partial_add(p, "hel", 3, NULL), 0);
	assert_int_equal(partial_add(p, "lo!", 3, NULL), -EBADMSG);
	partial_free(p);
	/* Gone on with, also with bytes that turn out to be others'. */
	assert_int_equal(partial_open(&l, digest, 5, &p, NULL), 0);
	assert_int_equal(partial_size(p), 3);
	assert_int_equal(partial_add(p, "p!", 2, NULL), 0);
	assert_int_equal(partial_prove(p, NULL), -EBADMSG);
	assert_int_equal(partial_size(p), 0);
	assert_int_equal(partial_add(p, "hello", 5, NULL), 0);
	assert_int_equal(partial_prove(p, NULL), 0);
	/* Proved, it is shared. */
	assert_int_equal(partial_open(&l, digest, 5, &other, NULL), 0);
	assert_true(partial_is_proved(other));
	assert_false(partial_is_there(&l, digest, 5));
	lock = layout_lock(&l, NULL);
	assert_true(lock >= 0);
	assert_int_equal(partial_publish(p, NULL), 0);
	assert_int_equal(partial_publish(other, NULL), 0);
	assert_true(partial_is_there(&l, digest, 5));
	assert_false(partial_is_there(&l, digest, 4));
	partial_free(p);
	partial_discard(other);
	assert_true(partial_is_there(&l, digest, 5));
	layout_release(&l);
	assert_int_equal(dir_remove_tree(AT_FDCWD, path), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(challenges),
	        cmocka_unit_test(origins),
	        cmocka_unit_test(credentials),
	        cmocka_unit_test(documents),
	        cmocka_unit_test(platforms),
	        cmocka_unit_test(partials),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
