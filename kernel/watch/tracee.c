#include "kernel/watch/tracee.h"

#include "kernel/base/file.h"
#include "kernel/base/shown.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t slot_of(pid_t tid)
{
	return (size_t)tid % 256;
}

struct tracee *tracees_find(const struct tracees *all, pid_t tid)
{
	struct tracee *t = all->slots[slot_of(tid)];

	while (t && t->tid != tid)
		t = t->next;
	return t;
}

void tracee_set_name(struct tracee *t, const char *comm, size_t n)
{
	struct buf name = BUF_INIT, shown = BUF_INIT;

	buf_add_bytes(&name, comm, strnlen(comm, n));
	buf_add_shown(&shown, buf_text(&name));
	snprintf(t->comm, sizeof t->comm, "%.64s", buf_text(&shown));
	buf_release(&name);
	buf_release(&shown);
}

void tracee_read_name(struct tracee *t)
{
	struct buf comm = BUF_INIT;
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/comm", (int)t->tid);
	if (file_read_at(AT_FDCWD, path, 64, &comm) == 0 && comm.len)
		tracee_set_name(t, comm.data, comm.len - (comm.data[comm.len - 1] == '\n'));
	buf_release(&comm);
}

static pid_t id_in(const char *status, const char *field)
{
	const char *line = strstr(status, field);

	return line ? (pid_t)strtol(line + strlen(field), NULL, 10) : 0;
}

/* Its process and that one's parent: Tgid and PPid of proc(5). A thread that has gone meanwhile
 * counts as a process. */
static void read_ids(struct tracee *t)
{
	struct buf status = BUF_INIT;
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/status", (int)t->tid);
	if (file_read_at(AT_FDCWD, path, 16384, &status) == 0) {
		t->pid = id_in(buf_text(&status), "\nTgid:");
		t->parent = id_in(buf_text(&status), "\nPPid:");
		t->seccomp = id_in(buf_text(&status), "\nSeccomp:");
	}
	if (t->pid <= 0)
		t->pid = t->tid;
	buf_release(&status);
}

void tracee_read(struct tracee *t)
{
	read_ids(t);
	tracee_read_name(t);
}

struct tracee *tracees_put(struct tracees *all, pid_t tid, pid_t pid)
{
	struct tracee *t = calloc(1, sizeof *t), **slot = &all->slots[slot_of(tid)];

	if (!t)
		return NULL;
	t->tid = tid;
	t->pid = pid;
	t->state = TRACEE_NEW;
	t->next = *slot;
	*slot = t;
	all->n++;
	return t;
}

struct tracee *tracees_add(struct tracees *all, pid_t tid)
{
	struct tracee *t = tracees_put(all, tid, 0);

	if (t)
		tracee_read(t);
	return t;
}

static void tracee_free(struct tracee *t)
{
	buf_release(&t->arguments);
	free(t->oci);
	free(t);
}

void tracees_remove(struct tracees *all, pid_t tid)
{
	struct tracee **at = &all->slots[slot_of(tid)], *t;

	while (*at && (*at)->tid != tid)
		at = &(*at)->next;
	t = *at;
	if (!t)
		return;
	*at = t->next;
	all->n--;
	tracee_free(t);
}

struct tracee *tracees_next(const struct tracees *all, const struct tracee *after)
{
	size_t i = after ? slot_of(after->tid) + 1 : 0;

	if (after && after->next)
		return after->next;
	while (i < 256 && !all->slots[i])
		i++;
	return i < 256 ? all->slots[i] : NULL;
}
