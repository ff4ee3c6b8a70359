/* A page of a lesson: Markdown read by cmark (CommonMark 0.30), the commands in it, and the page as
 * styled lines of a given width.
 *
 * Killercoda and Katacoda mark a command by what follows its code: `ls`{{exec}}. Real lessons are
 * sloppy about it, so any capitals and spaces are accepted, one, two or three back-ticks, the mark
 * after the closing fence, on the next line, or on the last line of code.
 *
 * Text is never trusted: what comes out of here is valid UTF-8 without control characters, so that
 * no escape sequence of a lesson reaches a terminal. */
#pragma once

#include "kernel/base/arena.h"
#include "kernel/base/buf.h"

#include <stdbool.h>
#include <stddef.h>

enum md_block_kind {
	MD_EXEC,      /* Enter types it into the terminal and runs it */
	MD_COPY,      /* to be copied by hand; never run for the learner */
	MD_INTERRUPT, /* like MD_EXEC, after a Ctrl-C */
	MD_TYPE,      /* typed into the terminal without Enter: the learner goes on with it */
	MD_KEY,       /* a key for the program that runs: "^C", "^ESC" */
	MD_OPEN,      /* a file, to be looked at or edited */
	MD_KINDS,
	MD_NONE = MD_KINDS, /* marked as nothing: `text`{{}}; never the kind of a block */
};

/* "exec", "copy", "interrupt", "type", "key", "open". */
const char *md_kind_word(enum md_block_kind kind);

struct md_block {
	const char *text; /* lines joined by newlines, none at the end */
	enum md_block_kind kind;
	int terminal; /* 1, 2, … as written; 1 when nothing is said */
	int host;     /* the machine that it is for, likewise */
	bool fenced;  /* a block of its own, not part of a sentence */
	int line;     /* in the source, from 1 */
};

/* Whether it is a command line for the shell of this machine. */
static inline bool md_is_command(const struct md_block *b)
{
	return b->host == 1 &&
	       (b->kind == MD_EXEC || b->kind == MD_INTERRUPT || b->kind == MD_TYPE);
}

enum md_style {
	MD_PLAIN,
	MD_HEADING,
	MD_STRONG,
	MD_EMPH,
	MD_CODE,
	MD_COMMAND,      /* a command that Enter would run, or that is to be copied */
	MD_COMMAND_DONE, /* the same, run already */
	MD_LINK,
	MD_QUOTE,
	MD_DIM, /* bullets, rules, addresses of links */
	MD_STYLES,
};

struct md_span {
	const char *text; /* clean UTF-8 */
	enum md_style style;
	int block; /* index of the command it belongs to, -1 = none */
};

struct md_line {
	struct md_span *spans;
	size_t n;
};

struct markdown;

/* Reads a page. 0 or -ENOMEM: every text is a page of Markdown. *ret is the caller's. */
int markdown_parse(const char *text, struct markdown **ret);
void markdown_free(struct markdown *md); /* accepts NULL */

/* The commands in the order of the text; they live as long as `md`. */
const struct md_block *markdown_blocks(const struct markdown *md, size_t *n);

/* The addresses of the links and images in the order of the text; they live as long as `md`. */
const char *const *markdown_links(const struct markdown *md, size_t *n);

struct md_options {
	int width;        /* cells; below 1 counts as 1 */
	const bool *done; /* for each block: run already; may be NULL */
	size_t n_done;
	bool ascii; /* only characters below 128, for terminals without UTF-8 */
	bool plain; /* nothing will be coloured: code keeps back-ticks, emphasis its stars */
};

/* A page laid out: owns everything its lines point to. */
struct md_text {
	struct md_line *lines;
	size_t n;
	struct arena arena;
};

/* Lays the page out. No line is wider than width cells, and no text is lost: what is too long is
 * broken. 0 or -ENOMEM; on failure `ret` is empty. */
int markdown_layout(
        const struct markdown *md, const struct md_options *options, struct md_text *ret);
void md_text_release(struct md_text *t);

/* Rows ended by newlines; with `colour`, as SGR sequences of the eight basic colours. */
void md_text_write(const struct md_text *t, bool colour, struct buf *out);
