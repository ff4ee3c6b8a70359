/* What the two halves of the parser share: containerfile.c finds the instructions, and
 * containerfile_words.c takes them apart. */
#pragma once

#include "kernel/build/containerfile.h"

/* One instruction's text while it is read, continuation lines joined. */
struct joined {
	char *text;
	uint32_t *at;
	size_t n, cap;
};

/* What an instruction takes. */
struct instruction_form {
	const char *name;
	enum {
		FORM_WORDS,   /* words apart, or a JSON array of them */
		FORM_COMMAND, /* a shell command, or a JSON array */
		FORM_ARRAY,   /* a JSON array only */
		FORM_PAIRS,   /* NAME=VALUE… */
		FORM_NAMES,   /* NAME[=VALUE]… */
		FORM_TEXT,    /* all the rest is one argument */
		FORM_HEALTH,
		FORM_TRIGGER,
	} form;
	const char *flags;   /* the names, a blank before and after each */
	const char *refused; /* of other builders, which we do not have */
	bool heredoc;        /* "<<EOF" may stand here */
	unsigned words;      /* at least */
	const char *needs;   /* what it says when there are fewer */
};

extern const struct instruction_form instruction_forms[INSTRUCTIONS];

/* Takes `text` (`at` beside it, of n bytes, NUL-terminated), which follows the instruction's name,
 * into flags and words. */
int containerfile_words(struct containerfile *f, struct cf_instruction *i, const struct piece *text,
        struct error *err);
/* How long the word is that `text` begins with, up to a blank or `stop` outside of quotes.
 * *ret_open: where a quote was opened that is never closed, counted from 1; 0: nowhere. */
size_t containerfile_word_length(
        const struct containerfile *f, const struct piece *text, char stop, size_t *ret_open);

/* Finds "<<EOF" among the words of an instruction (containerfile_heredoc.c). */
int containerfile_find_documents(
        struct containerfile *f, struct cf_instruction *i, struct error *err);
/* Reads what they stand for: the lines from *at on, which is then behind them. */
int containerfile_read_documents(
        struct containerfile *f, struct cf_instruction *i, uint32_t *at, struct error *err);

/* The name of an instruction at the beginning of `text`, n bytes: its kind, or an error that says
 * which may have been meant. */
int containerfile_kind(const struct containerfile *f, const struct piece *text, size_t n,
        enum instruction *ret, struct error *err);
