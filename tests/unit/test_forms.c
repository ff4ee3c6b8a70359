/* The forms that lessons of other people have: for each, the commands that it must give, and the
 * words that must be shown. */
#include "kernel/base/cleanup.h"
#include "shell/lesson/markdown.h"
#include "shell/lesson/placeholder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct form {
	const char *page;
	const char *commands; /* lines "ACTION TERMINAL HOST: TEXT" */
	const char *words;    /* of the page, between blanks */
} forms[] = {
        {"````bash\na\n```{{exec}}\n````\n\ntext `b`{{exec}}\n", "exec 1 1: a\nexec 1 1: b\n",
                "text"},
        {"1. one\n\n   ```sh\n   a\n   ```{{exec}}\n   ```\n2. two\n\n   ```sh\n   b\n"
         "   ```{{exec}}\n   ```\n3. end\n",
                "exec 1 1: a\nexec 1 1: b\n", "one two end"},
        {"Stop it.\nclear{{execute interrupt}}\n", "interrupt 1 1: clear\n", "Stop it."},
        {"Run:\nwatch -n .5 kubectl get pods{{execute T2}}\nthen press {{execute}}\n",
                "exec 2 1: watch -n .5 kubectl get pods\n", "Run: then press {{execute}}"},
        {"`a`{{execute MASTER}} somewhere", "exec 1 1: a\n", "somewhere"},
        {"`a`{{execute T1 MASTER}}", "exec 1 1: a\n", ""},
        {"Run `ls -l`{{execute HOST2}} on it.", "exec 1 2: ls -l\n", "Run (on machine 2) on it."},
        {"Watch `top`{{execute T2}} there", "exec 2 1: top\n", "Watch (terminal 2) there"},
        {"Watch `top`{{execute HOST2 T3}} there", "exec 3 2: top\n",
                "Watch (on machine 2, terminal 3) there"},
        {"Net:\n\n`\ndocker run -d \\\n  --name=web \\\n  nginx\n`{{execute HOST1}}\n\nthen",
                "exec 1 1: docker run -d \\\n  --name=web \\\n  nginx\n", "then"},
        {"`cat <<EOF > f\na: b\n\nc: d\nEOF`{{execute}}\n\nand `cat f`{{execute}}",
                "exec 1 1: cat <<EOF > f\na: b\n\nc: d\nEOF\nexec 1 1: cat f\n", "and"},
        {"1. Do ``git add -A\ngit commit -m 'x'\n``{{execute interrupt}}\n2. more",
                "interrupt 1 1: git add -A\ngit commit -m 'x'\n", "Do more"},
        {"1. `git add -A\n   git commit`{{execute}}\n2. more", "exec 1 1: git add -A\ngit commit\n",
                "more"},
        {"Type `i`{{execute no-newline}}, then `^ESC`{{execute ctrl-seq T2}}",
                "type 1 1: i\nkey 2 1: ^ESC\n", "Type then"},
        {"`copying disabled`{{}} is plain", "", "copying disabled is plain"},
        {"```\nssh node01\n```{{{execute}}}\n", "exec 1 1: ssh node01\n", ""},
        {"```ssh node01```{{{execute}}} ok", "exec 1 1: ssh node01\n", "ok"},
        {"**`ls`**{{exec}} and *`df`*{{exec T2}}", "exec 1 1: ls\nexec 2 1: df\n", "and"},
        {"<details>\n<summary>Hint one</summary>\n```\nls <pod> "
         "-x\n```{{exec}}\nafter\n</details>\nend",
                "exec 1 1: ls <pod> -x\n", "Hint one after end"},
        {"<details>\n<summary>Hint</summary>\n\n```\nls\n```{{copy}}\n\n</details>\n",
                "copy 1 1: ls\n", "Hint"},
        {"<pre class=\"file\" data-filename=\"app.js\" data-target=\"replace\">\nvar a = "
         "\"<b>\";\n\nif (a < 3 && b) {}\n</pre>\n\nnext",
                "copy 1 1: var a = \"\";\n\nif (a < 3 && b) {}\n", "app.js replace next"},
        {"<pre class=\"file\">\n<![CDATA[\n<dep>\n  <b>x</b> &lt;\n</dep>\n]]>\n</pre>\n",
                "copy 1 1: <dep>\n  <b>x</b> &lt;\n</dep>\n", ""},
        {"<pre class=\"file\">\n<?php echo 1 ?>\n<!DOCTYPE html>\n<![CDATA[\n</pre>\n",
                "copy 1 1: <?php echo 1 ?>\n<!DOCTYPE html>\n<![CDATA[\n", ""},
        {"1. one\n\n    <pre class=\"file\">\n  - A=b\n       - C=d\n    </pre> \n\n1. two\n",
                "copy 1 1:   - A=b\n       - C=d\n", "one two"},
        {"1. one\n\n   <pre class=\"file\">\n   - A=b\n     c\n   </pre>\n\n1. two\n",
                "copy 1 1: - A=b\n  c\n", "one two"},
        {"<pre class='file' data-target='clipboard'>\nrow(x)\n</pre>{{execute}}",
                "exec 1 1: row(x)\n", ""},
        {"<pre>\npip install x\n</pre>{{execute}}\n", "exec 1 1: pip install x\n", ""},
        {"we use <code>cd /tmp</code>{{execute}} (try)", "exec 1 1: cd /tmp\n", "we use (try)"},
        {"<p>we use <code>cd /tmp</code>{{execute}} (try)</p>", "exec 1 1: cd /tmp\n",
                "we use (try)"},
        {"ssh <user>@<your-host> now", "", "ssh <user>@<your-host> now"},
        {"See <a href=\"https://x.y/z\">the page</a>.", "", "the page https://x.y/z"},
        {"<!-- hidden\n```\nrm -rf x\n```{{exec}}\n-->\nseen", "", "seen"},
        {"`a`{{execute}}{{copy}} b", "exec 1 1: a\n", "b"},
        {"`a` {{execute}}  \n`b`{{ Execute T1 }}\n`c`{{EXEC host1}}",
                "exec 1 1: a\nexec 1 1: b\nexec 1 1: c\n", ""},
        {"- item\n\n    ```\n    deep\n      er\n    ```{{execute}}\n", "exec 1 1: deep\n  er\n",
                "item"},
        {"* item\n```\nflat\n```{{execute}}\n", "exec 1 1: flat\n", "item"},
        {"    `indented four`{{execute}}\n", "exec 1 1: indented four\n", ""},
        {"\t`tabbed`{{execute}}\n", "exec 1 1: tabbed\n", ""},
        {"text\n    ```\n    x y\n    ```{{execute}}\nmore", "exec 1 1: x y\n", "text more"},
        {"```\na\n``` {{exec}}\ntext", "exec 1 1: a\n", "text"},
        {"``` \na\n```{{exec}}text on", "exec 1 1: a\n", "text on"},
        {"```bash\nls\n```\n{{copy}}\n", "copy 1 1: ls\n", ""},
        {"~~~\nls\n~~~{{exec}}\n", "exec 1 1: ls\n", ""},
        {"| a | b |\n|---|---|\n| `ls`{{exec}} | two |\n", "exec 1 1: ls\n", "a b two"},
        {"# Do `ls`{{exec}} now", "exec 1 1: ls\n", "Do now"},
        {"![alt words](./a.png) ![](./only.png)", "", "alt words only.png"},
        {"<img src=\"./a b.png\" width=3>", "", "a b.png"},
        {"Press <kbd>Ctrl</kbd>+<kbd>C</kbd><br/>now", "", "Ctrl C now"},
        {"`ls -la`{{exec}}`pwd`{{exec}}", "exec 1 1: ls -la\nexec 1 1: pwd\n", ""},
        {"``echo `date` ``{{exec}}", "exec 1 1: echo `date`\n", ""},
        {"```\n$ ls\n```{{exec}}\n```\nb\n```{{exec}}\n", "exec 1 1: $ ls\nexec 1 1: b\n", ""},
        {"```yaml\na: {{ .Values.x }}\n```{{copy}}\n", "copy 1 1: a: {{ .Values.x }}\n", ""},
        {"```\nhelm template '{{ .x }}'```{{exec}}\nend", "exec 1 1: helm template '{{ .x }}'\n",
                "end"},
        {"````\n```\nin\n```{{exec}}\n````{{copy}}\n", "copy 1 1: ```\nin\n```{{exec}}\n", ""},
        {"```sh\nls\n```{{exec}}\n\nnot closed\n\n```\nfoo\nbar", "exec 1 1: ls\n",
                "not closed foo bar"},
        {"`app.js`{{open}} and ``b.js``{{ open }}", "open 1 1: app.js\nopen 1 1: b.js\n", "and"},
        {"> `q`{{exec}}\n> ```\n> z\n> ```{{exec}}\n", "exec 1 1: q\nexec 1 1: z\n", ""},
        {"Setext\n======\n`x`{{exec}}\n---\nlast", "exec 1 1: x\n", "Setext last"},
        {"<table>\n<tr><th>H1</th></tr>\n  <tr>\n    <td>`cell`{{exec}}</td>\n  "
         "</tr>\n</table>\nend",
                "exec 1 1: cell\n", "H1 end"},
        {"<ul>\n<li>one</li>\n<li>two `a`{{exec}}</li></ul>", "exec 1 1: a\n", "one two"},
        {"line  \nbreak\\\nend &lt;tag&gt; &amp; &copy;", "", "line break end <tag> & ©"},
        {"[ref][1] and [x](<a b>)\n\n[1]: https://ref.example/x \"T\"\n", "",
                "ref https://ref.example/x x a b"},
        {"<center><b>Bold</b></center>\n<font color=red>Red</font>", "", "Bold Red"},
        {"```\na\n```{{exec}}  \n```\nb\n```{{exec}}", "exec 1 1: a\nexec 1 1: b\n", ""},
        {"```{{exec}}\nls\n```\nz", "exec 1 1: ls\n", "z"},
        {"Some ~~gone~~ text^2^ :smile:", "", "Some gone text^2^ :smile:"},
        {"```docker run \\\n  -it x```{{execute}}\n\n`c`{{exec}}",
                "exec 1 1: docker run \\\n  -it x\nexec 1 1: c\n", ""},
        {"Use ```docker run \\\n  -it x```{{execute}} here\n\n`c`{{exec}}",
                "exec 1 1: docker run \\\n  -it x\nexec 1 1: c\n", "Use here"},
        {"<https://auto.example/p?q=1>\nhttps://bare.example/x_y_z", "",
                "https://auto.example/p?q=1 https://bare.example/x_y_z"},
        {"<iframe src=\"https://v.example/1\"></iframe>\nx", "", "https://v.example/1 x"},
        {"<details>\n<summary><b>Solution</b></summary>\n<pre>\nkubectl get po &lt;x&gt;\n  "
         "two\n</pre>\n</details>\n",
                "", "Solution kubectl get po <x> two"},
        {"$ `kubectl x`{{execute HOST1}}  \nafter", "exec 1 1: kubectl x\n", "$ after"},
};

static char *commands_of(const struct markdown *page)
{
	size_t n;
	const struct md_block *blocks = markdown_blocks(page, &n);
	auto_buf out = BUF_INIT;

	buf_add(&out, "");
	for (size_t i = 0; i < n; i++)
		buf_addf(&out, "%s %d %d: %s\n", md_kind_word(blocks[i].kind), blocks[i].terminal,
		        blocks[i].host, blocks[i].text);
	return strdup(buf_text(&out));
}

static char *shown(const struct markdown *page, int width, bool plain)
{
	struct md_options options = {.width = width, .plain = plain};
	struct md_text text;
	auto_buf out = BUF_INIT;

	assert_int_equal(markdown_layout(page, &options, &text), 0);
	md_text_write(&text, false, &out);
	md_text_release(&text);
	return strdup(buf_text(&out));
}

static void expect_words(const struct form *form, const char *text, const char *words)
{
	while (*words) {
		size_t n = strcspn(words, " \n");
		auto_free char *word = strndup(words, n);

		if (!strstr(text, word))
			fail_msg("'%s' is not shown of\n%s\nbut\n%s", word, form->page, text);
		words += n;
		words += strspn(words, " \n");
	}
}

static void test_forms(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		const struct form *form = &forms[i];
		auto_free char *commands = NULL, *text = NULL;
		const struct md_block *blocks;
		struct markdown *page;
		size_t n;

		assert_int_equal(markdown_parse(form->page, &page), 0);
		commands = commands_of(page);
		if (strcmp(commands, form->commands) != 0)
			fail_msg("the commands of\n%s\nare\n%s", form->page, commands);
		text = shown(page, 500, true);
		expect_words(form, text, form->words);
		/* A command is shown as it runs. */
		blocks = markdown_blocks(page, &n);
		for (size_t b = 0; b < n; b++)
			expect_words(form, text, blocks[b].text);
		markdown_free(page);
	}
}

/* However narrow, and also where the terminal has colours. */
static void test_any_width(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		struct markdown *page;

		assert_int_equal(markdown_parse(forms[i].page, &page), 0);
		for (int width = 1; width < 60; width += 9) {
			auto_free char *text = shown(page, width, width % 2 == 0);
			assert_non_null(text);
		}
		markdown_free(page);
	}
}

/* Addresses of the machines that a lesson was written for: all of one, or nothing of it. */
static void test_addresses(void **state)
{
	static const char *const as[][2] = {
	        {"https://[[HOST_SUBDOMAIN]]-80-[[KATACODA_HOST]].environments.katacoda.com/a",
	                "http://localhost:80/a"},
	        {"x.[[HOST_SUBDOMAIN]]-${PORT}-[[KATACODA_HOST]].environments.katacoda.com",
	                "x.localhost:${PORT}"},
	        {"https://[[HOST1_SUBDOMAIN]]-$P_1-[[KATACODA_HOST]].[[KATACODA_DOMAIN]]",
	                "http://localhost:$P_1"},
	        {"https://[[HOST2_SUBDOMAIN]]-80-[[KATACODA_HOST]].environments.katacoda.com/",
	                "https://"
	                "[[HOST2_SUBDOMAIN]]-80-[[KATACODA_HOST]].environments.katacoda.com/"},
	        {"[[HOST_SUBDOMAIN]]-${a b}-$", "localhost-${a b}-$"},
	        {"[[HOST_SUBDOMAIN]]-123456", "localhost-123456"},
	        {"[[HOST2_SUBDOMAIN", "[[HOST2_SUBDOMAIN"},
	        {"[the shop]{{TRAFFIC_HOST1_30123}}/a", "[the shop] http://localhost:30123/a"},
	        {"[the shop]({{TRAFFIC_HOST1_80}})", "[the shop](http://localhost:80)"},
	        {"{{TRAFFIC_HOST1_80}}/a {{TRAFFIC_HOST2_80}}",
	                "http://localhost:80/a {{TRAFFIC_HOST2_80}}"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof as / sizeof *as; i++) {
		auto_buf out = BUF_INIT;

		placeholder_replace(as[i][0], &out);
		assert_string_equal(buf_text(&out), as[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_forms),
	        cmocka_unit_test(test_any_width),
	        cmocka_unit_test(test_addresses),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
