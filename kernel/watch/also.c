#include "kernel/watch/also.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { LISTENING = 1 << 16, TABLE_BYTES = 16 << 20, COMM_MAX = 15, SOCKETS_MAX = 16 };

static int add(struct also *a, pid_t pid)
{
	if (pid == getpid())
		return 0;
	for (size_t i = 0; i < a->n; i++)
		if (a->pids[i] == pid)
			return 0;
	if (a->n == sizeof a->pids / sizeof *a->pids)
		return -E2BIG;
	a->pids[a->n++] = pid;
	return 0;
}

/* ---- by name --------------------------------------------------------------------------------- */

static bool has_name(pid_t pid, const char *name)
{
	auto_buf comm = BUF_INIT;
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/comm", (int)pid);
	if (file_read_at(AT_FDCWD, path, 64, &comm) < 0 || !comm.len)
		return false;
	comm.data[comm.len - 1] = 0; /* the newline */
	return !strncmp(comm.data, name, COMM_MAX);
}

/* ---- by socket ------------------------------------------------------------------------------- */

struct sockets {
	uint64_t inodes[SOCKETS_MAX];
	size_t n;
};

static bool same_file(const char *a, const char *b)
{
	struct stat x, y;

	return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* Out of /proc/net/unix, proc(5): address, count, protocol, flags, type, state, inode, name. */
static int find_sockets(const char *name, struct sockets *ret)
{
	auto_buf table = BUF_INIT;
	int r = file_read_at(AT_FDCWD, "/proc/net/unix", TABLE_BYTES, &table);
	char *at = table.data, *line;

	if (r < 0)
		return r;
	while ((line = strsep(&at, "\n"))) {
		unsigned flags;
		uint64_t inode;
		int end = 0;
		if (sscanf(line, "%*[0-9a-f]: %*x %*x %x %*x %*x %" SCNu64 " %n", &flags, &inode,
		            &end) != 2 ||
		        !end || !(flags & LISTENING) || ret->n == SOCKETS_MAX)
			continue;
		if (!strcmp(line + end, name) || (line[end] == '/' && same_file(line + end, name)))
			ret->inodes[ret->n++] = inode;
	}
	return 0;
}

static bool is_one_of(const char *link, const struct sockets *sockets)
{
	uint64_t inode;

	if (sscanf(link, "socket:[%" SCNu64 "]", &inode) != 1)
		return false;
	for (size_t i = 0; i < sockets->n; i++)
		if (sockets->inodes[i] == inode)
			return true;
	return false;
}

static bool holds(pid_t pid, const struct sockets *sockets)
{
	char path[64], link[64];
	struct dirent *entry;
	bool found = false;

	snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
	auto_dir dir = opendir(path);
	while (dir && !found && (entry = readdir(dir))) {
		ssize_t n = readlinkat(dirfd(dir), entry->d_name, link, sizeof link - 1);
		if (n <= 0)
			continue;
		link[n] = 0;
		found = is_one_of(link, sockets);
	}
	return found;
}

/* ---- all ------------------------------------------------------------------------------------- */

/* Of processes that hold a socket the first of all, which starts others on demand and keeps their
 * sockets (systemd.socket(5)), counts only when it is the only one. */
static int add_matching(struct also *a, const char *word, const struct sockets *sockets)
{
	auto_dir dir = opendir("/proc");
	struct dirent *entry;
	bool first = false;
	size_t before = a->n;
	int r = dir ? 0 : -errno;

	while (r == 0 && (entry = readdir(dir))) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
		if (pid <= 0 || !(sockets ? holds(pid, sockets) : has_name(pid, word)))
			continue;
		if (sockets && pid == 1)
			first = true;
		else
			r = add(a, pid);
	}
	return r == 0 && first && a->n == before ? add(a, 1) : r;
}

static int find_listening(struct also *a, const char *word, struct error *err)
{
	struct sockets sockets = {0};
	size_t before = a->n;
	int r = find_sockets(word, &sockets);

	if (r < 0)
		return error_set(err, -r, "read sockets", "/proc/net/unix", NULL);
	if (!sockets.n)
		return error_set(err, ESRCH, "follow process", word, "nobody listens there");
	r = add_matching(a, word, &sockets);
	if (r == 0 && a->n == before)
		return error_set(err, EACCES, "follow process", word,
		        "who listens there is hidden from you: that takes root");
	return r;
}

int also_find(struct also *a, const char *word, struct error *err)
{
	size_t before = a->n;
	char *end;
	long pid = strtol(word, &end, 10);
	int r;

	if (*word && !*end) {
		if (pid <= 0 || pid > INT_MAX)
			return error_set(
			        err, EINVAL, "follow process", word, "this is no process id");
		r = add(a, (pid_t)pid);
	} else if (strchr(word, '/') || *word == '@') {
		r = find_listening(a, word, err);
		if (r < 0 && r != -E2BIG)
			return r;
	} else {
		r = add_matching(a, word, NULL);
		if (r == 0 && a->n == before)
			return error_set(
			        err, ESRCH, "follow process", word, "no process has this name");
	}
	if (r == -E2BIG)
		return error_set(err, E2BIG, "follow process", word,
		        "at most 64 processes are followed besides");
	return r < 0 ? error_set(err, -r, "follow process", word, NULL) : 0;
}
