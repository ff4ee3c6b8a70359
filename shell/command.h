/* One sub-command of `cutaway`: `cutaway run …`. Each lives in a file of its own in shell/command/.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

enum { EXIT_USAGE = 2 };

struct buf;

struct command {
	const char *name;
	const char *usage; /* what --help prints: synopsis, options, examples, exit status */
	/* Behind that, where there is one: a list that the program knows from elsewhere, and what
	 * follows it. */
	void (*usage_list)(struct buf *out);
	const char *usage_rest;
	/* argv[0] is the command's name; `--help` is handled before. Returns the exit status. */
	int (*main)(int argc, char **argv);
};

/* What this program can do itself, ended by a NULL: commands_all.c in cutaway-lab,
 * commands_front.c in cutaway. command_list.h has the names of all, and a line on each. */
extern const struct command *const commands[];
/* By name; NULL when there is none. */
const struct command *command_find(const char *name);

/* Runs it, or prints its help when that is asked for. argv[0] is its name. */
int command_run_main(const struct command *command, int argc, char **argv);

/* Whether the program was started as `diagram`, by the name that it has in a lab. */
bool command_is_diagram(const char *program);

struct error;
/* Prints "cutaway COMMAND: operation: object: cause" and the advice to stderr; returns 1. */
int command_fail(const char *command, const struct error *err);
/* Prints "cutaway COMMAND: problem" and how to get help to stderr; returns EXIT_USAGE. */
int command_usage_error(const char *command, const char *format, ...)
        __attribute__((format(printf, 2, 3)));

struct option;
/* option_next() of shell/option.h, which says what is wrong with an option it does not know as
 * command_usage_error() does: after '?' the command returns EXIT_USAGE. */
int command_option(
        const char *command, int argc, char **argv, const char *shorts, const struct option *longs);
