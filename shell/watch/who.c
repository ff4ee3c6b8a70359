#include "shell/watch/who.h"

#include <stdlib.h>
#include <string.h>

enum { COMM = 16 }; /* TASK_COMM_LEN */

/* A process from here on has this name. */
struct named {
	pid_t pid;
	size_t event; /* order within the recording */
	char name[COMM];
};

/* What is known of a process while the recording is walked through. */
struct process {
	pid_t pid;
	char name[COMM];
	bool inside;
};

struct at {
	char name[COMM], after[COMM];
	bool inside;
};

struct who {
	const struct watch_recording *r;
	struct at *at; /* of each event */
	struct named *named;
	size_t n_named, named_capacity;
	struct process *processes; /* by pid */
	size_t n_processes, process_capacity;
	size_t command; /* event: the watcher becomes the command; r->n = was not seen */
	bool failed;
};

static bool grow(struct who *w, void *array, size_t n, size_t *capacity, size_t size)
{
	void **at = array, *more;

	if (n < *capacity)
		return true;
	more = realloc(*at, (*capacity * 2 + 64) * size);
	if (!more) {
		w->failed = true;
		return false;
	}
	*at = more;
	*capacity = *capacity * 2 + 64;
	return true;
}

static size_t place_of(const struct who *w, pid_t pid)
{
	size_t low = 0, high = w->n_processes;

	while (low < high) {
		size_t middle = (low + high) / 2;
		if (w->processes[middle].pid < pid)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static const struct process *find(const struct who *w, pid_t pid)
{
	size_t i = place_of(w, pid);

	return i < w->n_processes && w->processes[i].pid == pid ? &w->processes[i] : NULL;
}

static struct process *process(struct who *w, pid_t pid)
{
	size_t i = place_of(w, pid);

	if (i < w->n_processes && w->processes[i].pid == pid)
		return &w->processes[i];
	if (!grow(w, (void *)&w->processes, w->n_processes, &w->process_capacity,
	            sizeof *w->processes))
		return NULL;
	memmove(&w->processes[i + 1], &w->processes[i],
	        (w->n_processes++ - i) * sizeof *w->processes);
	w->processes[i] = (struct process){.pid = pid};
	return &w->processes[i];
}

static void copy(char out[COMM], const char *name)
{
	size_t n = strnlen(name, COMM - 1);

	memmove(out, name, n);
	out[n] = '\0';
}

/* Started by /proc/self/exe or by a descriptor: the kernel calls it "exe" or by a number, and it is
 * what it was before. */
static bool says_nothing(const char *name)
{
	return !strcmp(name, "exe") || !name[strspn(name, "0123456789")] ||
	       !strncmp(name, "memfd:", 6);
}

static void rename_to(struct who *w, struct process *p, size_t event, const char *name)
{
	if ((*p->name && says_nothing(name)) || !strncmp(p->name, name, COMM - 1))
		return;
	copy(p->name, name);
	if (!grow(w, (void *)&w->named, w->n_named, &w->named_capacity, sizeof *w->named))
		return;
	w->named[w->n_named] = (struct named){.pid = p->pid, .event = event};
	copy(w->named[w->n_named++].name, name);
}

/* The last part of the path that is the first string of the arguments, as the kernel names it. */
static void program_of(const char *arguments, char out[COMM])
{
	const char *start = strchr(arguments, '"'), *end, *slash;

	out[0] = '\0';
	if (!start)
		return;
	end = start + 1 + strcspn(start + 1, "\"");
	for (slash = end; slash > start + 1 && slash[-1] != '/'; slash--)
		;
	for (size_t i = 0; i < COMM - 1 && slash + i < end; i++) {
		out[i] = slash[i];
		out[i + 1] = '\0';
	}
}

/* What the process calls itself when it is next heard of: that is right also where a program was
 * started by a descriptor. Threads have names of their own. */
static const char *next_name(const struct watch_recording *r, size_t event)
{
	enum { AS_FAR_AS = 4096 };
	const struct watch_event *e = &r->events[event];

	for (size_t i = event + 1; i < r->n && i < event + AS_FAR_AS; i++) {
		const struct watch_event *next = &r->events[i];
		if (next->pid == e->pid && next->kind == WATCH_END)
			break;
		if (next->pid == e->pid && next->kind == WATCH_CALL && next->tid == next->pid)
			return next->comm;
	}
	return "";
}

static void event(struct who *w, size_t i)
{
	const struct watch_event *e = &w->r->events[i];
	struct process *p = process(w, e->pid);
	char name[COMM];

	if (!p)
		return;
	if (e->kind == WATCH_START) {
		const struct process *parent = find(w, e->other);
		bool inside = parent && parent->inside;
		*p = (struct process){.pid = e->pid, .inside = inside};
	}
	/* Of a thread only while its process has no name. */
	if (*e->comm && (e->tid == e->pid || !e->tid || !*p->name))
		rename_to(w, p, i, e->comm);
	if (e->kind == WATCH_IN)
		p->inside = strstr(e->text, "mnt:") != NULL;
	copy(w->at[i].name, p->name);
	w->at[i].inside = p->inside;
	if (e->kind == WATCH_CALL && !strncmp(e->name, "execve", 6) && !*e->failure) {
		const char *next = next_name(w->r, i);
		program_of(e->text, name);
		rename_to(w, p, i, *next ? next : name);
		if (w->command == w->r->n)
			w->command = i;
	}
	copy(w->at[i].after, p->name);
}

struct who *who_new(const struct watch_recording *r)
{
	struct who *w = calloc(1, sizeof *w);

	if (!w)
		return NULL;
	w->r = r;
	w->command = r->n;
	w->at = calloc(r->n + 1, sizeof *w->at);
	w->failed = !w->at;
	for (size_t i = 0; i < r->n && !w->failed; i++)
		event(w, i);
	if (w->failed) {
		who_free(w);
		return NULL;
	}
	return w;
}

void who_free(struct who *w)
{
	if (!w)
		return;
	free(w->at);
	free(w->named);
	free(w->processes);
	free(w);
}

const char *who_of(const struct who *w, size_t i)
{
	return w->at[i].name;
}

const char *who_after(const struct who *w, size_t i)
{
	return w->at[i].after;
}

const char *who_at(const struct who *w, pid_t pid, uint64_t t)
{
	const char *name = "";

	for (size_t i = 0; i < w->n_named; i++) {
		const struct named *n = &w->named[i];
		if (n->pid == pid && (!*name || w->r->events[n->event].t <= t))
			name = n->name;
	}
	return name;
}

bool who_is_you(const struct who *w, size_t i)
{
	return i <= w->command && w->command < w->r->n &&
	       w->r->events[i].pid == w->r->events[w->command].pid &&
	       (!strncmp(w->at[i].name, "cutaway", 7) || !strcmp(w->at[i].name, "ct"));
}

bool who_is_inside(const struct who *w, size_t i)
{
	return w->at[i].inside;
}

size_t who_names(const struct who *w)
{
	return w->n_named;
}

const char *who_name(const struct who *w, size_t i)
{
	return w->named[i].name;
}

pid_t who_pid(const struct who *w, size_t i)
{
	return w->named[i].pid;
}
