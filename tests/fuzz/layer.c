/* A layer taken out: whatever the archive says, nothing beside its directory is made, changed or
 * removed, and all that it made can be taken away. */
#include "kernel/store/layer.h"
#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "tests/fuzz/fuzz.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

/* Beside the root there is one file, as it was. */
static void check_outside(int place)
{
	auto_dir dir = fdopendir(openat(place, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	auto_buf text = BUF_INIT;
	struct dirent *e;
	struct stat st;
	int n = 0;

	FUZZ_CHECK(dir != NULL);
	while ((e = readdir(dir)))
		n++;
	FUZZ_CHECK(n == 4); /* with "." and ".." */
	FUZZ_CHECK(file_read_at(place, "outside", 100, &text) == 0);
	FUZZ_CHECK(!strcmp(buf_text(&text), "good"));
	FUZZ_CHECK(fstatat(place, "outside", &st, AT_SYMLINK_NOFOLLOW) == 0);
	FUZZ_CHECK(S_ISREG(st.st_mode) && st.st_nlink == 1 && (st.st_mode & 07777) == 0600);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	const char *path = fuzz_directory();
	auto_close place = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_close blob = memfd_create("layer", MFD_CLOEXEC), root = -1;
	char digest[DIGEST_TEXT];
	struct error err = {0};
	int r;

	FUZZ_CHECK(place >= 0 && blob >= 0 && write(blob, bytes, n) == (ssize_t)n);
	FUZZ_CHECK(lseek(blob, 0, SEEK_SET) == 0);
	FUZZ_CHECK(digest_of(DIGEST_SHA256, bytes, n, digest) == 0);
	FUZZ_CHECK(file_replace_at(place, "outside", "good", 4, 0600) == 0);
	FUZZ_CHECK(mkdirat(place, "root", 0700) == 0);
	root = openat(place, "root", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	r = layer_unpack(blob, digest, NULL, root, 0, NULL, &err);
	FUZZ_CHECK(r == 0 || err.code);
	check_outside(place);
	FUZZ_CHECK(dir_remove_tree(place, "root") == 0);
	return 0;
}
