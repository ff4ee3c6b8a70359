#include "shell/lesson/lint_files.h"

#include "kernel/base/cleanup.h"
#include "shell/bash.h"
#include "shell/lesson/clean.h"
#include "shell/lesson/folder.h"
#include "shell/lesson/md_source.h"

#include <errno.h>
#include <string.h>

enum { FILE_LIMIT = 1 << 20 };

/* ---- zero bytes ------------------------------------------------------------------------------ */

/* Text of two bytes a character, which says so, has them by rights (text_decode.h). */
static bool is_utf16(const char *bytes, size_t n)
{
	return n >= 2 && (!memcmp(bytes, "\xff\xfe", 2) || !memcmp(bytes, "\xfe\xff", 2));
}

/* No shell and no terminal takes a zero byte: what opens a lesson leaves them out, so that it does
 * not say what its file seems to. */
static void look_for_zero(struct lint *l, int fd, const char *path, bool script)
{
	auto_buf bytes = BUF_INIT;
	const char *zero;
	int line = 1;

	if (folder_read_bytes(fd, path, FILE_LIMIT, &bytes, NULL) < 0 || !bytes.len ||
	        (!script && is_utf16(bytes.data, bytes.len)))
		return;
	zero = memchr(bytes.data, '\0', bytes.len);
	if (!zero)
		return;
	for (const char *p = bytes.data; p < zero; p++)
		line += *p == '\n';
	lint_tell(l, path, line,
	        "a zero byte (NUL) stands in this line; it is not text and is left out when the "
	        "%s: take it out of the file",
	        script ? "script runs" : "page is shown");
}

/* ---- code that never ends -------------------------------------------------------------------- */

static void look_at_fences(struct lint *l, int fd, const char *path)
{
	struct md_source source = {0};
	auto_buf text = BUF_INIT;

	if (folder_read_text(fd, path, FILE_LIMIT, &text, NULL) < 0 ||
	        md_source_normalise(buf_text(&text), &source) < 0)
		return;
	if (source.open_fence && source.next_fence)
		lint_tell(l, path, source.open_fence,
		        "the fence of the code that begins here is not closed before the next "
		        "begins, in line %d, which becomes code itself",
		        source.next_fence);
	else if (source.open_fence)
		lint_tell(l, path, source.open_fence,
		        "the fence of the code that begins here is never closed, and what follows "
		        "is shown as code: a line with the same marks is missing");
	md_source_release(&source);
}

/* ---- scripts --------------------------------------------------------------------------------- */

/* The name of the program that the first line asks for, as in "#!/usr/bin/env -S bash -e"; "" when
 * it asks for none. */
static void interpreter_of(const char *text, char *name, size_t size)
{
	const char *end = strchrnul(text, '\n'), *word = text + 2;
	size_t n = 0;

	*name = '\0';
	if (strncmp(text, "#!", 2))
		return;
	while (word < end) {
		const char *base;

		word += strspn(word, " \t");
		n = strcspn(word, " \t\n");
		base = memrchr(word, '/', n);
		base = base ? base + 1 : word;
		n = (size_t)(word + n - base);
		word = base + n;
		/* env is asked for the next word; options of it are none. */
		if (n && *base != '-' && !(n == 3 && !strncmp(base, "env", 3))) {
			snprintf(name, size, "%.*s", (int)n, base);
			return;
		}
	}
}

static bool is_one_of(const char *name, const char *const *list)
{
	while (*list && strcmp(*list, name))
		list++;
	return *list != NULL;
}

static void tell_syntax(struct lint *l, const struct scenario_script *script, const char *shell)
{
	auto_buf what = BUF_INIT, clean = BUF_INIT;
	struct error err = {0};
	int line = bash_syntax(shell, script->text, &what, &err);

	if (line == -ENOENT && l->skipped)
		l->skipped(l->data, script->path, shell);
	if (line <= 0)
		return;
	clean_text(buf_text(&what), what.len, false, &clean);
	lint_tell(l, script->path, line, "%s cannot read the script: %s", shell, buf_text(&clean));
}

static void look_at_script(struct lint *l, int fd, const struct scenario_script *script)
{
	static const char *const shells[] = {"", "bash", "rbash", NULL};
	static const char *const plain[] = {"sh", "dash", "ash", NULL};
	struct error err = {0};
	char name[64];

	if (!script->path)
		return;
	look_for_zero(l, fd, script->path, true);
	interpreter_of(script->text, name, sizeof name);
	if (!script->text[strspn(script->text, " \t\n")])
		lint_tell(l, script->path, 1, "the script is empty");
	else if (!is_one_of(name, shells) && !is_one_of(name, plain))
		lint_tell(l, script->path, 1,
		        "the first line asks for another program than bash, which runs the "
		        "scripts of a page whatever that line says: call the program in it");
	else if (bash_incomplete(script->text, &err) == 1)
		lint_tell(l, script->path, 1,
		        "the script lacks its end: a quote, 'fi', 'done' or '}'");
	else
		tell_syntax(l, script, is_one_of(name, plain) ? "sh" : "bash");
}

void lint_files(struct lint *l, int fd, const struct scenario_page *page)
{
	for (size_t i = 0; i < page->n_files; i++) {
		look_for_zero(l, fd, page->files[i], false);
		look_at_fences(l, fd, page->files[i]);
	}
	look_at_script(l, fd, &page->verify);
	look_at_script(l, fd, &page->foreground);
	look_at_script(l, fd, &page->background);
	look_at_script(l, fd, &page->solution);
	look_at_script(l, fd, &page->hint);
}
