#include "kernel/base/process_title.h"

#include "kernel/base/buf.h"
#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

enum { FIELD_ARG_START = 48, FIELD_ARG_END = 49, FIELD_AFTER_COMM = 3 };

/* Field `number` of /proc/self/stat, given what follows the name in parentheses. */
static uintptr_t stat_field(const char *after_comm, int number)
{
	for (int i = FIELD_AFTER_COMM; i < number && after_comm; i++) {
		after_comm = strchr(after_comm, ' ');
		if (after_comm)
			after_comm++;
	}
	return after_comm ? (uintptr_t)strtoull(after_comm, NULL, 10) : 0;
}

void process_title_set(const char *title, const char *comm)
{
	auto_buf stat = BUF_INIT;
	const char *after;
	uintptr_t start, end;

	prctl(PR_SET_NAME, comm);
	if (file_read_at(AT_FDCWD, "/proc/self/stat", 8192, &stat) < 0)
		return;
	after = strrchr(buf_text(&stat), ')');
	if (!after || after[1] != ' ')
		return;
	start = stat_field(after + 2, FIELD_ARG_START);
	end = stat_field(after + 2, FIELD_ARG_END);
	if (start == 0 || end <= start + 1)
		return;
	/* The area is ours, mapped and writable: the stack's upper end, where execve(2) put it. */
	char *area =
	        (char *)start; /* NOLINT(performance-no-int-to-ptr): the kernel gives a number */
	size_t room = end - start, n = strlen(title);
	if (n > room - 1)
		n = room - 1;
	memcpy(area, title, n);
	memset(area + n, 0, room - n);
}
