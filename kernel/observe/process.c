/* The process table: /proc/PID/{stat,status,cmdline,cgroup,ns}, proc(5).
 *
 * This is the part that has to be quick: a machine has thousands of processes and is looked at
 * several times a second. So: one getdents64(2) pass over /proc, files opened relative to one
 * descriptor per process, one read(2) a file, parsers that walk the bytes once, no stdio. */
#include "kernel/observe/process_cache.h"
#include "kernel/observe/reading.h"

#include "kernel/base/cleanup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	KERNEL_THREAD = 0x00200000, /* PF_KTHREAD in field 9 of stat, include/linux/sched.h */
	STAT_PPID = 4,
	STAT_FLAGS = 9,
	STAT_UTIME = 14,
	STAT_STIME = 15,
	STAT_START_TIME = 22,
};

/* An unsigned number at *p, decimal or hexadecimal; *p moves behind it. */
static uint64_t take_number(const char **p, unsigned base)
{
	uint64_t value = 0;

	while (**p == ' ' || **p == '\t')
		(*p)++;
	for (;; (*p)++) {
		unsigned digit = (unsigned char)**p;
		if (digit >= '0' && digit <= '9')
			digit -= '0';
		else if (base == 16 && digit >= 'a' && digit <= 'f')
			digit -= 'a' - 10;
		else
			return value;
		value = value * base + digit;
	}
}

/* "123 (comm) S 1 …": the comm may itself hold spaces, newlines and ")", so its end is the last
 * ")" of the file. */
static int parse_stat(struct reading *r, struct model_process *p, struct process_extra *extra,
        const char *text, size_t n)
{
	const char *open = memchr(text, '(', n), *close = memrchr(text, ')', n), *at;
	uint64_t flags = 0;

	if (!open || !close || close < open || close[1] != ' ' || !close[2])
		return -EPROTO;
	p->comm = reading_string(r, open + 1, (size_t)(close - open - 1));
	p->state = close[2];
	at = close + 3;
	for (int field = STAT_PPID; field <= STAT_START_TIME; field++) {
		if (*at++ != ' ')
			return -EPROTO;
		if (*at == '-') /* a negative priority, say: only its place counts */
			at++;
		uint64_t value = take_number(&at, 10);
		if (field == STAT_PPID)
			p->ppid = (pid_t)value;
		else if (field == STAT_FLAGS)
			flags = value;
		else if (field == STAT_UTIME || field == STAT_STIME)
			extra->cpu_ticks += value;
		else if (field == STAT_START_TIME)
			p->start_time = value;
	}
	p->role = flags & KERNEL_THREAD ? ROLE_KERNEL_THREAD : ROLE_REGULAR;
	return 0;
}

static bool starts(const char *line, const char *key, const char **ret_value)
{
	size_t n = strlen(key);

	if (strncmp(line, key, n))
		return false;
	*ret_value = line + n;
	return true;
}

/* "NSpid:	4711	1": one number for each pid namespace from ours down to its own. */
static void parse_nspid(struct model_process *p, struct process_extra *extra, const char *at)
{
	while (*at == '\t' || *at == ' ') {
		p->ns_pid = (pid_t)take_number(&at, 10);
		extra->levels++;
	}
}

static void parse_status(struct model_process *p, struct process_extra *extra, const char *text)
{
	for (const char *line = text; line; line = strchr(line, '\n')) {
		const char *at;
		if (*line == '\n')
			line++;
		switch (*line) { /* most lines are none of ours: one comparison each */
		case 'U':
			if (starts(line, "Uid:", &at)) {
				take_number(&at, 10); /* real */
				p->uid = (uid_t)take_number(&at, 10);
			}
			break;
		case 'N':
			if (starts(line, "NSpid:", &at))
				parse_nspid(p, extra, at);
			else if (starts(line, "NoNewPrivs:", &at))
				p->no_new_privs = take_number(&at, 10) != 0;
			break;
		case 'C':
			if (starts(line, "CapEff:", &at))
				p->cap_effective = take_number(&at, 16);
			else if (starts(line, "CapBnd:", &at))
				p->cap_bounding = take_number(&at, 16);
			break;
		case 'S':
			if (starts(line, "Seccomp:", &at))
				p->seccomp = (int)take_number(&at, 10);
			else if (starts(line, "Seccomp_filters:", &at))
				p->seccomp_filters = (int)take_number(&at, 10);
			break;
		}
	}
}

static const char *bracketed(struct reading *r, const char *comm)
{
	size_t n = strlen(comm);
	char *text = arena_alloc(&r->model->arena, n + 3);

	if (!text)
		return "";
	text[0] = '[';
	memcpy(text + 1, comm, n);
	text[n + 1] = ']';
	return text;
}

/* Arguments stand one after the other, each ended by a NUL; what a process writes there (and how
 * much of it) is its own affair. */
static void read_cmdline(struct reading *r, struct model_process *p, int dir)
{
	auto_close fd = -1;
	ssize_t n = 0;

	if (p->role != ROLE_KERNEL_THREAD && p->state != 'Z')
		fd = openat(dir, "cmdline", O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd >= 0)
		n = read(fd, r->scratch, READING_CMDLINE_BYTES);
	while (n > 0 && (r->scratch[n - 1] == '\0' || r->scratch[n - 1] == ' '))
		n--;
	if (n <= 0) {
		p->cmdline = bracketed(r, p->comm);
		return;
	}
	for (ssize_t i = 0; i < n; i++)
		if (r->scratch[i] == '\0')
			r->scratch[i] = ' ';
	p->cmdline = reading_string(r, r->scratch, (size_t)n);
}

/* Links of other users' processes may be kept from us (ptrace(2), "access mode checking"); then
 * the first one already is, and the others need no asking. */
static void read_namespaces(struct model_process *p, int dir)
{
	auto_close ns = openat(dir, "ns", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (ns < 0)
		return;
	for (int t = 0; t < NS_COUNT; t++) {
		p->ns[t] = reading_ns_link(ns, ns_names[t]);
		if (t == 0 && p->ns[t] == 0 && (errno == EACCES || errno == EPERM))
			return;
	}
}

/* Fills *p. Negative when the process is gone, or is none. */
static int read_process(
        struct reading *r, const char *name, struct model_process *p, struct process_extra *extra)
{
	auto_close dir = openat(r->proc, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	long n;

	*p = (struct model_process){.comm = "", .cmdline = "", .cgroup = -1, .container = -1};
	*extra = (struct process_extra){.parent = -1};
	p->pid = (pid_t)strtol(name, NULL, 10);
	if (dir < 0)
		return -errno;
	n = reading_file(r, dir, "stat");
	if (n < 0 || parse_stat(r, p, extra, r->scratch, (size_t)n) < 0)
		return -ESRCH;
	if (reading_file(r, dir, "status") >= 0)
		parse_status(p, extra, r->scratch);
	read_cmdline(r, p, dir);
	n = reading_file(r, dir, "cgroup");
	if (n >= 0)
		p->cgroup = cgroup_table_from_proc(r->cgroups, r->scratch, (size_t)n);
	errno = 0;
	read_namespaces(p, dir);
	p->ns_uid = (int64_t)p->uid;
	extra->ppid = p->ppid;
	extra->ns_set = ns_sets_add(r->ns_sets, p->ns);
	if (p->role != ROLE_KERNEL_THREAD) {
		extra->named_daemon = daemons_know(p->comm);
		extra->named_client = connections_know(p->comm);
		extra->named_ours = roles_know(p->comm);
	}
	return extra->ns_set < 0 ? -ENOMEM : 0;
}

static int table_reserve(struct process_table *t, size_t room)
{
	void *p = reallocarray(t->processes, room, sizeof *t->processes);
	void *e;

	if (!p)
		return -ENOMEM;
	t->processes = p;
	e = reallocarray(t->extra, room, sizeof *t->extra);
	if (!e)
		return -ENOMEM;
	t->extra = e;
	t->room = room;
	return 0;
}

/* The rows where the model will have them: there are no more than `room`. */
static int table_place(struct reading *r, struct process_table *t, size_t room)
{
	t->processes = arena_alloc_unset(&r->model->arena, room * sizeof *t->processes);
	t->extra = reallocarray(NULL, room, sizeof *t->extra);
	t->fresh = arena_alloc_unset(&r->model->arena, room * sizeof *t->fresh);
	t->placed = true;
	t->room = room;
	return t->processes && t->extra && t->fresh ? 0 : -ENOMEM;
}

static int table_grow(struct process_table *t)
{
	if (t->placed) /* can not be: each row is one that was kept or told of */
		return -ENOMEM;
	return table_reserve(t, t->room ? t->room * 2 : 512);
}

static bool is_pid(const char *name)
{
	size_t n = 0;

	while (name[n] >= '0' && name[n] <= '9')
		n++;
	return n > 0 && n < 10 && name[0] != '0' && !name[n];
}

static int read_all(struct reading *r, int fd, struct process_table *t)
{
	char entries[32 * 1024] __attribute__((aligned(8)));
	ssize_t got;

	while ((got = getdents64(fd, entries, sizeof entries)) > 0) {
		for (ssize_t at = 0; at < got;) {
			const struct dirent64 *e = (const void *)(entries + at);
			int result;
			at += e->d_reclen;
			if (!is_pid(e->d_name) || t->n == READING_MAX_PROCESSES)
				continue;
			if (t->n == t->room && table_grow(t) < 0)
				return -ENOMEM;
			result = read_process(r, e->d_name, &t->processes[t->n], &t->extra[t->n]);
			if (result == -ENOMEM)
				return result;
			t->n += result == 0;
		}
	}
	return 0;
}

static int add_read(struct reading *r, struct process_table *t, pid_t pid)
{
	char name[16];
	int result;

	if (t->n == t->room && table_grow(t) < 0)
		return -ENOMEM;
	snprintf(name, sizeof name, "%d", (int)pid);
	result = read_process(r, name, &t->processes[t->n], &t->extra[t->n]);
	if (result == 0)
		t->fresh[t->n_fresh++] = t->n++;
	return result == -ENOMEM ? result : 0;
}

static int by_number(const void *a, const void *b)
{
	const pid_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* What is kept and what was told of, both by pid, become one. */
static int read_changed(struct reading *r, struct process_table *t)
{
	const struct process_cache *c = r->table;
	const size_t kept = process_cache_size(c), n = r->changes->n;
	pid_t told[CHANGES_MOST];
	size_t i = 0, k = 0;
	int result = table_place(r, t, kept + n);

	memcpy(told, r->changes->pids, n * sizeof *told);
	qsort(told, n, sizeof *told, by_number);
	while (result == 0 && (i < kept || k < n) && t->n < READING_MAX_PROCESSES) {
		const size_t run = process_cache_run(c, i, k < n ? told[k] : 0);
		pid_t old;

		if (run) {
			process_cache_take(c, r, i, run, &t->processes[t->n], &t->extra[t->n]);
			t->n += run;
			i += run;
			continue;
		}
		old = i < kept ? process_cache_pid(c, i) : 0;
		if (k < n && (i == kept || told[k] < old)) { /* a new one */
			if (!t->n || t->processes[t->n - 1].pid != told[k])
				result = add_read(r, t, told[k]);
			k++;
			continue;
		}
		while (k < n && told[k] == old)
			k++;
		result = add_read(r, t, old); /* it is stale, as all that were told of are */
		i++;
	}
	return result;
}

static int by_pid(const void *a, const void *b)
{
	const struct model_process *x = a, *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

/* /proc lists its processes by number; a recorded tree lists them as its file system likes. The
 * extra rows are found again by the place they remember. */
static int sort_by_pid(struct process_table *t)
{
	auto_free struct process_extra *old = NULL;
	bool sorted = true;

	for (size_t i = 1; i < t->n && sorted; i++)
		sorted = t->processes[i - 1].pid < t->processes[i].pid;
	if (sorted)
		return 0;
	old = calloc(t->n, sizeof *old);
	if (!old)
		return -ENOMEM;
	memcpy(old, t->extra, t->n * sizeof *old);
	for (size_t i = 0; i < t->n; i++)
		t->processes[i].container = (int)i;
	qsort(t->processes, t->n, sizeof *t->processes, by_pid);
	for (size_t i = 0; i < t->n; i++) {
		t->extra[i] = old[t->processes[i].container];
		t->processes[i].container = -1;
	}
	return 0;
}

static void find_parents(struct reading *r)
{
	const struct model *m = r->model;

	for (size_t i = 0; i < m->n_processes; i++) {
		const pid_t ppid = r->extra[i].ppid;
		const struct model_process *parent;
		/* Neighbours are mostly siblings. */
		if (i && r->extra[i - 1].ppid == ppid) {
			r->extra[i].parent = r->extra[i - 1].parent;
			continue;
		}
		parent = ppid > 0 && ppid != m->processes[i].pid ? model_process(m, ppid) : NULL;
		r->extra[i].parent = parent ? (int)(parent - m->processes) : -1;
	}
}

static void add_listed(struct observer_changes *c, pid_t pid)
{
	c->all |= !changes_add(c, pid);
}

/* Where not all is told, the list of processes tells who is in it and was not kept, and who was
 * kept and is not in it. The kernel lists them by number. */
static void list_changes(const struct reading *r, int fd, struct observer_changes *ret)
{
	const size_t kept = process_cache_size(r->table);
	char entries[32 * 1024] __attribute__((aligned(8)));
	size_t k = 0;
	ssize_t got;

	for (size_t i = 0; i < r->changes->n; i++) /* most of a storm have gone already */
		if (process_cache_has(r->table, r->changes->pids[i]))
			add_listed(ret, r->changes->pids[i]);
	while ((got = getdents64(fd, entries, sizeof entries)) > 0) {
		for (ssize_t at = 0; at < got;) {
			const struct dirent64 *e = (const void *)(entries + at);
			pid_t pid;
			at += e->d_reclen;
			if (!is_pid(e->d_name))
				continue;
			pid = (pid_t)strtol(e->d_name, NULL, 10);
			while (k < kept && process_cache_pid(r->table, k) < pid)
				add_listed(ret, process_cache_pid(r->table, k++));
			if (k < kept && process_cache_pid(r->table, k) == pid)
				k++;
			else
				add_listed(ret, pid);
		}
	}
	while (k < kept)
		add_listed(ret, process_cache_pid(r->table, k++));
}

int processes_read(struct reading *r)
{
	auto_close fd = openat(r->proc, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct process_table t = {0};
	int result;

	if (fd < 0)
		return -errno;
	if (r->table && r->changes && r->changes->untold && !r->changes->all) {
		r->listed.untold = true;
		list_changes(r, fd, &r->listed);
		r->changes = &r->listed;
	}
	if (r->table && process_cache_begin(r->table, r)) {
		result = read_changed(r, &t);
	} else {
		if (lseek(fd, 0, SEEK_SET) < 0)
			return -errno;
		ns_sets_clear(r->ns_sets);
		result = read_all(r, fd, &t);
		if (result == 0)
			result = sort_by_pid(&t);
	}
	if (result == 0 && r->table)
		process_cache_keep(r->table, &t, r->cgroups);
	if (result == 0 && t.placed) {
		r->model->processes = t.processes;
		r->model->n_processes = t.n;
	} else if (result == 0 && t.n) {
		r->model->processes =
		        arena_alloc_unset(&r->model->arena, t.n * sizeof *t.processes);
		if (r->model->processes) {
			memcpy(r->model->processes, t.processes, t.n * sizeof *t.processes);
			r->model->n_processes = t.n;
		} else {
			result = -ENOMEM;
		}
	}
	if (!t.placed)
		free(t.processes);
	r->extra = t.extra;
	if (result == 0)
		find_parents(r);
	return result;
}
