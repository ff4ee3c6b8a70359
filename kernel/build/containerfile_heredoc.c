/* Here-documents: "RUN <<EOF", "COPY <<EOF /file" (docker's Dockerfile reference,
 * "Here-Documents").
 *
 * A document alone is what the shell runs; beside a command it is handed to the shell as it is,
 * which knows here-documents itself. For COPY and ADD it is a file of that name. */
#include "kernel/build/containerfile_inner.h"

#include "kernel/base/cleanup.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

enum { DOCUMENTS_MAX = 16 };

static int no_memory(struct error *err)
{
	return error_set(err, ENOMEM, "read Containerfile", "", NULL);
}

/* ---- the marks ------------------------------------------------------------------------------ */

static size_t name_length(const char *text)
{
	size_t n = 0;

	while (isalnum((unsigned char)text[n]) || (text[n] && strchr("_.-", text[n])))
		n++;
	return n;
}

/* "<<EOF", "<<-EOF", "3<<'EOF'", of n characters: its name and how it is read. False: the word is
 * something else. */
static bool is_mark(const char *word, size_t n, struct cf_document *ret, const char **ret_name,
        size_t *ret_length)
{
	const char *p = word + strspn(word, "0123456789");
	char quote;

	if (strncmp(p, "<<", 2) != 0 || p + 2 >= word + n)
		return false;
	p += 2;
	ret->tabs = *p == '-';
	p += ret->tabs;
	quote = *p == '"' || *p == '\'' ? *p : '\0';
	ret->literal = quote;
	p += ret->literal;
	*ret_name = p;
	*ret_length = name_length(p);
	if (!*ret_length || (!isalnum((unsigned char)*p) && *p != '_'))
		return false;
	p += *ret_length;
	/* A shell goes on right behind it: "<<EOF>file". */
	return quote ? *p == quote : p >= word + n || strchr("<>|&;)", *p);
}

static int add_document(struct containerfile *f, struct cf_instruction *i,
        const struct cf_document *d, const char *name, size_t n, struct error *err)
{
	if (i->n_documents == DOCUMENTS_MAX)
		return containerfile_error(
		        f, d->at, err, "more than %d here-documents", DOCUMENTS_MAX);
	if (!i->documents)
		i->documents = arena_alloc(&f->arena, DOCUMENTS_MAX * sizeof *i->documents);
	if (!i->documents)
		return no_memory(err);
	i->documents[i->n_documents] = *d;
	i->documents[i->n_documents].name = arena_strndup(&f->arena, name, n);
	return i->documents[i->n_documents++].name ? 0 : no_memory(err);
}

int containerfile_find_documents(
        struct containerfile *f, struct cf_instruction *i, struct error *err)
{
	bool may = instruction_forms[i->kind].heredoc, trigger = i->kind == INSTRUCTION_ONBUILD;
	struct piece text = i->rest;
	size_t n, open, length, word = 0;
	const char *name;
	int r = 0;

	for (; (may || trigger) && r == 0 && text.text[0]; word++) {
		struct cf_document d = {.at = text.at[0], .word = word};
		n = containerfile_word_length(f, &text, 0, &open);
		if (is_mark(text.text, n, &d, &name, &length))
			r = trigger ? containerfile_error(
			                      f, d.at, err, "ONBUILD takes no here-document")
			            : add_document(f, i, &d, name, length, err);
		n += strspn(text.text + n, " \t\v\f\r");
		text.text += n;
		text.at += n;
	}
	return r;
}

/* ---- their lines ---------------------------------------------------------------------------- */

/* A text, and for each byte where it stands. */
struct lines {
	struct buf text;
	uint32_t *at;
	size_t n, cap;
};

static void add_lines(struct lines *l, const char *bytes, size_t n, uint32_t at)
{
	if (l->n + n + 1 > l->cap) {
		size_t cap = (l->n + n + 1) * 2;
		uint32_t *more = realloc(l->at, cap * sizeof *more);
		if (!more) {
			l->text.failed = true;
			return;
		}
		l->at = more;
		l->cap = cap;
	}
	buf_add_bytes(&l->text, bytes, n);
	for (size_t k = 0; k <= n; k++)
		l->at[l->n + k] = at + (uint32_t)k;
	l->n += n;
}

static int keep(struct containerfile *f, struct lines *l, struct piece *ret, struct error *err)
{
	uint32_t *at = arena_alloc(&f->arena, (l->n + 1) * sizeof *at);
	char *text = arena_strndup(&f->arena, buf_text(&l->text), l->text.len);
	bool bad = buf_failed(&l->text) || !at || !text;

	if (!bad && l->n)
		memcpy(at, l->at, (l->n + 1) * sizeof *at);
	free(l->at);
	buf_release(&l->text);
	*ret = (struct piece){text, at};
	return bad ? no_memory(err) : 0;
}

/* The next line from *at on: how long it is without its end. False: there is none. */
static bool next_line(const struct containerfile *f, uint32_t *at, uint32_t *begin, size_t *n)
{
	const char *from = f->bytes + *at, *end;

	if (*at >= f->n)
		return false;
	end = memchr(from, '\n', f->n - *at);
	*begin = *at;
	*n = end ? (size_t)(end - from) : f->n - *at;
	*at += (uint32_t)*n + (end != NULL);
	if (*n && from[*n - 1] == '\r')
		(*n)--;
	return true;
}

static int read_document(
        struct containerfile *f, struct cf_document *d, uint32_t *at, struct error *err)
{
	struct lines raw = {0}, text = {0};
	size_t n, name = strlen(d->name);
	bool ended = false;
	uint32_t begin;
	int r;

	while (!ended && next_line(f, at, &begin, &n)) {
		const char *line = f->bytes + begin;
		size_t tabs = d->tabs ? strspn(line, "\t") : 0;
		ended = n - tabs == name && !memcmp(line + tabs, d->name, name);
		if (ended)
			break;
		add_lines(&raw, line, n, begin);
		add_lines(&raw, "\n", 1, begin + (uint32_t)n);
		add_lines(&text, line + tabs, n - tabs, begin + (uint32_t)tabs);
		add_lines(&text, "\n", 1, begin + (uint32_t)n);
	}
	r = keep(f, &raw, &d->raw, err);
	if (r == 0)
		r = keep(f, &text, &d->text, err);
	else
		keep(f, &text, &d->text, NULL);
	if (r == 0 && !ended)
		r = containerfile_error(f, d->at, err,
		        "this here-document has no end: a line '%.60s' is missing", d->name);
	return r;
}

/* ---- what the shell is given ---------------------------------------------------------------- */

static bool is_alone(const struct cf_instruction *i)
{
	return i->n_documents == 1 && !strpbrk(i->rest.text, " \t\v\f\r") &&
	       strncmp(i->rest.text, "<<", 2) == 0 && !strpbrk(i->rest.text + 2, "<>|&;)");
}

static int give_to_shell(struct containerfile *f, struct cf_instruction *i, struct error *err)
{
	const struct cf_document *first = &i->documents[0];
	struct lines all = {0};

	if (is_alone(i)) {
		if (!strncmp(first->text.text, "#!", 2))
			return containerfile_error(f, first->text.at[0], err,
			        "the shell runs this, and not the program behind '#!': write that "
			        "in front of '<<%.40s'",
			        first->name);
		i->rest = first->text;
		return 0;
	}
	add_lines(&all, i->rest.text, strlen(i->rest.text), first->at);
	add_lines(&all, "\n", 1, first->at);
	for (size_t k = 0; k < i->n_documents; k++) {
		const struct cf_document *d = &i->documents[k];
		add_lines(&all, d->raw.text, strlen(d->raw.text), d->at);
		add_lines(&all, d->name, strlen(d->name), d->at);
		add_lines(&all, "\n", 1, d->at);
	}
	return keep(f, &all, &i->rest, err);
}

/* In one line, as people read it. */
static int describe(struct containerfile *f, struct cf_instruction *i, struct error *err)
{
	auto_buf out = BUF_INIT;

	buf_add(&out, i->text);
	for (size_t k = 0; k < i->n_documents; k++) {
		buf_add(&out, "\\n");
		for (const char *p = i->documents[k].text.text; *p; p++)
			buf_add_bytes(&out, *p == '\n' ? "\\n" : p, *p == '\n' ? 2 : 1);
		buf_add(&out, i->documents[k].name);
	}
	i->text = buf_failed(&out) ? NULL : arena_strdup(&f->arena, buf_text(&out));
	return i->text ? 0 : no_memory(err);
}

int containerfile_read_documents(
        struct containerfile *f, struct cf_instruction *i, uint32_t *at, struct error *err)
{
	int r = 0;

	for (size_t k = 0; r == 0 && k < i->n_documents; k++)
		r = read_document(f, &i->documents[k], at, err);
	if (r == 0 && i->n_documents)
		r = describe(f, i, err);
	if (r == 0 && i->n_documents && i->kind == INSTRUCTION_RUN)
		r = give_to_shell(f, i, err);
	return r;
}
