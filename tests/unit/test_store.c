/* The image store: what is written is an OCI layout, what is read is proved by its digest, and no
 * archive gets out of its directory. */
#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/store/base_image.h"
#include "kernel/store/busybox.h"
#include "kernel/store/layer.h"
#include "kernel/store/layout.h"
#include "kernel/store/store.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

struct place {
	char path[64];
	int dir;
};

static int set_up(void **state)
{
	struct place *p = calloc(1, sizeof *p);

	strcpy(p->path, "/tmp/test-store-XXXXXX");
	assert_non_null(mkdtemp(p->path));
	p->dir = open(p->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(p->dir >= 0);
	setenv("XDG_DATA_HOME", p->path, 1);
	*state = p;
	return 0;
}

static int tear_down(void **state)
{
	struct place *p = *state;

	close(p->dir);
	assert_int_equal(dir_remove_tree(AT_FDCWD, p->path), 0);
	free(p);
	return 0;
}

static void need_busybox(void)
{
	auto_free char *path = NULL;

	if (busybox_find(&path, NULL) == 0)
		return;
	print_message("skip: no static busybox is installed\n");
	skip();
}

static struct stat must_stat(const char *directory, const char *name)
{
	auto_free char *path = NULL;
	struct stat st;

	assert_true(asprintf(&path, "%s/%s", directory, name) > 0);
	if (lstat(path, &st) < 0)
		fail_msg("%s: %s", path, strerror(errno));
	return st;
}

static void must_get(const char *name, uid_t offset, struct image *i)
{
	struct error err = {0};

	if (store_image(name, offset, i, &err) < 0) {
		auto_buf text = BUF_INIT;
		error_format(&err, &text);
		fail_msg("%s", buf_text(&text));
	}
}

static void base_is_made_on_first_use(void **state)
{
	struct place *p = *state;
	struct image i = {0}, again = {0};
	auto_buf text = BUF_INIT;
	struct stat st;

	need_busybox();
	must_get("base", 0, &i);
	assert_string_equal(i.name, "base");
	assert_int_equal(i.n_layers, 1);
	assert_non_null(strstr(i.config, "PATH=/usr/local/sbin"));
	st = must_stat(i.layers[0], "bin/busybox");
	assert_true(S_ISREG(st.st_mode) && (st.st_mode & 07777) == 0755);
	st = must_stat(i.layers[0], "bin/sh");
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(must_stat(i.layers[0], "tmp").st_mode & 07777, 01777);
	assert_int_equal(must_stat(i.layers[0], "root").st_mode & 07777, 0700);
	assert_int_equal(must_stat(i.layers[0], "proc").st_mode & 07777, 0555);
	assert_int_equal(must_stat(i.layers[0], "proc").st_mtime, 0);
	must_stat(i.layers[0], "etc/passwd");
	must_stat(i.layers[0], "usr/bin/env");
	assert_int_equal(file_read_at(p->dir, "cutaway/store/oci-layout", 100, &text), 0);
	assert_string_equal(buf_text(&text), "{\"imageLayoutVersion\":\"1.0.0\"}");
	must_get("base", 0, &again);
	assert_string_equal(i.manifest_digest, again.manifest_digest);
	assert_string_equal(i.layers[0], again.layers[0]);
	image_release(&i);
	image_release(&again);
}

static void the_same_content_has_the_same_digest(void **state)
{
	struct place *p = *state;
	struct image i = {0};
	auto_free char *first = NULL;

	need_busybox();
	must_get("base", 0, &i);
	first = steal_ptr(i.manifest_digest);
	image_release(&i);
	assert_int_equal(dir_remove_tree(p->dir, "cutaway"), 0);
	must_get("base", 0, &i);
	assert_string_equal(first, i.manifest_digest);
	image_release(&i);
}

static void owners_are_shifted(void **state)
{
	struct image i = {0}, plain = {0};

	(void)state;
	need_busybox();
	if (geteuid() != 0) {
		print_message("skip: only root can give files away\n");
		skip();
	}
	must_get("base", 100000, &i);
	must_get("base", 0, &plain);
	assert_string_not_equal(i.layers[0], plain.layers[0]);
	assert_int_equal(must_stat(i.layers[0], "bin/busybox").st_uid, 100000);
	assert_int_equal(must_stat(i.layers[0], "bin/sh").st_gid, 100000);
	assert_int_equal(must_stat(i.layers[0], ".").st_uid, 100000);
	assert_int_equal(must_stat(i.layers[0], "tmp").st_mode & 07777, 01777);
	assert_int_equal(must_stat(plain.layers[0], "bin/busybox").st_uid, 0);
	image_release(&i);
	image_release(&plain);
}

static void an_unknown_image_is_named(void **state)
{
	struct image i = {0};
	struct error err = {0};

	(void)state;
	assert_int_equal(store_image("nonesuch", 0, &i, &err), -ENOENT);
	assert_string_equal(err.object, "nonesuch");
	assert_true(err.advice[0]);
}

static void processes_at_once_share_one_image(void **state)
{
	pid_t children[4];
	struct image i = {0};
	struct store_entry *entries;
	size_t n;

	(void)state;
	need_busybox();
	for (int c = 0; c < 4; c++) {
		children[c] = fork();
		if (children[c] == 0)
			_exit(store_image("base", 0, &i, NULL) == 0 ? 0 : 1);
	}
	for (int c = 0; c < 4; c++) {
		int status;
		assert_int_equal(waitpid(children[c], &status, 0), children[c]);
		assert_int_equal(status, 0);
	}
	assert_int_equal(store_list(&entries, &n, NULL), 0);
	assert_int_equal(n, 1);
	assert_string_equal(entries[0].name, "base");
	assert_int_equal(entries[0].n_layers, 1);
	assert_true(entries[0].size > 100000);
	store_entries_free(entries, n);
}

/* The one layer blob: the biggest file among the blobs. */
static char *layer_blob(struct place *p)
{
	auto_free char *path = NULL;
	char *best = NULL;
	off_t size = 0;
	auto_dir d = NULL;
	struct dirent *e;

	assert_true(asprintf(&path, "%s/cutaway/store/blobs/sha256", p->path) > 0);
	d = opendir(path);
	assert_non_null(d);
	while ((e = readdir(d))) {
		struct stat st = must_stat(path, e->d_name);
		if (!S_ISREG(st.st_mode) || st.st_size <= size)
			continue;
		free(best);
		assert_true(asprintf(&best, "%s/%s", path, e->d_name) > 0);
		size = st.st_size;
	}
	assert_non_null(best);
	return best;
}

/* Another name for the same image: one that cannot be made again here. */
static void name_again(struct place *p, const char *name)
{
	auto_free char *path = NULL;
	char digest[DIGEST_TEXT];
	struct layout l = {0};

	assert_true(asprintf(&path, "%s/cutaway/store", p->path) > 0);
	assert_int_equal(layout_open(path, &l, NULL), 0);
	assert_int_equal(layout_find(&l, "base", digest, NULL), 0);
	assert_int_equal(layout_name(&l, name, OCI_MANIFEST, digest, 1, NULL), 0);
	layout_release(&l);
}

static void expect_damage(struct place *p)
{
	struct image i = {0};
	struct error err = {0};

	name_again(p, "other");
	assert_int_equal(dir_remove_tree(p->dir, "cutaway/layers"), 0);
	assert_int_equal(store_image("other", 0, &i, &err), -EBADMSG);
	assert_int_not_equal(err.code, 0);
	assert_int_equal(faccessat(p->dir, "cutaway/layers/.unpacking", F_OK, 0), -1);
}

static void a_truncated_layer_is_noticed(void **state)
{
	struct place *p = *state;
	struct image i = {0};
	auto_free char *blob = NULL;

	need_busybox();
	must_get("base", 0, &i);
	image_release(&i);
	blob = layer_blob(p);
	assert_int_equal(truncate(blob, 5000), 0);
	expect_damage(p);
}

static void bytes_behind_the_layer_are_noticed(void **state)
{
	struct place *p = *state;
	struct image i = {0};
	auto_free char *blob = NULL;
	auto_close fd = -1;

	need_busybox();
	must_get("base", 0, &i);
	image_release(&i);
	blob = layer_blob(p);
	fd = open(blob, O_WRONLY | O_APPEND | O_CLOEXEC);
	assert_int_equal(write(fd, "x", 1), 1);
	expect_damage(p);
}

static void a_changed_manifest_is_noticed(void **state)
{
	struct place *p = *state;
	struct image i = {0};
	auto_free char *path = NULL;

	need_busybox();
	must_get("base", 0, &i);
	assert_true(asprintf(&path, "cutaway/store/blobs/sha256/%s",
	                    digest_hex(i.manifest_digest)) > 0);
	image_release(&i);
	name_again(p, "other");
	assert_int_equal(file_write_at(p->dir, path, "["), 0);
	assert_int_equal(store_image("other", 0, &i, NULL), -EBADMSG);
}

static void a_damaged_base_is_made_again(void **state)
{
	struct place *p = *state;
	struct image i = {0};
	auto_free char *blob = NULL, *digest = NULL;

	need_busybox();
	must_get("base", 0, &i);
	digest = steal_ptr(i.manifest_digest);
	image_release(&i);
	blob = layer_blob(p);
	assert_int_equal(truncate(blob, 5000), 0);
	assert_int_equal(dir_remove_tree(p->dir, "cutaway/layers"), 0);
	must_get("base", 0, &i);
	assert_string_equal(i.manifest_digest, digest);
	must_stat(i.layers[0], "bin/busybox");
	image_release(&i);
	assert_int_equal(dir_remove_tree(p->dir, "cutaway/store/blobs/sha256"), 0);
	assert_int_equal(mkdirat(p->dir, "cutaway/store/blobs/sha256", 0755), 0);
	must_get("base", 0, &i);
	assert_string_equal(i.manifest_digest, digest);
	image_release(&i);
}

static void a_digest_is_no_path(void **state)
{
	struct place *p = *state;
	struct layout l = {0};
	struct error err = {0};
	auto_buf out = BUF_INIT;

	assert_int_equal(layout_open(p->path, &l, NULL), 0);
	assert_int_equal(layout_get(&l, "sha256:../../index.json", &out, &err), -EBADMSG);
	assert_int_equal(layout_get(&l, NULL, &out, NULL), -EBADMSG);
	assert_int_equal(layout_open_blob(&l, "sha256:/etc/passwd", NULL), -EBADMSG);
	layout_release(&l);
}

/* --- archives that mean harm --- */

struct bad {
	const char *name;
	unsigned type;
	const char *link; /* symlink or hardlink target */
	bool hard;
};

static int unpack_archive(struct place *p, const struct bad *entries, size_t n, struct error *err)
{
	auto_free char *bytes = malloc(1 << 20);
	char digest[DIGEST_TEXT];
	auto_close blob = -1, root = -1;
	struct archive *a = archive_write_new();
	size_t used = 0;

	archive_write_set_format_pax_restricted(a);
	archive_write_open_memory(a, bytes, 1 << 20, &used);
	for (size_t i = 0; i < n; i++) {
		struct archive_entry *e = archive_entry_new();
		archive_entry_set_pathname(e, entries[i].name);
		archive_entry_set_filetype(e, entries[i].type);
		archive_entry_set_perm(e, 0755);
		if (entries[i].hard)
			archive_entry_set_hardlink(e, entries[i].link);
		else if (entries[i].link)
			archive_entry_set_symlink(e, entries[i].link);
		else if (entries[i].type == AE_IFREG)
			archive_entry_set_size(e, 4);
		assert_int_equal(archive_write_header(a, e), ARCHIVE_OK);
		if (entries[i].type == AE_IFREG && !entries[i].hard)
			assert_int_equal(archive_write_data(a, "evil", 4), 4);
		archive_entry_free(e);
	}
	archive_write_free(a);
	assert_int_equal(digest_of(DIGEST_SHA256, bytes, used, digest), 0);
	assert_int_equal(file_replace_at(p->dir, "layer.tar", bytes, used, 0600), 0);
	blob = openat(p->dir, "layer.tar", O_RDONLY | O_CLOEXEC);
	mkdirat(p->dir, "root", 0755);
	root = openat(p->dir, "root", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return layer_unpack(blob, digest, digest, root, 0, NULL, err);
}

static bool inside(struct place *p, const char *path)
{
	return faccessat(p->dir, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static void names_cannot_leave(void **state)
{
	struct place *p = *state;
	const struct bad dotdot = {"../outside", AE_IFREG, NULL, false};
	const struct bad deep = {"a/../../outside", AE_IFREG, NULL, false};
	const struct bad absolute = {"/tmp/ground-outside", AE_IFREG, NULL, false};
	struct error err = {0};

	assert_int_equal(unpack_archive(p, &dotdot, 1, &err), -EBADMSG);
	assert_string_equal(err.object, "../outside");
	assert_int_equal(unpack_archive(p, &deep, 1, NULL), -EBADMSG);
	assert_int_equal(unpack_archive(p, &absolute, 1, NULL), -EBADMSG);
	assert_false(inside(p, "outside"));
	assert_int_equal(access("/tmp/ground-outside", F_OK), -1);
}

static void symbolic_links_cannot_lead_out(void **state)
{
	struct place *p = *state;
	/* "link" points out of the directory; what is written through it stays inside. */
	const struct bad through[] = {
	        {"link", AE_IFLNK, "..", false},
	        {"link/written", AE_IFREG, NULL, false},
	        {"abs", AE_IFLNK, "/made", false},
	        {"made", AE_IFDIR, NULL, false},
	        {"abs/too", AE_IFREG, NULL, false},
	        {"file", AE_IFLNK, "../victim", false},
	        {"file", AE_IFREG, NULL, false},
	};

	assert_int_equal(file_replace_at(p->dir, "victim", "good", 4, 0600), 0);
	assert_int_equal(unpack_archive(p, through, 7, NULL), 0);
	assert_false(inside(p, "written"));
	assert_true(inside(p, "root/written"));
	assert_true(inside(p, "root/made/too"));
	/* A file takes the place of a link, it is not written through it. */
	auto_buf text = BUF_INIT;
	assert_int_equal(file_read_at(p->dir, "victim", 10, &text), 0);
	assert_string_equal(buf_text(&text), "good");
}

static void hard_links_cannot_reach_out(void **state)
{
	struct place *p = *state;
	const struct bad dotdot = {"h", AE_IFREG, "../victim", true};
	const struct bad absolute = {"h", AE_IFREG, "/etc/passwd", true};
	const struct bad through[] = {
	        {"l", AE_IFLNK, "/..", false}, {"h", AE_IFREG, "l/victim", true}};
	const struct bad good[] = {
	        {"a/b/f", AE_IFREG, NULL, false}, {"h", AE_IFREG, "./a/b/f", true}};
	struct stat st;

	assert_int_equal(file_replace_at(p->dir, "victim", "good", 4, 0600), 0);
	assert_int_equal(unpack_archive(p, &dotdot, 1, NULL), -EBADMSG);
	assert_int_equal(unpack_archive(p, &absolute, 1, NULL), -EBADMSG);
	assert_int_equal(unpack_archive(p, through, 2, NULL), -ENOENT);
	assert_int_equal(unpack_archive(p, good, 2, NULL), 0);
	assert_int_equal(fstatat(p->dir, "root/h", &st, 0), 0);
	assert_int_equal(st.st_nlink, 2);
}

static void whiteouts_become_those_of_overlayfs(void **state)
{
	struct place *p = *state;
	const struct bad gone = {"etc/.wh.motd", AE_IFREG, NULL, false};
	struct stat st;

	assert_int_equal(unpack_archive(p, &gone, 1, NULL), 0);
	assert_int_equal(fstatat(p->dir, "root/etc/motd", &st, 0), 0);
	assert_true(S_ISCHR(st.st_mode) && st.st_rdev == 0);
	assert_false(inside(p, "root/etc/.wh.motd"));
}

static void what_is_no_archive_is_refused(void **state)
{
	struct place *p = *state;
	char digest[DIGEST_TEXT];
	auto_close blob = -1;
	char text[2000];

	memset(text, 'x', sizeof text);
	assert_int_equal(digest_of(DIGEST_SHA256, text, sizeof text, digest), 0);
	assert_int_equal(file_replace_at(p->dir, "junk", text, sizeof text, 0600), 0);
	blob = openat(p->dir, "junk", O_RDONLY | O_CLOEXEC);
	assert_int_equal(layer_unpack(blob, digest, digest, p->dir, 0, NULL, NULL), -EBADMSG);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	        T(base_is_made_on_first_use),
	        T(the_same_content_has_the_same_digest),
	        T(owners_are_shifted),
	        T(an_unknown_image_is_named),
	        T(processes_at_once_share_one_image),
	        T(a_truncated_layer_is_noticed),
	        T(bytes_behind_the_layer_are_noticed),
	        T(a_changed_manifest_is_noticed),
	        T(a_damaged_base_is_made_again),
	        T(a_digest_is_no_path),
	        T(names_cannot_leave),
	        T(symbolic_links_cannot_lead_out),
	        T(hard_links_cannot_reach_out),
	        T(whiteouts_become_those_of_overlayfs),
	        T(what_is_no_archive_is_refused),
	};
	return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
