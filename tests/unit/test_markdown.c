/* Pages: the commands in them, in every shape that lessons are written in, and their lines. */
#include "kernel/base/cleanup.h"
#include "render/glyph.h"
#include "shell/lesson/clean.h"
#include "shell/lesson/markdown.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The commands of a page as "KIND TERMINAL inline|fenced: TEXT" lines. */
static char *commands_of(const char *page)
{
	const struct md_block *blocks;
	struct markdown *md;
	auto_buf out = BUF_INIT;
	size_t n;

	assert_int_equal(markdown_parse(page, &md), 0);
	blocks = markdown_blocks(md, &n);
	for (size_t i = 0; i < n; i++)
		buf_addf(&out, "%s %d %s: %s\n", md_kind_word(blocks[i].kind), blocks[i].terminal,
		        blocks[i].fenced ? "fenced" : "inline", blocks[i].text);
	markdown_free(md);
	return buf_steal(&out);
}

static char *drawn(const char *page, struct md_options options)
{
	struct markdown *md;
	struct md_text text;
	auto_buf out = BUF_INIT;

	assert_int_equal(markdown_parse(page, &md), 0);
	assert_int_equal(markdown_layout(md, &options, &text), 0);
	md_text_write(&text, false, &out);
	md_text_release(&text);
	markdown_free(md);
	return buf_steal(&out);
}

static void expect_commands(const char *page, const char *wanted)
{
	auto_free char *found = commands_of(page);

	assert_string_equal(found, wanted);
}

static void expect_drawn(const char *page, int width, const char *wanted)
{
	auto_free char *found = drawn(page, (struct md_options){.width = width});

	assert_string_equal(found, wanted);
}

static void test_inline_actions(void **state)
{
	(void)state;
	expect_commands("Run `ls -l`{{exec}} now.", "exec 1 inline: ls -l\n");
	expect_commands("Run ``ls -l``{{execute}} now.", "exec 1 inline: ls -l\n");
	expect_commands("```ls -l```{{execute}}", "exec 1 inline: ls -l\n");
	expect_commands("` ls -l ` {{ Execute  T2 }}", "exec 2 inline: ls -l\n");
	expect_commands("`a`{{EXEC}}`b`{{execute t2}}", "exec 1 inline: a\nexec 2 inline: b\n");
	expect_commands("`a`\n{{exec}}", "exec 1 inline: a\n");
	expect_commands("`a {{exec}}`", "exec 1 inline: a\n");
	expect_commands("`a`{{exec interrupt}} `b`{{execute interrupt T2}}",
	        "interrupt 1 inline: a\ninterrupt 2 inline: b\n");
	expect_commands("`a`{{copy}} `b`{{ COPY }}", "copy 1 inline: a\ncopy 1 inline: b\n");
	expect_commands("`a`{{execute HOST1}} `b`{{exec no-newline}}",
	        "exec 1 inline: a\ntype 1 inline: b\n");
}

static void test_no_actions(void **state)
{
	(void)state;
	expect_commands("`a` b {{exec}} `{{.Names}}` `c`{{TRAFFIC_HOST1_80}} ``{{exec}}", "");
	expect_commands("```\na\n```\n\ntext\n\n{{exec}}\n", "");
	expect_commands("`a`{{exec", "");
	expect_commands("`a`{{}} `b`{exec} `c`{{ }}", "");
}

static void test_fenced_actions(void **state)
{
	(void)state;
	expect_commands("```\na\nb\n```{{exec}}\ntext\n", "exec 1 fenced: a\nb\n");
	expect_commands("```bash\na\n```  {{ execute T2 }} more `c`{{exec}}\n",
	        "exec 2 fenced: a\nexec 1 inline: c\n");
	expect_commands("~~~~\na\n```\n~~~~ {{exec}}\n", "exec 1 fenced: a\n```\n");
	expect_commands(
	        "```sh\na\nb```{{exec}}\n\n`c`{{exec}}", "exec 1 fenced: a\nb\nexec 1 inline: c\n");
	expect_commands("```\na\n```\n{{exec}}\n", "exec 1 fenced: a\n");
	expect_commands("```\na\n```\n\n{{exec interrupt}}\n", "interrupt 1 fenced: a\n");
	expect_commands("```bash {{exec}}\na\n```\n", "exec 1 fenced: a\n");
	expect_commands("```docker run \\\n  -it x```{{execute}}\n\n`c`{{exec}}",
	        "exec 1 fenced: docker run \\\n  -it x\nexec 1 inline: c\n");
	expect_commands("1. One:\n\n   ```\n   a\n     b\n   ```{{exec}}\n2. `c`{{exec}}\n",
	        "exec 1 fenced: a\n  b\nexec 1 inline: c\n");
	expect_commands("- ```\n  a\n  ```{{exec}}\n", "exec 1 fenced: a\n");
	expect_commands("> ```\n> a\n> ```{{copy}}\n", "copy 1 fenced: a\n");
	expect_commands("```\na\n```{{exec}}\n---\n```\nb\n```{{exec}}",
	        "exec 1 fenced: a\nexec 1 fenced: b\n");
	expect_commands("```\n\n```{{exec}}\n", "");
	expect_commands("```\na\n", "");
}

static void test_html(void **state)
{
	(void)state;
	expect_commands("<details><summary>S</summary>\nRun `a`{{exec}}\n</details>\n",
	        "exec 1 inline: a\n");
	expect_drawn("a<!-- not seen -->b <kbd>Ctrl</kbd>\n\n<!-- nor\nthis -->\n\nc", 40,
	        "ab Ctrl\n\nc\n");
	expect_drawn("<pre>a &lt;b&gt;\n  c</pre>\n\nd<br>e", 40, "  a <b>\n    c\n\nd\ne\n");
	expect_drawn("<script>alert(1)</script>\n\n<img src=\"a\" alt=\"a picture\">", 40,
	        "[picture: a picture]\n");
}

static void test_drawing(void **state)
{
	(void)state;
	expect_drawn("# Title\ntext *em* **strong** `code`", 40, "Title\n\ntext em strong code\n");
	expect_drawn("- a\n- b\n  1. c\n  2. d\n\ne", 40, "• a\n• b\n  1. c\n  2. d\n\ne\n");
	expect_drawn("> quote quote quote", 13, "│ quote quote\n│ quote\n");
	expect_drawn(
	        "```\nls\n```{{exec}}\n\n```\nplain code\n```", 9, "▶ ls\n\n  plain c\n  ode\n");
	expect_drawn(
	        "```\nct build . && ct images\n```{{exec}}", 20, "▶ ct build . && ct \n  images\n");
	expect_drawn("```\nls /a/long/path/that/ends\n```{{exec}}", 16,
	        "▶ ls /a/long/pat\n  h/that/ends\n");
	expect_drawn("[a](http://b/) <http://c/>", 40, "a (http://b/) http://c/\n");
	expect_drawn("| A | Bee |\n|---|:-:|\n| 1 | `a|b` |\n|你好||", 40,
	        "A     Bee\n─────────\n1     a|b\n你好\n");
	/* What ends no cell; elsewhere a backslash in code is a backslash. */
	expect_drawn("| A | B |\n|---|---|\n| `a \\| b` | c \\| &#124; d |\n"
	             "| one<br>two | <code>x \\| y</code> |\n",
	        40, "A        B\n────────────────\na | b    c | | d\none two  x | y\n");
	expect_drawn(
	        "a \\| `b \\| c`, <code>d \\| e</code>\n\n    f \\| &#124; `g`\n\n|h\\|`i\nj\\|k`",
	        40, "a | b \\| c, d | e\n\n  f \\| &#124; `g`\n\n|h|i j\\|k\n");
	expect_drawn("A|B\n-|-\nlonger words|2", 10, "A · B\nlonger\nwords · 2\n");
	expect_drawn("|A||\n|-|-|\n||2|\n|||\n|longer|words|", 10, "A\n2\nlonger ·\nwords\n");
	expect_drawn("***", 3, "───\n");
	expect_drawn("", 10, "");
}

static void test_drawing_for_plain_terminals(void **state)
{
	auto_free char *found = drawn("# T\n*a* **b** `c` … é\n- d\n\n```\ne\n```{{exec}}",
	        (struct md_options){.width = 40, .ascii = true, .plain = true});

	(void)state;
	assert_null(strpbrk(found, "\x80\xc3\xe2"));
	assert_non_null(strstr(found, "# T\n\n*a* **b** `c` "));
	assert_non_null(strstr(found, "* d\n\n$ e\n"));
}

static void test_done_blocks(void **state)
{
	const bool done[] = {true, false};
	auto_free char *found = drawn("```\na\n```{{exec}}\n\n```\nb\n```{{exec}}",
	        (struct md_options){.width = 20, .done = done, .n_done = 2});

	(void)state;
	assert_string_equal(found, "✓ a\n\n▶ b\n");
}

static void test_escapes(void **state)
{
	const char page[] = "a\033[31mb\033]0;title\ac &#27;[2J&#x9b;d `e\033[0m\a`{{exec}}\n\n"
	                    "```\nf\rg\x7f\n```{{exec}}\n\xe2\x80\xae\xff\x1bP1q\x1b\\end";

	(void)state;
	for (int ascii = 0; ascii < 2; ascii++) {
		auto_free char *found =
		        drawn(page, (struct md_options){.width = 30, .ascii = ascii});
		for (const char *p = found; *p; p++)
			assert_true((unsigned char)*p >= 0x20 || *p == '\n');
		assert_null(strstr(found, "\x7f"));
		assert_null(strstr(found, "\xc2\x9b"));
		assert_null(strstr(found, "\xe2\x80\xae"));
		assert_non_null(strstr(found, "end"));
	}
	expect_commands("`e\033[0m\a`{{exec}}", "exec 1 inline: e\n");
	assert_int_equal(clean_find("a\nb\033[0m", 7), 2);
	assert_int_equal(clean_find("a\nb — é\n", 10), 0);
}

static void test_source_lines(void **state)
{
	const struct md_block *blocks;
	struct markdown *md;
	size_t n;

	(void)state;
	assert_int_equal(
	        markdown_parse("```\na\n```{{exec}}\n\n```\nb```{{exec}}\nx `c`{{exec}}", &md), 0);
	blocks = markdown_blocks(md, &n);
	assert_int_equal(n, 3);
	assert_int_equal(blocks[0].line, 1);
	assert_int_equal(blocks[1].line, 5);
	assert_int_equal(blocks[2].line, 7);
	markdown_free(md);
}

/* A small generator of its own, so that a failure can be repeated. */
static unsigned next_random(unsigned *seed)
{
	*seed = *seed * 1103515245u + 12345u;
	return *seed >> 16 & 0x7fff;
}

static void random_page(unsigned *seed, struct buf *out)
{
	static const char *const pieces[] = {"word ", "longerword", "\n", "\n\n", "- ", "> ", "1. ",
	        "`code` ", "**b** ", "*e* ", "\n# ", "\n```\nfence code\n```{{exec}}\n", "    ",
	        "\n\n---\n\n", "[t](u) ", "你好世界", "é", "e\xcc\x81 ", "👩‍💻 ", "\t",
	        "| a | b |\n", "|---|---|\n", "`x`{{exec}} ", "<b>tag</b> ", "![p](q) ",
	        "<div>\nhtml\n</div>\n", "\\", "```", "{{exec}}"};

	for (int n = 5 + (int)(next_random(seed) % 60); n > 0; n--)
		buf_add(out, pieces[next_random(seed) % (sizeof pieces / sizeof *pieces)]);
}

static void test_no_line_is_too_wide(void **state)
{
	unsigned seed = 20240501;

	(void)state;
	for (int i = 0; i < 150; i++) {
		auto_buf page = BUF_INIT;
		struct markdown *md;

		random_page(&seed, &page);
		assert_int_equal(markdown_parse(buf_text(&page), &md), 0);
		for (int width = 1; width <= 100; width += width < 12 ? 1 : 17) {
			struct md_options o = {.width = width, .plain = i % 2, .ascii = i % 3 == 0};
			struct md_text text;

			assert_int_equal(markdown_layout(md, &o, &text), 0);
			for (size_t j = 0; j < text.n; j++) {
				int cells = 0;
				for (size_t k = 0; k < text.lines[j].n; k++)
					cells += text_width(text.lines[j].spans[k].text);
				if (cells > width)
					fail_msg("%d cells of %d in:\n%s", cells, width,
					        buf_text(&page));
			}
			md_text_release(&text);
		}
		markdown_free(md);
	}
}

/* Every word of the source is in the drawing, in order, at any width. */
static void test_no_text_is_lost(void **state)
{
	unsigned seed = 7;

	(void)state;
	for (int i = 0; i < 60; i++) {
		auto_buf page = BUF_INIT, wanted = BUF_INIT;

		for (int n = 0; n < 40; n++) {
			static const char *const shapes[] = {"w%d ", "**w%d** ", "`w%d` ",
			        "\n\nw%d ", "\n- w%d\n", "\n> w%d\n\n", "\n## w%d\n",
			        "\n\n```\nw%d\n```{{exec}}\n", "\n1. w%d\n\n   w%dx\n", "[w%d](x) ",
			        "<kbd>w%d</kbd> ", "\n\n<p>w%d</p>\n\n", "\n\n    w%d\n\n",
			        "\n| w%d | b |\n|---|---|\n"};
			int shape = (int)(next_random(&seed) % (sizeof shapes / sizeof *shapes));
			char text[64];

			/* The format is one of ours, with one number or the same number twice. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
			snprintf(text, sizeof text, shapes[shape], n + 100, n + 100);
#pragma GCC diagnostic pop
			buf_add(&page, text);
			buf_addf(&wanted, "w%d", n + 100);
			buf_addc(&wanted, '\n');
		}
		for (int width = 3; width < 90; width += 29) {
			auto_free char *found =
			        drawn(buf_text(&page), (struct md_options){.width = width});
			auto_buf letters = BUF_INIT;
			const char *at;

			for (const char *p = found; *p; p++)
				if (isalnum((unsigned char)*p))
					buf_addc(&letters, *p);
			at = buf_text(&letters);
			for (int n = 0; n < 40; n++) {
				char word[16];
				snprintf(word, sizeof word, "w%d", n + 100);
				at = strstr(at, word);
				if (!at)
					fail_msg("%s is lost at width %d in:\n%s", word, width,
					        buf_text(&page));
			}
		}
	}
}

static void test_big_and_deep_pages(void **state)
{
	auto_buf many = BUF_INIT, deep = BUF_INIT, open = BUF_INIT;
	const char *const hostile[] = {"<", "<a ", "`", "```a b\n", "*", "[", "{{", "- ", "<!--"};
	struct markdown *md;
	struct md_text text;
	size_t n;

	(void)state;
	for (int i = 0; i < 10000; i++)
		buf_addf(&many, "```\necho %d\n```{{exec}}\n", i);
	assert_int_equal(markdown_parse(buf_text(&many), &md), 0);
	assert_string_equal(markdown_blocks(md, &n)[9999].text, "echo 9999");
	assert_int_equal(n, 10000);
	markdown_free(md);

	for (int i = 0; i < 20000; i++)
		buf_add(&deep, ">");
	buf_add(&deep, " deep");
	assert_int_equal(markdown_parse(buf_text(&deep), &md), 0);
	assert_int_equal(markdown_layout(md, &(struct md_options){.width = 30}, &text), 0);
	assert_string_equal(
	        text.lines[text.n - 1].spans[text.lines[text.n - 1].n - 1].text, "deep");
	md_text_release(&text);
	markdown_free(md);

	for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
		buf_reset(&open);
		for (int j = 0; j < 20000; j++)
			buf_add(&open, hostile[i]);
		assert_int_equal(markdown_parse(buf_text(&open), &md), 0);
		assert_int_equal(markdown_layout(md, &(struct md_options){.width = 80}, &text), 0);
		md_text_release(&text);
		markdown_free(md);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_inline_actions),
	        cmocka_unit_test(test_no_actions),
	        cmocka_unit_test(test_fenced_actions),
	        cmocka_unit_test(test_html),
	        cmocka_unit_test(test_drawing),
	        cmocka_unit_test(test_drawing_for_plain_terminals),
	        cmocka_unit_test(test_done_blocks),
	        cmocka_unit_test(test_escapes),
	        cmocka_unit_test(test_source_lines),
	        cmocka_unit_test(test_no_line_is_too_wide),
	        cmocka_unit_test(test_no_text_is_lost),
	        cmocka_unit_test(test_big_and_deep_pages),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
