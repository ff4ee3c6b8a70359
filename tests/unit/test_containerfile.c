/* A Containerfile: what is read, what is refused and where; variables; patterns of files. */
#include "kernel/base/buf.h"
#include "kernel/build/containerfile.h"
#include "kernel/build/expand.h"
#include "kernel/build/glob.h"
#include "kernel/build/ignore.h"
#include "kernel/build/similar.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Every instruction on a line: KIND flags{name=value} [exec] (word)(word)… */
static void describe(const struct containerfile *f, struct buf *out)
{
	for (size_t i = 0; i < f->n_instructions; i++) {
		const struct cf_instruction *one = &f->instructions[i];
		buf_addf(out, "%u %s", one->line, instruction_name(one->kind));
		for (size_t k = 0; k < one->n_flags; k++)
			buf_addf(out, " {%s=%s}", one->flags[k].name, one->flags[k].value.text);
		buf_add(out, one->exec ? " exec" : "");
		for (size_t k = 0; k < one->n_words; k++)
			buf_addf(out, " (%s)", one->words[k].text ? one->words[k].text : "-");
		if (!one->n_words)
			buf_addf(out, " %s", one->rest.text);
		buf_addc(out, '\n');
		for (size_t k = 0; one->kind == INSTRUCTION_COPY && k < one->n_documents; k++)
			buf_addf(out, "  %s%s: %s\n", one->documents[k].name,
			        one->documents[k].literal ? " literal" : "",
			        one->documents[k].text.text);
	}
}

static void test_read(void **state)
{
	static const struct {
		const char *text, *want;
	} table[] = {
	        {"FROM base", "1 FROM (base)\n"},
	        {"from base AS one\n\n# x\n run a  b\n", "1 FROM (base) (AS) (one)\n4 RUN a  b\n"},
	        {"FROM base\r\nRUN a \\\r\n  b\r\n", "1 FROM (base)\n2 RUN a   b\n"},
	        {"RUN a \\\n# in between\n\n  b \\\n&& c\nUSER x",
	                "1 RUN a   b && c\n6 USER (x)\n"},
	        {"RUN a \\   \nb", "1 RUN a b\n"},
	        {"# escape=`\nRUN a `\nb \\", "2 RUN a b \\\n"},
	        {"#comment\n# escape=`\nRUN a \\\nb", "3 RUN a b\n"},
	        {"# syntax=docker/dockerfile:1\n#escape = `\nRUN a `\nb", "3 RUN a b\n"},
	        {"\xef\xbb\xbf"
	         "FROM a",
	                "1 FROM (a)\n"},
	        {"RUN [\"a\", \"b c\"]", "1 RUN exec (a) (b c)\n"},
	        {"RUN [ -f x ] && y", "1 RUN [ -f x ] && y\n"},
	        {"RUN [\"a\", 1]", "1 RUN [\"a\", 1]\n"},
	        {"CMD []", "1 CMD exec []\n"},
	        {"COPY --from=one --chown=1:2 a b /c/",
	                "1 COPY {from=one} {chown=1:2} (a) (b) (/c/)\n"},
	        {"COPY \"a b\" c\\ d e", "1 COPY (\"a b\") (c\\ d) (e)\n"},
	        {"ADD [\"a b\", \"/\"]", "1 ADD exec (a b) (/)\n"},
	        {"ENV a=1 b=\"2 3\" c=4\\ 5 d=",
	                "1 ENV (a) (1) (b) (\"2 3\") (c) (4\\ 5) (d) ()\n"},
	        {"ENV a b  c=d", "1 ENV (a) (b  c=d)\n"},
	        {"ARG a b=c", "1 ARG (a) (-) (b) (c)\n"},
	        {"LABEL \"a b\"=c", "1 LABEL (\"a b\") (c)\n"},
	        {"HEALTHCHECK none", "1 HEALTHCHECK (NONE)\n"},
	        {"HEALTHCHECK --interval=5s CMD a b", "1 HEALTHCHECK {interval=5s} (CMD)\n"},
	        {"ONBUILD RUN a", "1 ONBUILD RUN a\n"},
	        {"RUN cat <<<x $((1<<2)) '<<EOF'", "1 RUN cat <<<x $((1<<2)) '<<EOF'\n"},
	        {"RUN <<EOF\na \\\n# b\n\nEOF\nUSER x", "1 RUN a \\\n# b\n\n\n6 USER (x)\n"},
	        {"RUN <<-'EOF'\r\n\t\ta\r\n\tEOF", "1 RUN a\n\n"},
	        {"RUN a <<x >b && c <<-y\n1\nx\n\t2\n\ty\nUSER z",
	                "1 RUN a <<x >b && c <<-y\n1\nx\n\t2\ny\n\n6 USER (z)\n"},
	        {"RUN cat <<EOF>/x\na\nEOF", "1 RUN cat <<EOF>/x\na\nEOF\n\n"},
	        {"COPY --chmod=1 <<a <<\"b\" /x/\n1\na\nb",
	                "1 COPY {chmod=1} (<<a) (<<\"b\") (/x/)\n  a: 1\n\n  b literal: \n"},
	        {"RUN <<EOF\nEOF", "1 RUN \n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct containerfile f;
		struct buf got = BUF_INIT;
		struct error err = {0};
		if (containerfile_parse("F", table[i].text, strlen(table[i].text), &f, &err) < 0)
			fail_msg("%s: %s: %s", table[i].text, err.object, err.cause);
		describe(&f, &got);
		assert_string_equal(buf_text(&got), table[i].want);
		buf_release(&got);
		containerfile_release(&f);
	}
}

static void test_refuse(void **state)
{
	static const struct {
		const char *text, *place, *cause;
	} table[] = {
	        {"", "F:1:1", "no instruction"},
	        {"# only this\n", "F:1:1", "no instruction"},
	        {"FROM a\nRNU x", "F:2:1", "'RNU'; did you mean RUN?"},
	        {"FROM a\n\n  ENVV a=b", "F:3:3", "did you mean ENV?"},
	        {"FROM a\nCOPPY a b", "F:2:1", "did you mean COPY?"},
	        {"FROM a\nWORDIR /x", "F:2:1", "did you mean WORKDIR?"},
	        {"FRMO a", "F:1:1", "did you mean FROM?"},
	        {"FROM a\nsudo rm", "F:2:1", "unknown instruction 'sudo'"},
	        {"FROM", "F:1:5", "FROM needs an image"},
	        {"FROM a\nCOPY a", "F:2:6", "a source and a destination"},
	        {"FROM a\nCOPY --form=x a b", "F:2:6", "did you mean --from?"},
	        {"FROM a\nCOPY \\\n  --chwon=1 a b", "F:3:3", "did you mean --chown?"},
	        {"COPY --from a b", "F:1:6", "--from needs a value"},
	        {"RUN --mount=type=cache x", "F:1:5", "RUN --mount is of other builders"},
	        {"RUN cat <<EOF\nhello\n EOF", "F:1:9", "no end: a line 'EOF'"},
	        {"RUN a \\\n  <<-'X' b\n X", "F:2:3", "no end: a line 'X'"},
	        {"COPY <<EOF /x", "F:1:6", "no end"},
	        {"RUN <<EOF\n#!/bin/x\nEOF", "F:2:1", "in front of '<<EOF'"},
	        {"ONBUILD RUN <<EOF\nEOF", "F:1:13", "ONBUILD takes no here-document"},
	        {"ENV a=\"b", "F:1:7", "this quote is never closed"},
	        {"ENV a", "F:1:6", "'=' and a value are missing"},
	        {"ENV a=b c", "F:1:10", "'=' and a value are missing"},
	        {"ENV =b", "F:1:5", "a name is missing"},
	        {"SHELL /bin/sh", "F:1:7", "SHELL needs a JSON array"},
	        {"SHELL []", "F:1:7", "the array is empty"},
	        {"HEALTHCHECK curl x", "F:1:13", "NONE, or CMD"},
	        {"HEALTHCHECK NONE x", "F:1:18", "nothing follows"},
	        {"ONBUILD ONBUILD RUN x", "F:1:9", "no trigger"},
	        {"ONBUILD FRM x", "F:1:9", "did you mean FROM?"},
	        {"# escape=x\nFROM a", "F:1:10", "escape character"},
	        {"RUN \xc3\xa4 \\\n \xc3\xa4\xc3\xa4 <<X", "F:2:5", "no end"},
	};
	struct containerfile f;
	struct error err = {0};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		err = (struct error){0};
		assert_int_equal(
		        containerfile_parse("F", table[i].text, strlen(table[i].text), &f, &err),
		        -EINVAL);
		if (strcmp(err.object, table[i].place) || !strstr(err.cause, table[i].cause))
			fail_msg("%s\n%s: %s", table[i].text, err.object, err.cause);
		containerfile_release(&f);
	}
	assert_int_equal(containerfile_parse("F", "FROM a\0b", 8, &f, &err), -EINVAL);
	containerfile_release(&f);
}

static const char *lookup(const void *data, const char *name, size_t n)
{
	static const char *const values[] = {"a=1", "empty=", "sp=x y"};

	(void)data;
	for (size_t i = 0; i < 3; i++)
		if (!strncmp(values[i], name, n) && values[i][n] == '=')
			return values[i] + n + 1;
	return NULL;
}

static void test_expand(void **state)
{
	static const struct {
		const char *text, *want; /* "!" and what is wrong */
	} table[] = {
	        {"x", "x"},
	        {"$a-${a}b$ab", "1-1b"},
	        {"\\$a '$a' \"$a\"", "$a $a 1"},
	        {"\"\\\"\\$a\\x\"", "\"$a\\x"},
	        {"${a:-z}${no:-z}${empty:-z}${empty-z}${no-z}", "1zzz"},
	        {"${a:+z}${no:+z}${empty:+z}${empty+z}", "zz"},
	        {"${no:-${empty:-deep $a}}", "deep 1"},
	        {"${no:-'}'}x", "}x"},
	        {"$sp", "x y"},
	        {"$ $- $1x", "$ $- x"},
	        {"a\\ b", "a b"},
	        {"${no:?is needed}", "!no: is needed"},
	        {"${no?}", "!has to be set"},
	        {"${a", "!is missing"},
	        {"${}", "!a name of a variable"},
	        {"${a:=x}", "!behind the name"},
	        {"${no:-x", "!is missing"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		char line[128];
		struct containerfile f;
		struct buf out = BUF_INIT;
		struct error err = {0};
		int r;
		snprintf(line, sizeof line, "USER %s", table[i].text);
		assert_int_equal(containerfile_parse("F", line, strlen(line), &f, NULL), 0);
		r = expand(&f, &f.instructions[0].words[0], lookup, NULL, &out, &err);
		if (table[i].want[0] == '!') {
			assert_int_equal(r, -EINVAL);
			if (!strstr(err.cause, table[i].want + 1))
				fail_msg("%s: %s", table[i].text, err.cause);
		} else {
			assert_int_equal(r, 0);
			assert_string_equal(buf_text(&out), table[i].want);
		}
		buf_release(&out);
		containerfile_release(&f);
	}
}

static void test_ignore(void **state)
{
	static const struct {
		const char *patterns, *path;
		bool left_out;
	} table[] = {
	        {"a", "a", true},
	        {"a", "a/b/c", true},
	        {"a", "b/a", false},
	        {"/a/", "a/b", true},
	        {"./a/../b", "b", true},
	        {"*.o", "x.o", true},
	        {"*.o", "d/x.o", false},
	        {"*/*.o", "d/x.o", true},
	        {"**/*.o", "x.o", true},
	        {"**/*.o", "d/e/x.o", true},
	        {"**.o", "d/e/x.o", false},
	        {"a/**", "a", false},
	        {"a/**", "a/b/c", true},
	        {"a/**/z", "a/z", true},
	        {"a/**/z", "a/b/c/z", true},
	        {"a/**/z", "a/bz", false},
	        {"?", "x", true},
	        {"?", "xy", false},
	        {"a?b", "a/b", false},
	        {"[a-c]x", "bx", true},
	        {"[^a-c]x", "bx", false},
	        {"[^a]b", "/b", false},
	        {"\\*", "*", true},
	        {"\\*", "x", false},
	        {"# a\na", "a", true},
	        {"#a", "#a", false},
	        {"  a  \r\n", "a", true},
	        {"*\n!a", "a", false},
	        {"*\n!a", "b", true},
	        {"d\n!d/keep", "d/keep", false},
	        {"d\n!d/keep", "d/other", true},
	        {"!a\na", "a", true},
	        {"*\n!d/**", "d/x/y", false},
	        {".", "a", false},
	        {"**", "a/b", true},
	        {"*.md\n!README*.md\nREADME-secret.md", "README-secret.md", true},
	        {"*.md\n!README*.md\nREADME-secret.md", "README.md", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct ignore *ignore;
		assert_int_equal(ignore_parse("I", table[i].patterns, strlen(table[i].patterns),
		                         &ignore, NULL),
		        0);
		if (ignore_matches(ignore, table[i].path) != table[i].left_out)
			fail_msg("'%s' and '%s'", table[i].patterns, table[i].path);
		ignore_free(ignore);
	}
}

static void test_bad_patterns(void **state)
{
	static const char *const table[][2] = {
	        {"a\n[b", "I:2:1"}, {"a\\", "I:1:2"}, {"!", "I:1:2"}, {"x[]y", "I:1:2"}};
	struct ignore *ignore;

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct error err = {0};
		assert_int_equal(ignore_parse("I", table[i][0], strlen(table[i][0]), &ignore, &err),
		        -EINVAL);
		assert_string_equal(err.object, table[i][1]);
	}
}

/* A pattern that would take a backtracking matcher longer than anybody lives. */
static void test_patient_pattern(void **state)
{
	char path[301] = "";
	struct glob *g;
	size_t at;

	(void)state;
	memset(path, 'a', 300);
	assert_int_equal(glob_new("**a*a**a*a**a*a**a*a**a*a**a*a**a*a**a*ab", &g, &at), 0);
	assert_false(glob_matches(g, path));
	glob_free(g);
}

static void test_similar(void **state)
{
	(void)state;
	assert_true(similar("RNU", "RUN"));
	assert_true(similar("ENTRYPONIT", "ENTRYPOINT"));
	assert_false(similar("sudo", "USER"));
	assert_false(similar("", "RUN"));
	assert_false(similar("X", "RUN"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_read),
	        cmocka_unit_test(test_refuse),
	        cmocka_unit_test(test_expand),
	        cmocka_unit_test(test_ignore),
	        cmocka_unit_test(test_bad_patterns),
	        cmocka_unit_test(test_patient_pattern),
	        cmocka_unit_test(test_similar),
	};

	return cmocka_run_group_tests_name("containerfile", tests, NULL, NULL);
}
