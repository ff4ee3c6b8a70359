/* What commands there are: their names and a line on each, for help, for completion and for who
 * has mistyped. Apart from the commands, so that the program that asks loads none of their
 * libraries. */
#pragma once

#include <stddef.h>

struct command_entry {
	const char *name;
	const char *summary; /* what it does, for the list of `cutaway --help` */
};

/* In the order of the help, ended by {0}; commands_all.c has the same. */
extern const struct command_entry command_list[];

/* `cutaway --help`, to standard output. */
void command_list_help(void);

/* Answers what needs no command: --help, --version, `help`, and an option there is none of. Returns
 * the exit status, or -1 when it is not one of these. */
int command_list_answer(int argc, char **argv);

/* "no command or lesson is called so", and which was meant; returns the exit status. */
int command_list_unknown(const char *name);
