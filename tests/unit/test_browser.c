/* The screen of `cutaway tree` without a terminal: whatever keys come at whatever size, the cursor
 * stays in its list, and the picture in its screen. */
#include "kernel/base/cleanup.h"
#include "render/backend.h"
#include "shell/contents/browser_state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct place {
	struct image_contents contents;
	struct contents_layer layers[3];
	struct browser browser;
};

static void add(struct file_tree *t, const char *path, uint64_t size)
{
	struct file_entry e = {.path = path, .size = size, .mode = 0644};

	assert_int_equal(file_tree_add(t, &e, NULL), 0);
}

static void fill(struct file_tree *t)
{
	char path[64];

	assert_int_equal(file_tree_init(t), 0);
	for (int layer = 0; layer < 3; layer++) {
		assert_int_equal(file_tree_begin_layer(t, NULL), 0);
		for (int i = layer; i < 200; i += layer + 1) {
			snprintf(path, sizeof path, "d%d/e%d/file-%d", i % 7, i % 3, i);
			add(t, path, (uint64_t)i);
		}
		if (layer)
			add(t, "d1/.wh.e1", 0);
		add(t, "odd\033[31m\xff\n", 1);
		assert_int_equal(file_tree_end_layer(t, NULL), 0);
	}
	assert_int_equal(file_tree_sort(t), 0);
}

static int set_up(void **state)
{
	struct place *p = calloc(1, sizeof *p);
	struct file_view view = {.layer = 1, .kinds = 7};

	assert_non_null(p);
	fill(&p->contents.files);
	for (int i = 0; i < 3; i++)
		p->layers[i] = (struct contents_layer){
		        .digest = "sha256:0", .diff_id = "sha256:1", .created_by = (char *)"by\a"};
	p->contents.layers = p->layers;
	p->contents.n_layers = 3;
	p->contents.found.name = (char *)"shop:1";
	assert_int_equal(browser_init(&p->browser, &p->contents, &view), 0);
	browser_arrange(&p->browser, 24, 80);
	*state = p;
	return 0;
}

static int tear_down(void **state)
{
	struct place *p = *state;

	browser_release(&p->browser);
	file_tree_release(&p->contents.files);
	free(p);
	return 0;
}

static void press(struct browser *b, uint32_t character)
{
	struct screen_key key = {.kind = KEY_KIND_CHARACTER, .character = character};

	browser_key(b, &key);
}

static void press_named(struct browser *b, enum screen_key_kind kind)
{
	struct screen_key key = {.kind = kind};

	browser_key(b, &key);
}

static void draws(struct browser *b, int rows, int columns)
{
	struct scene s;
	struct canvas c;
	auto_buf text = BUF_INIT;

	browser_arrange(b, rows, columns);
	scene_init(&s, columns, rows);
	browser_draw(b, &s);
	assert_false(s.failed);
	assert_int_equal(canvas_init(&c, columns, rows), 0);
	canvas_draw(&c, &s, false);
	text_write(&c, THEME_NONE, &text);
	assert_null(strchr(buf_text(&text), '\033'));
	assert_null(strchr(buf_text(&text), '\a'));
	canvas_release(&c);
	scene_release(&s);
}

static void keys_choose_what_is_shown(void **state)
{
	struct place *p = *state;
	struct browser *b = &p->browser;
	size_t n = b->files.n;

	press(b, 'z');
	assert_true(b->files.n < 10);
	press(b, 'Z');
	assert_int_equal(b->files.n, n);
	press(b, '3');
	assert_int_equal(b->view.kinds, 3);
	press(b, 'G');
	assert_int_equal(b->files.cursor, b->files.n - 1);
	press(b, '[');
	assert_int_equal(b->view.layer, 0);
	press(b, '[');
	assert_int_equal(b->view.layer, 0);
	press(b, '/');
	press(b, 'q'); /* a letter like any other while a name is typed */
	assert_false(b->ended);
	assert_string_equal(b->view.name, "q");
	assert_int_equal(b->files.n, 0);
	press_named(b, KEY_KIND_ESCAPE);
	assert_string_equal(b->view.name, "");
	press_named(b, KEY_KIND_TAB);
	assert_int_equal(b->focus, FOCUS_LAYERS);
	press_named(b, KEY_KIND_DOWN);
	assert_int_equal(b->view.layer, 1);
	press(b, 'q');
	assert_true(b->ended);
}

static void the_cursor_stays_on_its_file(void **state)
{
	struct place *p = *state;
	struct browser *b = &p->browser;
	uint32_t node;

	press(b, '4');
	while (strcmp(file_tree_name(&p->contents.files, b->rows.rows[b->files.cursor].node),
	               "file-100") != 0)
		press(b, 'j');
	node = b->rows.rows[b->files.cursor].node;
	press(b, '[');
	assert_int_equal(b->rows.rows[b->files.cursor].node, node);
	press(b, 'h'); /* to the directory it is in, which h then closes */
	press(b, 'h');
	assert_true(b->rows.rows[b->files.cursor].closed);
	press(b, 'l');
	assert_false(b->rows.rows[b->files.cursor].closed);
}

static void any_keys_at_any_size(void **state)
{
	static const char letters[] = "jkgGhlzZ[]1234a/w? \x02\x06\x04\x15xyfile-1";
	struct place *p = *state;
	struct browser *b = &p->browser;
	uint32_t random = 1;

	for (int i = 0; i < 3000; i++) {
		struct screen_key key = {0};
		random = random * 1664525 + 1013904223;
		key.kind = random >> 28 < 8 ? KEY_KIND_CHARACTER
		                            : (enum screen_key_kind)((random >> 20) % 21);
		key.character = (unsigned char)letters[(random >> 12) % (sizeof letters - 1)];
		if (key.kind == KEY_KIND_MOUSE) {
			key.row = (int)(random >> 8) % 60;
			key.column = (int)(random >> 14) % 200;
			key.number = "\1\4\5"[(random >> 10) % 3];
		}
		browser_key(b, &key);
		assert_false(b->ended);
		assert_true(b->files.cursor < b->files.n || b->files.cursor == 0);
		assert_true(b->layers.cursor < 3);
		if (i % 3 == 0)
			draws(b, (int)(random >> 24) % 50 + 1, (int)(random >> 16) % 170 + 1);
		else
			draws(b, 24, 80);
		assert_true(b->files.n == 0 || b->files.top <= b->files.cursor);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(keys_choose_what_is_shown, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(the_cursor_stays_on_its_file, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(any_keys_at_any_size, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
