/* A Containerfile (Dockerfile) as a list of instructions, each with the place where it stands.
 *
 * A pure function of bytes: nothing is read, expanded or looked up here. The grammar is that of
 * Containerfile(5) and of docker's "Dockerfile reference": parser directives, comments,
 * continuation lines, flags, here-documents, and the exec form, a JSON array. */
#pragma once

#include "kernel/base/arena.h"
#include "kernel/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CONTAINERFILE_LIMIT = 1 << 20 }; /* bytes; a longer one is -EFBIG */

enum instruction {
	INSTRUCTION_FROM,
	INSTRUCTION_RUN,
	INSTRUCTION_CMD,
	INSTRUCTION_ENTRYPOINT,
	INSTRUCTION_COPY,
	INSTRUCTION_ADD,
	INSTRUCTION_ENV,
	INSTRUCTION_ARG,
	INSTRUCTION_LABEL,
	INSTRUCTION_WORKDIR,
	INSTRUCTION_USER,
	INSTRUCTION_EXPOSE,
	INSTRUCTION_VOLUME,
	INSTRUCTION_SHELL,
	INSTRUCTION_STOPSIGNAL,
	INSTRUCTION_HEALTHCHECK,
	INSTRUCTION_ONBUILD,
	INSTRUCTION_MAINTAINER,
	INSTRUCTIONS
};

/* A piece of the file. `at` has for each byte of the text where in the file it stands: lines that
 * continue one another are one text here. */
struct piece {
	const char *text;
	const uint32_t *at;
};

/* "--from=stage" */
struct cf_flag {
	const char *name; /* "from" */
	bool has_value;
	struct piece value;
	uint32_t at;
};

/* "<<EOF", and the lines up to one that says EOF. */
struct cf_document {
	const char *name;
	size_t word;       /* which of the words it is, of COPY and ADD */
	bool literal;      /* <<"EOF": variables are not expanded */
	bool tabs;         /* <<-EOF: tabs at the beginning of lines go */
	uint32_t at;       /* where "<<" stands */
	struct piece raw;  /* its lines as they are, without the last */
	struct piece text; /* without those tabs */
};

struct cf_instruction {
	enum instruction kind;
	uint32_t at;      /* where the instruction begins */
	unsigned line;    /* the same as a line, from 1 */
	const char *text; /* all of it in one line, for people and for the history */
	struct cf_flag *flags;
	size_t n_flags;
	bool exec; /* a JSON array: `words` are its strings, nothing is to be expanded by a shell */
	/* The arguments, apart: quotes still in them. ENV, LABEL and ARG: names and values in turn,
	 * a value's text NULL where an ARG has none. HEALTHCHECK: "NONE" or "CMD". */
	struct piece *words;
	size_t n_words;
	/* All that follows the flags (HEALTHCHECK: what follows CMD). Of RUN with here-documents:
	 * what the shell is to be given. */
	struct piece rest;
	struct cf_document *documents;
	size_t n_documents;
	bool quoted_env; /* "ENV NAME VALUE": the value is all the rest, blanks and all */
};

struct containerfile {
	struct arena arena; /* owns all of it */
	const char *bytes;
	size_t n;
	const char *name;
	char escape; /* '\\', or '`' by directive */
	struct cf_instruction *instructions;
	size_t n_instructions;
};

/* Reads `n` bytes, which are copied. `name` is what the file is called in errors: -EINVAL with the
 * object "NAME:LINE:COLUMN". Release it in any case. */
int containerfile_parse(const char *name, const char *bytes, size_t n, struct containerfile *ret,
        struct error *err);
void containerfile_release(struct containerfile *f);

/* Records an error that stands at this place of the file; returns -EINVAL. */
int containerfile_error(const struct containerfile *f, uint32_t at, struct error *err,
        const char *format, ...) __attribute__((format(printf, 4, 5)));
/* Line and column of a place, both from 1; the column counts characters. */
void containerfile_place(
        const struct containerfile *f, uint32_t at, unsigned *ret_line, unsigned *ret_column);

/* "RUN". */
const char *instruction_name(enum instruction kind);
