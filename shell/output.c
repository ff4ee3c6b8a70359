#include "shell/output.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

void output_begin(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			(void)!open("/dev/null", O_RDONLY); /* takes the lowest that is free */
}

int output_end(int status)
{
	struct error err = {0};
	auto_buf text = BUF_INIT;

	errno = 0;
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	if (status != 0)
		return status; /* it has said already what went wrong */
	error_set(&err, errno ? errno : EIO, "write", "standard output",
	        errno ? NULL : "not all of it could be written");
	error_format(&err, &text);
	fprintf(stderr, "cutaway: %s\n", buf_text(&text));
	return 1;
}
