/* One sub-command of `cutaway-oci`, in a file of its own. */
#pragma once

#include "kernel/base/buf.h"
#include "kernel/base/error.h"

#include <getopt.h>
#include <jansson.h>
#include <stdbool.h>

enum { OCI_EXIT_USAGE = 2 };

/* The options before the command. */
struct oci {
	char *root;      /* where states are kept */
	const char *log; /* errors go there as well; NULL = nowhere */
	bool log_json;
	bool no_cgroup;
};

struct oci_command {
	const char *name, *summary, *usage;
	bool enters; /* processes of ours go into a container: own_program.h */
	/* argv[0] is the command's name; --help is handled before. Returns the exit status. */
	int (*main)(const struct oci *oci, int argc, char **argv);
};

/* Ended by a NULL. */
extern const struct oci_command *const oci_commands[];

/* Prints the error, and writes it to the log; returns 1. */
int oci_fail(const struct oci *oci, const struct error *err);
/* One line each, as warnings: to the log, or without one to standard error. */
void oci_warn(const struct oci *oci, const struct buf *lines);
int oci_usage(const char *command, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* getopt_long(3) for a command: -1 at the end; for what it does not know '?', after a message. */
int oci_option(int argc, char **argv, const char *short_options, const struct option *options);
/* The one argument that is left, the id; NULL after a message. */
const char *oci_id(const char *command, int argc, char **argv);
/* The ids that match an extended regular expression, a list that is the caller's; NULL after a
 * message, with *ret_status as the exit status. */
json_t *oci_matching(
        const struct oci *oci, const char *command, const char *regex, int *ret_status);
