/* The command lines of OCI runtimes: runc's words, which all of them take (runtime-tools
 * docs/command-line-interface.md). */
#pragma once

#include "kernel/base/buf.h"

#include <stdbool.h>
#include <stddef.h>

/* `words` are `n` strings, each with its NUL. When the first names a runtime and another one what
 * it shall do appends both that and the container: "create ID". */
bool oci_command_words(struct buf *out, const char *words, size_t n);
