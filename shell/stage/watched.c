#include "shell/stage/watched.h"

#include "kernel/base/cleanup.h"
#include "shell/watch/lab_record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { CHUNK = 65536 };

void watched_run_init(struct watched_run *w)
{
	*w = (struct watched_run){.fd = -1};
}

static void forget(struct watched_run *w)
{
	cleanup_fd(&w->fd);
	watch_lines_release(&w->lines);
	watch_recording_release(&w->recording);
	w->broken = false;
}

void watched_run_release(struct watched_run *w)
{
	forget(w);
	watched_run_init(w);
}

/* Whether it is another file than the one that was read so far. */
static bool look(struct watched_run *w, int lab)
{
	struct stat st;

	if (fstatat(lab, LAB_RECORD_NAME, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode) ||
	        (w->fd >= 0 && st.st_ino == w->inode))
		return false;
	forget(w);
	w->fd = openat(lab, LAB_RECORD_NAME, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	w->inode = st.st_ino;
	w->runs += w->fd >= 0;
	return w->fd >= 0;
}

bool watched_run_take(struct watched_run *w, int lab)
{
	auto_free char *bytes = malloc(CHUNK);
	bool newer = lab >= 0 && look(w, lab);
	ssize_t n = 1;

	while (bytes && w->fd >= 0 && !w->broken && n > 0) {
		n = read(w->fd, bytes, CHUNK);
		if (n > 0) {
			newer = true;
			w->broken = watch_lines_take(&w->lines, bytes, (size_t)n,
			                    watch_recording_add, &w->recording, NULL) < 0;
		}
	}
	return newer;
}

const struct watch_recording *watched_run_recording(const struct watched_run *w)
{
	return w->fd >= 0 && w->lines.begun && !w->broken ? &w->recording : NULL;
}
