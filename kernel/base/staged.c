#include "kernel/base/staged.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/base/process_id.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* One directory of a process may be new while another goes: two words, so that they do not meet. */
static int hidden_path(const char *parent, int parent_length, const char *word, char **ret)
{
	struct process_id self;
	int r = process_id_read(getpid(), &self);

	if (r < 0)
		return r;
	if (asprintf(ret, "%.*s/.%s-%d-%" PRIu64, parent_length, parent, word, (int)self.pid,
	            self.start_time) < 0) {
		*ret = NULL;
		return -ENOMEM;
	}
	return 0;
}

int staged_make(const char *parent, char **ret)
{
	auto_free char *path = NULL;
	int r = hidden_path(parent, (int)strlen(parent), "new", &path);

	if (r == 0)
		r = dir_remove_tree(AT_FDCWD, path); /* of a namesake before the last boot */
	if (r < 0)
		return r;
	if (mkdir(path, 0700) < 0)
		return -errno;
	*ret = steal_ptr(path);
	return 0;
}

int staged_publish(const char *staged, const char *path)
{
	return renameat2(AT_FDCWD, staged, AT_FDCWD, path, RENAME_NOREPLACE) < 0 ? -errno : 0;
}

int staged_remove(const char *path)
{
	const char *slash = strrchr(path, '/');
	auto_free char *hidden = NULL;
	int r = slash ? hidden_path(path, (int)(slash - path), "old", &hidden) : -EINVAL;

	if (r == 0)
		r = dir_remove_tree(AT_FDCWD, hidden);
	if (r < 0)
		return r;
	if (rename(path, hidden) < 0)
		return errno == ENOENT ? 0 : -errno;
	return dir_remove_tree(AT_FDCWD, hidden);
}

bool staged_abandoned(const char *name)
{
	struct process_id id = {0};
	int pid, end = 0;

	if (sscanf(name, ".%*3[a-z]-%d-%" SCNu64 "%n", &pid, &id.start_time, &end) != 2 ||
	        name[end])
		return false;
	id.pid = pid;
	return !process_id_alive(&id);
}
