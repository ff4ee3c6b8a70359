/* The documents of an image: the first byte says which one the others are, index.json, a manifest
 * or a configuration; around it is a layout that is as it should be. Whatever stands in it, all is
 * looked at, and what was found can be told. */
#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/store/platform.h"
#include "kernel/store/verify.h"
#include "tests/fuzz/fuzz.h"

#include <fcntl.h>
#include <string.h>

static void put(const struct layout *l, const void *bytes, size_t n, char digest[DIGEST_TEXT])
{
	FUZZ_CHECK(layout_put(l, bytes, n, digest, NULL) == 0);
}

/* A manifest of a configuration and an empty layer. */
static void put_manifest(const struct layout *l, const char *config, size_t config_size,
        char digest[DIGEST_TEXT], size_t *ret_n)
{
	char layer[DIGEST_TEXT], *text = NULL;

	put(l, "", 0, layer);
	FUZZ_CHECK(asprintf(&text,
	                   "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"" OCI_CONFIG
	                   "\",\"digest\":\"%s\",\"size\":%zu},\"layers\":[{\"mediaType\":"
	                   "\"application/vnd.oci.image.layer.v1.tar\",\"digest\":\"%s\",\"size\":"
	                   "0}]}",
	                   config, config_size, layer) > 0);
	*ret_n = strlen(text);
	put(l, text, *ret_n, digest);
	free(text);
}

static void look(const struct layout *l, const char *path, const char *digest)
{
	struct verdict v = {0};
	struct error err = {0};
	char ours[DIGEST_TEXT];

	FUZZ_CHECK(layout_verify(path, &v, &err) == 0);
	for (size_t i = 0; i < v.faults.n; i++)
		FUZZ_CHECK(v.faults.list[i].text[0] && v.faults.list[i].section);
	verdict_release(&v);
	if (digest[0] && image_verify(l, digest, &err) == 0)
		FUZZ_CHECK(platform_pick(l, digest, ours, NULL) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	const char *path = fuzz_directory();
	char config[DIGEST_TEXT], manifest[DIGEST_TEXT] = "", *index = NULL;
	struct layout l = {0};
	size_t size = n ? n - 1 : 0;
	int kind = n ? bytes[0] % 3 : 0;

	dir_remove_tree(AT_FDCWD, path);
	FUZZ_CHECK(layout_open(path, &l, NULL) == 0);
	if (n && kind == 2) {
		put(&l, bytes + 1, n - 1, config);
		put_manifest(&l, config, n - 1, manifest, &size);
	} else if (n && kind == 1) {
		put(&l, bytes + 1, n - 1, manifest);
	}
	if (manifest[0]) {
		FUZZ_CHECK(
		        asprintf(&index,
		                "{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"" OCI_MANIFEST
		                "\",\"digest\":\"%s\",\"size\":%zu}]}",
		                manifest, size) > 0);
		FUZZ_CHECK(file_replace_at(l.dir, "index.json", index, strlen(index), 0644) == 0);
		free(index);
	} else if (n) {
		FUZZ_CHECK(file_replace_at(l.dir, "index.json", bytes + 1, n - 1, 0644) == 0);
	}
	look(&l, path, manifest);
	layout_release(&l);
	dir_remove_tree(AT_FDCWD, path);
	return 0;
}
