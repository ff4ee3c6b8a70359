/* The tutor's words: what a line at the prompt may be besides a command for bash. One table, which
 * `help`, the completion and the parser read. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum tutor_word {
	TUTOR_NEXT,
	TUTOR_BACK,
	TUTOR_SETUP,
	TUTOR_ANSWER,
	TUTOR_HINT,
	TUTOR_CHECK,
	TUTOR_EXPLAIN,
	TUTOR_VIEW,
	TUTOR_SOLUTION,
	TUTOR_SKIP,
	TUTOR_RESET,
	TUTOR_RESTART,
	TUTOR_LESSON,
	TUTOR_LESSONS,
	TUTOR_PROGRESS,
	TUTOR_DIAGRAM,
	TUTOR_GLOSSARY,
	TUTOR_QUIZ,
	TUTOR_HELP,
	TUTOR_QUIT,
};

struct tutor_entry {
	enum tutor_word word;
	const char *name;
	const char *arguments; /* "[all]", "" = none */
	const char *summary;   /* one line */
	const char *details;   /* more, for `help WORD`; lines ended by newlines */
	bool anytime;          /* also by a key while a program holds the terminal */
};

/* In the order of the help, ended by a NULL name. */
extern const struct tutor_entry tutor_words[];

struct tutor_call {
	const struct tutor_entry *entry;
	char argument[256]; /* what follows the word, without blanks around; "" = nothing */
};

/* Whether `line` is for the tutor. Only the bare word with plain arguments is: `next > file` or
 * `help | less` are bash's, and so is a word it has no arguments for (`next door`). */
bool tutor_parse(const char *line, struct tutor_call *ret);
/* By name; NULL when there is none. */
const struct tutor_entry *tutor_find(const char *name);
/* The tutor's word that `word` may have been meant for, NULL when none is near enough. */
const char *tutor_suggest(const char *word);
