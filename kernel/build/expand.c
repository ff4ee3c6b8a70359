#include "kernel/build/expand.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

enum { DEPTH_MAX = 32, LENGTH_MAX = 1 << 20 };

struct expansion {
	const struct containerfile *file;
	struct piece word;
	size_t at; /* how far it has been read */
	expand_lookup *lookup;
	const void *data;
	struct buf *out;
	struct error *err;
	int depth;
	bool plain_quotes; /* they mean nothing */
};

static int bad(const struct expansion *x, size_t at, const char *what)
{
	return containerfile_error(x->file, x->word.at[at], x->err, "%s", what);
}

static bool in_name(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

static int up_to(struct expansion *x, char stop);

/* Reads what stands behind the operator, up to the closing brace, into a text of its own. */
static int read_word(struct expansion *x, struct buf *ret)
{
	struct buf *out = x->out;
	int r;

	if (++x->depth > DEPTH_MAX)
		return bad(x, x->at, "variables in variables too deep");
	x->out = ret;
	r = up_to(x, '}');
	x->out = out;
	x->depth--;
	return r;
}

static int apply(struct expansion *x, size_t begin, size_t n, bool colon, char operator)
{
	const char *name = x->word.text + begin, *value = x->lookup(x->data, name, n);
	bool has = value && (!colon || value[0]);
	struct buf word = BUF_INIT;
	int r = read_word(x, &word);

	if (r == 0 && operator== '?' && !has)
		r = containerfile_error(x->file, x->word.at[begin], x->err, "%.*s: %s",
		        n < 64 ? (int)n : 64, name,
		        word.len ? buf_text(&word) : "this variable has to be set");
	else if (r == 0 && operator== '+')
		buf_add(x->out, has ? buf_text(&word) : "");
	else if (r == 0)
		buf_add(x->out, has ? value : buf_text(&word));
	buf_release(&word);
	return r;
}

/* Behind "${". */
static int braces(struct expansion *x, size_t dollar)
{
	const char *text = x->word.text;
	size_t begin = x->at, n;
	const char *value;
	bool colon;

	while (in_name(text[x->at]))
		x->at++;
	n = x->at - begin;
	if (!n)
		return bad(x, x->at, "a name of a variable is missing behind '${'");
	if (text[x->at] == '}') {
		x->at++;
		value = x->lookup(x->data, text + begin, n);
		buf_add(x->out, value ? value : "");
		return 0;
	}
	if (!text[x->at])
		return bad(x, dollar, "the '}' of this '${' is missing");
	colon = text[x->at] == ':';
	x->at += colon;
	if (!text[x->at] || !strchr("-+?", text[x->at]))
		return bad(x, x->at - colon,
		        "behind the name there may be ':-', ':+', ':?', or one without ':'");
	x->at++;
	return apply(x, begin, n, colon, text[x->at - 1]);
}

static int variable(struct expansion *x)
{
	const char *text = x->word.text, *value;
	size_t dollar = x->at++, n = 0;

	if (text[x->at] == '{') {
		x->at++;
		return braces(x, dollar);
	}
	if (isdigit((unsigned char)text[x->at]))
		n = 1; /* $1 and its like are the shell's, and empty here */
	else
		while (in_name(text[x->at + n]))
			n++;
	if (!n) {
		buf_addc(x->out, '$');
		return 0;
	}
	value = x->lookup(x->data, text + x->at, n);
	buf_add(x->out, value ? value : "");
	x->at += n;
	return 0;
}

static int single_quoted(struct expansion *x)
{
	const char *begin = x->word.text + x->at + 1, *end = strchr(begin, '\'');

	if (!end)
		return bad(x, x->at, "this quote is never closed");
	buf_add_bytes(x->out, begin, (size_t)(end - begin));
	x->at += (size_t)(end - begin) + 2;
	return 0;
}

static int double_quoted(struct expansion *x)
{
	const char *text = x->word.text;
	size_t open = x->at++;
	int r = 0;

	while (r == 0 && text[x->at] && text[x->at] != '"') {
		char c = text[x->at], next = text[x->at + 1];
		if (c == x->file->escape &&
		        (next == '"' || next == '$' || next == x->file->escape)) {
			buf_addc(x->out, next);
			x->at += 2;
		} else if (c == '$') {
			r = variable(x);
		} else {
			buf_addc(x->out, c);
			x->at++;
		}
	}
	if (r == 0 && !text[x->at])
		return bad(x, open, "this quote is never closed");
	x->at++;
	return r;
}

/* Up to the end, or up to `stop` and over it. */
static int up_to(struct expansion *x, char stop)
{
	const char *text = x->word.text;
	size_t begin = x->at;
	int r = 0;

	while (r == 0 && text[x->at] && (!stop || text[x->at] != stop)) {
		char c = text[x->at];
		if (c == '\'' && !x->plain_quotes) {
			r = single_quoted(x);
		} else if (c == '"' && !x->plain_quotes) {
			r = double_quoted(x);
		} else if (c == '$') {
			r = variable(x);
		} else {
			if (c == x->file->escape && text[x->at + 1] &&
			        (!x->plain_quotes || strchr("$", text[x->at + 1]) ||
			                text[x->at + 1] == c))
				c = text[++x->at];
			buf_addc(x->out, c);
			x->at++;
		}
		if (r == 0 && x->out->len > LENGTH_MAX)
			r = bad(x, begin, "it becomes more than 1 MiB");
	}
	if (r == 0 && stop && !text[x->at])
		return bad(x, begin, "a '}' is missing");
	x->at += stop != 0;
	return r;
}

static int run(struct expansion *x)
{
	int r = up_to(x, 0);

	if (r == 0 && buf_failed(x->out))
		return error_set(x->err, ENOMEM, "read", x->file->name, NULL);
	return r;
}

int expand(const struct containerfile *f, const struct piece *word, expand_lookup *lookup,
        const void *data, struct buf *out, struct error *err)
{
	struct expansion x = {
	        .file = f, .word = *word, .lookup = lookup, .data = data, .out = out, .err = err};

	return run(&x);
}

int expand_document(const struct containerfile *f, const struct piece *text, expand_lookup *lookup,
        const void *data, struct buf *out, struct error *err)
{
	struct expansion x = {.file = f,
	        .word = *text,
	        .lookup = lookup,
	        .data = data,
	        .out = out,
	        .err = err,
	        .plain_quotes = true};

	return run(&x);
}
