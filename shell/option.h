/* Options on the command line: getopt_long(3), and words for what is wrong with one. */
#pragma once

#include "kernel/base/buf.h"

#include <getopt.h>

/* As getopt_long(3), which is told to be silent: the next option, -1 at the end. For one that there
 * is not, that lacks its value or that takes none it returns '?' and adds to `problem` what is
 * wrong, with the option that is near: "unknown option '--josn'; did you mean '--json'?". A ':' in
 * `shorts` need not be said. */
int option_next(
        int argc, char **argv, const char *shorts, const struct option *longs, struct buf *problem);
