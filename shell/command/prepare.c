/* cutaway-lab prepare: the other side of kernel/store/prepare_apart.c. */
#include "kernel/store/prepare.h"
#include "shell/command.h"

#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

static int prepare_main(int argc, char **argv)
{
	struct error err = {0};
	unsigned long offset;
	char *end;

	if (argc != 3)
		return command_usage_error("prepare", "an image and an offset are needed");
	offset = strtoul(argv[2], &end, 10);
	if (!argv[2][0] || *end || offset > UINT32_MAX)
		return command_usage_error("prepare", "'%s' is no offset of user ids", argv[2]);
	if (store_prepare(argv[1], (uid_t)offset, &err) == 0)
		return 0;
	if (isatty(STDOUT_FILENO))
		return command_fail("prepare", &err);
	return write(STDOUT_FILENO, &err, sizeof err) == (ssize_t)sizeof err ? 1 : 2;
}

const struct command command_prepare = {
        .name = "prepare",
        .usage = "Usage: cutaway prepare IMAGE OFFSET\n"
                 "Unpacks the layers of IMAGE for containers whose user 0 is OFFSET outside.\n"
                 "Called by 'cutaway run'. A failure is written to standard output as bytes\n"
                 "unless that is a terminal.\n",
        .main = prepare_main,
};
