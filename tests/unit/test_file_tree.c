/* The files of layers as one tree: what each layer adds, changes and removes, in whatever order its
 * archive has it, and that no archive breaks it. */
#include "kernel/contents/efficiency.h"
#include "kernel/contents/file_tree.h"
#include "kernel/contents/file_view.h"
#include "kernel/contents/lines.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int add(struct file_tree *t, const char *path, enum file_type type, uint64_t size,
        const char *link, bool hard)
{
	struct file_entry e = {.path = path,
	        .link = link,
	        .size = size,
	        .mode = type == FILE_DIRECTORY ? 0755 : 0644,
	        .type = type,
	        .hard_link = hard};

	return file_tree_add(t, &e, NULL);
}

static void file(struct file_tree *t, const char *path, uint64_t size)
{
	assert_int_equal(add(t, path, FILE_REGULAR, size, NULL, false), 0);
}

static void directory(struct file_tree *t, const char *path)
{
	assert_int_equal(add(t, path, FILE_DIRECTORY, 0, NULL, false), 0);
}

static void symlink_to(struct file_tree *t, const char *path, const char *target)
{
	assert_int_equal(add(t, path, FILE_SYMLINK, 0, target, false), 0);
}

static void begin(struct file_tree *t)
{
	assert_int_equal(file_tree_begin_layer(t, NULL), 0);
}

static void end(struct file_tree *t)
{
	assert_int_equal(file_tree_end_layer(t, NULL), 0);
}

/* All that is seen in the end, as "/a /a/b:SIZE". */
static void sees(struct file_tree *t, const char *wanted)
{
	struct file_view v = {.layer = t->n_layers - 1, .kinds = FILE_VIEW_ALL_KINDS};
	struct file_rows rows = {0};
	char text[2 * FILE_PATH_MAX] = "", path[FILE_PATH_MAX];

	assert_int_equal(file_tree_sort(t), 0);
	assert_int_equal(file_view_rows(t, &v, &rows), 0);
	for (size_t i = 0; i < rows.n; i++) {
		const struct file_change *c = file_tree_seen(t, rows.rows[i].node);
		size_t n = strlen(text);
		if (!c)
			continue;
		file_tree_path(t, c->node, path);
		n += (size_t)snprintf(text + n, sizeof text - n, "%s%s", n ? " " : "", path);
		if (c->type == FILE_REGULAR)
			snprintf(text + n, sizeof text - n, ":%d", (int)c->size);
	}
	file_rows_release(&rows);
	assert_string_equal(text, wanted);
}

/* The changes of one layer, as "+/a ~/b -/c". */
static void changes(const struct file_tree *t, uint32_t layer, const char *wanted)
{
	struct file_view v = {.layer = layer, .kinds = 7};
	struct file_rows rows = {0};
	char text[2 * FILE_PATH_MAX] = "", path[FILE_PATH_MAX];

	assert_int_equal(file_view_rows(t, &v, &rows), 0);
	for (size_t i = 0; i < rows.n; i++) {
		size_t n = strlen(text);
		file_tree_path(t, rows.rows[i].node, path);
		snprintf(text + n, sizeof text - n, "%s%c%s", n ? " " : "",
		        "+~- "[rows.rows[i].kind], path);
	}
	file_rows_release(&rows);
	assert_string_equal(text, wanted);
}

static int set_up(void **state)
{
	struct file_tree *t = calloc(1, sizeof *t);

	assert_non_null(t);
	assert_int_equal(file_tree_init(t), 0);
	*state = t;
	return 0;
}

static int tear_down(void **state)
{
	file_tree_release(*state);
	free(*state);
	return 0;
}

static void layers_add_change_and_remove(void **state)
{
	struct file_tree *t = *state;

	begin(t);
	directory(t, "./");
	directory(t, "./etc/");
	file(t, "./etc/a", 10);
	file(t, "./etc/b", 20);
	end(t);
	begin(t);
	directory(t, "etc");
	file(t, "etc/a", 11);
	file(t, "etc/.wh.b", 0);
	file(t, "opt/new/c", 5);
	end(t);
	sees(t, "/etc /etc/a:11 /opt /opt/new /opt/new/c:5");
	changes(t, 0, "+/etc +/etc/a +/etc/b");
	/* /etc is there because of what is in it; it did not change itself. */
	changes(t, 1, " /etc ~/etc/a -/etc/b +/opt +/opt/new +/opt/new/c");
	assert_int_equal(t->layers[1].count[FILE_ADDED], 3);
	assert_int_equal(t->layers[1].count[FILE_CHANGED], 1);
	assert_int_equal(t->layers[1].count[FILE_REMOVED], 1);
}

static void a_removed_file_may_come_back(void **state)
{
	struct file_tree *t = *state;

	begin(t);
	file(t, "d/a", 1);
	file(t, "d/b", 1);
	end(t);
	begin(t);
	file(t, ".wh.d", 0);
	end(t);
	begin(t);
	file(t, "d/a", 2);
	end(t);
	sees(t, "/d /d/a:2");
	changes(t, 1, "-/d -/d/a -/d/b");
	changes(t, 2, "+/d +/d/a");
	assert_int_equal(
	        file_tree_change(t, file_tree_find(t, "/d/a"), 1)->about, file_tree_find(t, "/d"));
}

/* Before or after the entries of the same layer: the whiteout is of what lower layers have. */
static void the_order_in_a_layer_does_not_matter(void **state)
{
	struct file_tree *t = *state;

	for (int late = 0; late < 2; late++) {
		file_tree_release(t);
		assert_int_equal(file_tree_init(t), 0);
		begin(t);
		file(t, "d/old", 1);
		file(t, "d/both", 1);
		file(t, "e/old", 1);
		end(t);
		begin(t);
		if (!late) {
			file(t, "d/.wh..wh..opq", 0);
			file(t, ".wh.e", 0);
		}
		file(t, "d/both", 2);
		file(t, "d/new", 3);
		file(t, "e/new", 4);
		if (late) {
			file(t, "d/.wh..wh..opq", 0);
			file(t, ".wh.e", 0);
		}
		end(t);
		sees(t, "/d /d/both:2 /d/new:3 /e /e/new:4");
		assert_int_equal(
		        file_tree_change(t, file_tree_find(t, "d/old"), 1)->reason, FILE_OPAQUE);
		assert_int_equal(
		        file_tree_change(t, file_tree_find(t, "e/old"), 1)->reason, FILE_WHITEOUT);
	}
}

static void what_takes_the_place_of_a_directory_hides_it(void **state)
{
	struct file_tree *t = *state;

	begin(t);
	file(t, "d/x/y", 1);
	file(t, "f", 1);
	end(t);
	begin(t);
	symlink_to(t, "d", "f");
	file(t, "f/inside", 2);
	end(t);
	sees(t, "/d /f /f/inside:2");
	changes(t, 1, "~/d -/d/x -/d/x/y ~/f +/f/inside");
	assert_int_equal(file_tree_change(t, file_tree_find(t, "d/x/y"), 1)->reason, FILE_REPLACED);
}

static void links_lead_where_a_container_would_go(void **state)
{
	struct file_tree *t = *state;

	begin(t);
	directory(t, "usr/bin");
	symlink_to(t, "bin", "usr/bin");
	file(t, "bin/sh", 7); /* the layer's own link is followed */
	symlink_to(t, "usr/bin/up", "../../etc/x");
	file(t, "etc/x", 3);
	symlink_to(t, "loop", "loop");
	symlink_to(t, "far", "../../../../etc");
	end(t);
	assert_int_equal(file_tree_resolve(t, "/bin/sh"), file_tree_find(t, "/usr/bin/sh"));
	assert_int_equal(file_tree_resolve(t, "/bin/up"), file_tree_find(t, "/etc/x"));
	assert_int_equal(file_tree_resolve(t, "/far/x"), file_tree_find(t, "/etc/x"));
	assert_int_equal(file_tree_resolve_link(t, "/bin/up"), file_tree_find(t, "/usr/bin/up"));
	assert_int_equal(file_tree_resolve(t, "/loop"), FILE_NONE);
	assert_int_equal(file_tree_resolve(t, "/etc/x/y"), FILE_NONE);
	assert_int_equal(file_tree_resolve(t, "/"), FILE_ROOT);
	/* A lower layer's link is not there when the next one is unpacked. */
	begin(t);
	file(t, "bin/other", 1);
	end(t);
	assert_int_equal(file_tree_resolve(t, "/bin/other"), file_tree_find(t, "/bin/other"));
	assert_int_equal(file_tree_resolve(t, "/bin/sh"), FILE_NONE);
}

static void hard_links_are_counted_once(void **state)
{
	struct file_tree *t = *state;
	struct efficiency e;

	begin(t);
	file(t, "a", 100);
	assert_int_equal(add(t, "b", FILE_REGULAR, 0, "a", true), 0);
	end(t);
	sees(t, "/a:100 /b:100");
	assert_int_equal(t->layers[0].bytes, 100);
	assert_int_equal(efficiency_of(t, &e, NULL), 0);
	assert_true(e.stored == 100 && e.wasted == 0);
	efficiency_release(&e);
	/* Its first name is gone, its bytes are not. */
	begin(t);
	file(t, ".wh.a", 0);
	end(t);
	assert_int_equal(efficiency_of(t, &e, NULL), 0);
	assert_true(e.stored == 100 && e.wasted == 0 && e.n_files == 0);
	efficiency_release(&e);
	begin(t);
	file(t, ".wh.b", 0);
	end(t);
	assert_int_equal(efficiency_of(t, &e, NULL), 0);
	assert_true(e.stored == 100 && e.wasted == 100 && e.n_files == 1);
	efficiency_release(&e);
}

static void efficiency_names_the_files_that_cause_it(void **state)
{
	struct file_tree *t = *state;
	struct efficiency e;

	assert_int_equal(efficiency_of(t, &e, NULL), 0);
	assert_true(e.part >= 1);
	efficiency_release(&e);
	begin(t);
	file(t, "big", 600);
	file(t, "gone", 200);
	end(t);
	begin(t);
	file(t, "big", 600);
	file(t, ".wh.gone", 0);
	end(t);
	assert_int_equal(efficiency_of(t, &e, NULL), 0);
	assert_int_equal(e.stored, 1400);
	assert_int_equal(e.seen, 600);
	assert_int_equal(e.wasted, 800);
	assert_true(e.part > 0.428 && e.part < 0.429);
	assert_int_equal(e.n_files, 2);
	assert_string_equal(file_tree_name(t, e.files[0].node), "big");
	assert_true(e.files[0].copies == 2 && e.files[0].wasted == 600 && e.files[0].seen);
	assert_true(e.files[1].copies == 1 && e.files[1].wasted == 200 && !e.files[1].seen);
	efficiency_release(&e);
}

static void names_twice_in_a_layer_the_last_counts(void **state)
{
	struct file_tree *t = *state;

	begin(t);
	file(t, "a", 1);
	file(t, "./a", 2);
	file(t, "b", 5);
	directory(t, "b");
	file(t, "b/c", 1);
	end(t);
	sees(t, "/a:2 /b /b/c:1");
	assert_int_equal(t->layers[0].count[FILE_ADDED], 3);
}

static void refused(struct file_tree *t, const char *path, enum file_type type)
{
	struct file_entry e = {.path = path, .type = type};
	struct error err = {0};

	assert_int_equal(file_tree_add(t, &e, &err), -EBADMSG);
	assert_int_equal(err.code, EBADMSG);
}

static void hostile_names_are_refused(void **state)
{
	struct file_tree *t = *state;
	char name[FILE_NAME_MAX + 2];

	memset(name, 'n', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	begin(t);
	file(t, "f", 1);
	symlink_to(t, "l1", "l2");
	symlink_to(t, "l2", "l1");
	refused(t, "/etc/passwd", FILE_REGULAR);
	refused(t, "../x", FILE_REGULAR);
	refused(t, "a/../../x", FILE_REGULAR);
	refused(t, "..", FILE_DIRECTORY);
	refused(t, ".wh...", FILE_REGULAR);
	refused(t, ".wh..", FILE_REGULAR);
	refused(t, ".wh.", FILE_REGULAR);
	refused(t, "f/x", FILE_REGULAR);
	refused(t, "l1/x", FILE_REGULAR);
	refused(t, "./", FILE_REGULAR);
	refused(t, name, FILE_REGULAR);
	refused(t, NULL, FILE_REGULAR);
}

static void depth_is_bounded(void **state)
{
	struct file_tree *t = *state;
	size_t n = FILE_PATH_MAX - 1;
	char *path = malloc(2 * n + 3);

	assert_non_null(path);
	for (size_t i = 0; i < 2 * n + 2; i++)
		path[i] = i % 2 ? '/' : 'd';
	path[2 * n + 2] = '\0';
	begin(t);
	assert_int_equal(add(t, path, FILE_DIRECTORY, 0, NULL, false), -EBADMSG);
	path[n] = '\0';
	directory(t, path);
	end(t);
	begin(t);
	file(t, ".wh.d", 0);
	end(t);
	sees(t, "");
	assert_int_equal(t->layers[1].count[FILE_REMOVED], (n + 1) / 2);
	free(path);
}

static void ten_thousand_layers(void **state)
{
	struct file_tree *t = *state;

	for (int i = 0; i < 10000; i++) {
		begin(t);
		file(t, "d/same", (uint64_t)i);
		if (i % 2)
			file(t, "d/.wh.other", 0);
		else
			file(t, "d/other", 1);
		end(t);
	}
	sees(t, "/d /d/same:9999");
	assert_non_null(file_tree_seen_at(t, file_tree_find(t, "d/other"), 5000));
	assert_null(file_tree_seen_at(t, file_tree_find(t, "d/other"), 5001));
}

static void memory_is_bounded(void **state)
{
	struct file_tree *t = *state;
	char name[FILE_NAME_MAX + 1];
	int r = 0, n = 0;

	memset(name, 'x', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	begin(t);
	for (; r == 0 && n < 10000000; n++) {
		char digits[16];
		snprintf(digits, sizeof digits, "%08d", n);
		memcpy(name, digits, 8);
		r = add(t, name, FILE_REGULAR, 1, NULL, false);
	}
	assert_int_equal(r, -EFBIG);
	assert_true(n > 100000);
}

static void whiteouts_of_nothing_are_counted(void **state)
{
	struct file_tree *t = *state;

	begin(t);
	file(t, ".wh.nothing", 0);
	file(t, ".wh..wh.plnk", 0);
	end(t);
	sees(t, "");
	assert_int_equal(t->layers[0].stray, 1);
}

static void views_filter_and_close(void **state)
{
	struct file_tree *t = *state;
	struct file_view v = {.layer = 1, .kinds = 7};
	struct file_rows rows = {0};
	unsigned char closed[64] = {0};

	begin(t);
	file(t, "a/one", 1);
	file(t, "a/two", 2);
	file(t, "b/three", 3);
	end(t);
	begin(t);
	file(t, "a/ONE-more", 4);
	file(t, "b/.wh.three", 0);
	end(t);
	assert_int_equal(file_tree_sort(t), 0);
	strcpy(v.name, "one");
	assert_int_equal(file_view_rows(t, &v, &rows), 0);
	assert_int_equal(rows.n, 2); /* /a, since something in it is shown, and /a/ONE-more */
	assert_true(rows.rows[0].below == 1 && rows.rows[0].size == 4);
	v.together = true;
	assert_int_equal(file_view_rows(t, &v, &rows), 0);
	assert_int_equal(rows.n, 3);
	strcpy(v.name, "B/T");
	assert_int_equal(file_view_rows(t, &v, &rows), 0);
	assert_true(rows.n == 2 && rows.rows[1].kind == FILE_REMOVED);
	v.name[0] = '\0';
	closed[file_tree_find(t, "a")] = 1;
	v.closed = closed;
	assert_int_equal(file_view_rows(t, &v, &rows), 0);
	assert_int_equal(rows.n, 3);
	assert_true(rows.rows[0].closed && rows.rows[0].below == 3 && rows.rows[0].size == 7);
	v.kinds = 1u << FILE_REMOVED;
	assert_int_equal(file_view_rows(t, &v, &rows), 0);
	assert_int_equal(rows.n, 2);
	file_rows_release(&rows);
}

static void keep_line(void *data, const char *line)
{
	strcat(data, line);
	strcat(data, "|");
}

static void lines_come_whole_from_any_pieces(void **state)
{
	static const char text[] = "one\n\ntwo\nthree";

	(void)state;
	for (size_t piece = 1; piece < sizeof text; piece++) {
		struct lines *l = calloc(1, sizeof *l);
		char got[64] = "";
		assert_non_null(l);
		for (size_t at = 0; at < sizeof text - 1; at += piece) {
			size_t left = sizeof text - 1 - at;
			lines_add(l, text + at, left < piece ? left : piece, keep_line, got);
		}
		lines_end(l, keep_line, got);
		assert_string_equal(got, "one|two|three|");
		free(l);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(layers_add_change_and_remove, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(a_removed_file_may_come_back, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(
	                the_order_in_a_layer_does_not_matter, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(
	                what_takes_the_place_of_a_directory_hides_it, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(
	                links_lead_where_a_container_would_go, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(hard_links_are_counted_once, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(
	                efficiency_names_the_files_that_cause_it, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(
	                names_twice_in_a_layer_the_last_counts, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(hostile_names_are_refused, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(depth_is_bounded, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(ten_thousand_layers, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(memory_is_bounded, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(
	                whiteouts_of_nothing_are_counted, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(views_filter_and_close, set_up, tear_down),
	        cmocka_unit_test(lines_come_whole_from_any_pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
