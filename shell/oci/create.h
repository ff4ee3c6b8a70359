/* What `create` and `run` have in common. */
#pragma once

#include "kernel/oci/create.h"
#include "shell/oci/command.h"

struct create_arguments {
	struct create_options options;
	bool detach, keep;
};

/* Reads the options and the id. 0, or an exit status after a message. */
int create_arguments_read(
        const struct oci *oci, int argc, char **argv, bool run, struct create_arguments *ret);
