#include "kernel/do/lab_process.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/base/process_id.h"
#include "kernel/do/process_end.h"
#include "kernel/do/sweep.h"

#include <ctype.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ENVIRON_LIMIT = 4 << 20, MAX_GENERATIONS = 64, MAX_ROUNDS = 16 };

static pid_t parent_of(pid_t pid)
{
	auto_buf text = BUF_INIT;
	const char *after;
	char path[32];
	int parent;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	if (file_read_at(AT_FDCWD, path, 8192, &text) < 0)
		return 0;
	after = strrchr(buf_text(&text), ')');
	return after && sscanf(after + 1, " %*c %d", &parent) == 1 ? parent : 0;
}

bool process_is_ancestor(pid_t pid)
{
	pid_t p = getpid();

	for (int i = 0; i < MAX_GENERATIONS && p > 0; i++) {
		if (p == pid)
			return true;
		p = parent_of(p);
	}
	return false;
}

/* The environment that the process was started with, proc(5): entries ended by NUL. */
static bool is_marked(pid_t pid, const char *mark)
{
	auto_buf text = BUF_INIT;
	char path[32];
	size_t n = strlen(mark);

	snprintf(path, sizeof path, "/proc/%d/environ", (int)pid);
	if (file_read_at(AT_FDCWD, path, ENVIRON_LIMIT, &text) < 0)
		return false;
	for (size_t at = 0; at + n < text.len + 1; at += strlen(text.data + at) + 1)
		if (!strcmp(text.data + at, mark))
			return true;
	return false;
}

static bool end_if_marked(pid_t pid, const char *mark, bool dry_run)
{
	struct process_id id;

	/* First who it is, then the look at its mark: what is killed is what was looked at. */
	if (process_id_read(pid, &id) < 0 || !is_marked(pid, mark) || process_is_ancestor(pid))
		return false;
	return process_id_alive(&id) && (dry_run || process_end(&id, 0) == 0);
}

static unsigned one_round(const char *mark, bool dry_run, struct buf *report)
{
	auto_dir proc = opendir("/proc");
	struct dirent *entry;
	unsigned n = 0;

	while (proc && (entry = readdir(proc))) {
		pid_t pid = isdigit((unsigned char)entry->d_name[0]) ? atoi(entry->d_name) : 0;
		if (pid <= 1 || !end_if_marked(pid, mark, dry_run))
			continue;
		n++;
		if (report)
			buf_addf(report, "process %d\n", (int)pid);
	}
	return n;
}

unsigned lab_processes_end(const char *lab_id, bool dry_run, struct buf *report)
{
	auto_free char *mark = NULL;
	unsigned total = 0, n;

	if (!*lab_id || asprintf(&mark, LAB_VARIABLE "=%s", lab_id) < 0)
		return 0;
	/* Again until none is found: one may have forked while we looked. */
	for (int round = 0; round < MAX_ROUNDS; round++) {
		n = one_round(mark, dry_run, report);
		total += n;
		if (n == 0 || dry_run)
			break;
	}
	return total;
}

void children_signal(int signal)
{
	auto_dir proc = opendir("/proc");
	struct dirent *entry;

	while (proc && (entry = readdir(proc))) {
		pid_t pid = isdigit((unsigned char)entry->d_name[0]) ? atoi(entry->d_name) : 0;
		/* Ours until we reap it: the number cannot become another's meanwhile. */
		if (pid > 1 && parent_of(pid) == getpid())
			kill(pid, signal);
	}
}
