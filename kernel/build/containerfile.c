/* bytes ─▶ lines ─▶ joined lines ─▶ instructions. */
#include "kernel/build/containerfile.h"

#include "kernel/base/buf.h"
#include "kernel/base/cleanup.h"
#include "kernel/build/containerfile_inner.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MAX_INSTRUCTIONS = 4096 };

/* ---- places --------------------------------------------------------------------------------- */

void containerfile_place(
        const struct containerfile *f, uint32_t at, unsigned *ret_line, unsigned *ret_column)
{
	unsigned line = 1, column = 1;

	for (uint32_t i = 0; i < at && i < f->n; i++) {
		if (f->bytes[i] == '\n') {
			line++;
			column = 1;
		} else if (((unsigned char)f->bytes[i] & 0xc0) != 0x80) {
			column++; /* not for the second and third byte of a character */
		}
	}
	*ret_line = line;
	*ret_column = column;
}

int containerfile_error(
        const struct containerfile *f, uint32_t at, struct error *err, const char *format, ...)
{
	unsigned line, column;
	char place[256], cause[256];
	va_list args;

	containerfile_place(f, at, &line, &column);
	snprintf(place, sizeof place, "%.200s:%u:%u", f->name, line, column);
	va_start(args, format);
	vsnprintf(cause, sizeof cause, format, args);
	va_end(args);
	return error_set(err, EINVAL, "read", place, "%s", cause);
}

static int no_memory(struct error *err)
{
	return error_set(err, ENOMEM, "read Containerfile", "", NULL);
}

/* ---- lines ---------------------------------------------------------------------------------- */

struct line {
	uint32_t begin, end; /* without the end of the line, "\n" or "\r\n" */
};

static bool next_line(const struct containerfile *f, uint32_t *at, struct line *ret)
{
	const char *from = f->bytes + *at, *end;

	if (*at >= f->n)
		return false;
	end = memchr(from, '\n', f->n - *at);
	ret->begin = *at;
	ret->end = end ? (uint32_t)(end - f->bytes) : (uint32_t)f->n;
	*at = ret->end + (end != NULL);
	if (ret->end > ret->begin && f->bytes[ret->end - 1] == '\r')
		ret->end--;
	return true;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\v' || c == '\f' || c == '\r';
}

static uint32_t skip_blanks(const struct containerfile *f, uint32_t at, uint32_t end)
{
	while (at < end && is_blank(f->bytes[at]))
		at++;
	return at;
}

/* "# escape=`": only before all else, and not with a blank line in front. */
static bool directive(struct containerfile *f, const struct line *l, struct error *err, int *ret)
{
	uint32_t at = skip_blanks(f, l->begin, l->end), name, n, value;

	*ret = 0;
	if (at == l->end || f->bytes[at] != '#')
		return false;
	name = skip_blanks(f, at + 1, l->end);
	for (n = name; n < l->end && isalpha((unsigned char)f->bytes[n]);)
		n++;
	value = skip_blanks(f, n, l->end);
	if (n == name || value == l->end || f->bytes[value] != '=')
		return false;
	value = skip_blanks(f, value + 1, l->end);
	if (n - name == 6 && !strncasecmp(f->bytes + name, "escape", 6)) {
		uint32_t after = skip_blanks(f, value + 1, l->end);
		if (value == l->end || after < l->end ||
		        (f->bytes[value] != '\\' && f->bytes[value] != '`'))
			*ret = containerfile_error(
			        f, value, err, "the escape character is '\\' or '`'");
		else
			f->escape = f->bytes[value];
		return true;
	}
	/* "syntax" and "check" name another builder's programs. */
	return (n - name == 6 && !strncasecmp(f->bytes + name, "syntax", 6)) ||
	       (n - name == 5 && !strncasecmp(f->bytes + name, "check", 5));
}

static int add_bytes(struct joined *j, const struct containerfile *f, uint32_t from, uint32_t to)
{
	size_t n = to - from;

	if (j->n + n + 1 > j->cap) {
		size_t cap = (j->n + n + 1) * 2;
		char *text = realloc(j->text, cap);
		uint32_t *at;
		if (!text)
			return -ENOMEM;
		j->text = text;
		at = realloc(j->at, cap * sizeof *at);
		if (!at)
			return -ENOMEM;
		j->at = at;
		j->cap = cap;
	}
	memcpy(j->text + j->n, f->bytes + from, n);
	for (size_t i = 0; i < n; i++)
		j->at[j->n + i] = from + (uint32_t)i;
	j->n += n;
	j->text[j->n] = '\0';
	j->at[j->n] = to; /* where something is missing */
	return 0;
}

/* Whether the line goes on in the next one; then its end is before the escape character. */
static bool continues(const struct containerfile *f, struct line *l)
{
	uint32_t end = l->end;

	while (end > l->begin && is_blank(f->bytes[end - 1]))
		end--;
	if (end == l->begin || f->bytes[end - 1] != f->escape)
		return false;
	l->end = end - 1;
	return true;
}

static bool is_comment(const struct containerfile *f, const struct line *l)
{
	uint32_t at = skip_blanks(f, l->begin, l->end);

	return at < l->end && f->bytes[at] == '#';
}

/* Joins the lines of one instruction, of which `l` is the first. Comments and empty lines among
 * them are left out. */
static int join(const struct containerfile *f, struct line l, uint32_t *at, struct joined *j)
{
	bool more = continues(f, &l);

	if (add_bytes(j, f, skip_blanks(f, l.begin, l.end), l.end) < 0)
		return -ENOMEM;
	while (more && next_line(f, at, &l)) {
		if (is_comment(f, &l) || skip_blanks(f, l.begin, l.end) == l.end)
			continue;
		more = continues(f, &l);
		if (add_bytes(j, f, l.begin, l.end) < 0)
			return -ENOMEM;
	}
	while (j->n && is_blank(j->text[j->n - 1]))
		j->n--;
	j->text[j->n] = '\0';
	return 0;
}

/* ---- instructions --------------------------------------------------------------------------- */

static char *one_line(struct containerfile *f, const char *name, const char *rest)
{
	auto_buf out = BUF_INIT;

	buf_add(&out, name);
	buf_addc(&out, ' ');
	buf_add(&out, rest + strspn(rest, " \t\v\f\r"));
	return buf_failed(&out) ? NULL : arena_strdup(&f->arena, buf_text(&out));
}

/* Counted on from the instruction before it. */
static unsigned line_of(const struct containerfile *f, uint32_t at)
{
	const struct cf_instruction *last =
	        f->n_instructions ? &f->instructions[f->n_instructions - 1] : NULL;
	unsigned line = last ? last->line : 1;

	for (uint32_t i = last ? last->at : 0; i < at; i++)
		line += f->bytes[i] == '\n';
	return line;
}

static int add_instruction(struct containerfile *f, const struct joined *j, struct error *err)
{
	struct cf_instruction *i = &f->instructions[f->n_instructions];
	uint32_t *at = arena_alloc(&f->arena, (j->n + 1) * sizeof *at);
	struct piece all = {.text = arena_strndup(&f->arena, j->text, j->n), .at = at};
	size_t n;
	int r;

	if (!all.text || !at)
		return no_memory(err);
	memcpy(at, j->at, (j->n + 1) * sizeof *at);
	for (n = 0; n < j->n && !is_blank(j->text[n]);)
		n++;
	r = containerfile_kind(f, &all, n, &i->kind, err);
	if (r < 0)
		return r;
	i->at = at[0];
	i->line = line_of(f, i->at);
	all.text += n;
	all.at += n;
	i->text = one_line(f, instruction_name(i->kind), all.text);
	if (!i->text)
		return no_memory(err);
	r = containerfile_words(f, i, &all, err);
	if (r == 0)
		f->n_instructions++;
	return r;
}

static int read_instructions(struct containerfile *f, uint32_t at, struct error *err)
{
	struct joined j = {0};
	struct line l;
	int r = 0;

	while (r == 0 && next_line(f, &at, &l)) {
		if (is_comment(f, &l) || skip_blanks(f, l.begin, l.end) == l.end)
			continue;
		if (f->n_instructions == MAX_INSTRUCTIONS) {
			r = containerfile_error(
			        f, l.begin, err, "more than %d instructions", MAX_INSTRUCTIONS);
			break;
		}
		j.n = 0;
		r = join(f, l, &at, &j) < 0 ? no_memory(err) : 0;
		if (r == 0 && j.n)
			r = add_instruction(f, &j, err);
		if (r == 0 && j.n)
			r = containerfile_read_documents(
			        f, &f->instructions[f->n_instructions - 1], &at, err);
	}
	free(j.text);
	free(j.at);
	return r;
}

static uint32_t skip_mark(const struct containerfile *f)
{
	return f->n >= 3 && !memcmp(f->bytes, "\xef\xbb\xbf", 3) ? 3 : 0; /* of UTF-8 */
}

static int parse(struct containerfile *f, struct error *err)
{
	uint32_t at = skip_mark(f), before = at;
	const char *nul = memchr(f->bytes, '\0', f->n);
	struct line l;
	int r = 0;

	if (nul)
		return containerfile_error(
		        f, (uint32_t)(nul - f->bytes), err, "a byte of value 0: this is no text");
	while (next_line(f, &at, &l) && directive(f, &l, err, &r)) {
		if (r < 0)
			return r;
		before = at;
	}
	r = read_instructions(f, before, err);
	if (r == 0 && !f->n_instructions)
		r = containerfile_error(f, 0, err, "there is no instruction in it");
	return r;
}

int containerfile_parse(
        const char *name, const char *bytes, size_t n, struct containerfile *ret, struct error *err)
{
	*ret = (struct containerfile){.n = n, .escape = '\\'};
	if (n > CONTAINERFILE_LIMIT)
		return error_set(err, EFBIG, "read", name, "more than %d bytes: this is none",
		        CONTAINERFILE_LIMIT);
	ret->name = arena_strdup(&ret->arena, name);
	ret->bytes = arena_strndup(&ret->arena, bytes, n);
	ret->instructions = arena_alloc(&ret->arena, MAX_INSTRUCTIONS * sizeof *ret->instructions);
	if (!ret->name || !ret->bytes || !ret->instructions)
		return no_memory(err);
	return parse(ret, err);
}

void containerfile_release(struct containerfile *f)
{
	arena_release(&f->arena);
	*f = (struct containerfile){0};
}
