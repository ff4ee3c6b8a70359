#include "kernel/watch/following.h"

#include "kernel/base/cleanup.h"
#include "kernel/watch/attach.h"
#include "kernel/watch/memory.h"
#include "kernel/watch/observed.h"
#include "kernel/watch/oci_command.h"
#include "kernel/watch/record.h"
#include "kernel/watch/stop_info.h"
#include "kernel/watch/talk.h"

#include <limits.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

uint64_t following_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

uint64_t following_clock(const struct following *f)
{
	return f->seen ? f->seen->t / 1000 : following_now();
}

uint64_t following_moment(const struct following *f)
{
	uint64_t now = following_clock(f);

	return now > f->begun ? now - f->begun : 0;
}

void following_tell(struct following *f)
{
	if (!f->finished)
		outlet_put(&f->out, f->line.data, f->line.len);
	buf_reset(&f->line);
}

/* ---- namespaces ------------------------------------------------------------------------------ */

static void read_namespaces(const char *process, uint64_t *inodes)
{
	char path[64];
	struct stat st;

	for (int i = 0; i < NS_COUNT; i++) {
		snprintf(path, sizeof path, "/proc/%s/ns/%s", process, ns_names[i]);
		inodes[i] = stat(path, &st) == 0 ? st.st_ino : 0;
	}
}

void following_namespaces_are(struct following *f, struct tracee *t, const uint64_t *inodes)
{
	uint64_t other[NS_COUNT];

	for (int i = 0; i < NS_COUNT; i++)
		other[i] = inodes[i] == f->ns[i] ? 0 : inodes[i];
	if (f->finished || !memcmp(other, t->ns, sizeof other))
		return;
	memcpy(t->ns, other, sizeof other);
	watch_record_namespaces(&f->line, following_moment(f), t->pid, other);
	following_tell(f);
}

void following_namespaces(struct following *f, struct tracee *t)
{
	uint64_t inodes[NS_COUNT];
	char process[16];

	if (f->finished)
		return;
	snprintf(process, sizeof process, "%d", (int)t->tid);
	read_namespaces(process, inodes);
	following_namespaces_are(f, t, inodes);
}

/* ---- calls ----------------------------------------------------------------------------------- */

/* Whether the program is a runtime of the OCI, and what for: its memory is gone when it has begun.
 */
static void look_for_runtime(struct tracee *t, const struct call_made *made)
{
	auto_buf words = BUF_INIT, text = BUF_INIT;
	size_t n = memory_add_words(&words, &made->memory, made->arguments[1]);

	free(t->oci);
	t->oci = oci_command_words(&text, buf_text(&words), n) ? buf_steal(&text) : NULL;
}

static void tell_runtime(struct following *f, struct tracee *t, bool failed)
{
	struct watch_said said = {.t = following_moment(f),
	        .pid = t->pid,
	        .tid = t->tid,
	        .comm = t->comm,
	        .api = "oci",
	        .to = t->comm,
	        .to_pid = t->pid,
	        .bytes = -1};

	said.text = t->oci;
	if (!failed && t->oci)
		watch_record_said(&f->line, &said);
	free(t->oci);
	t->oci = NULL;
}

void following_enter(
        struct following *f, struct tracee *t, uint64_t number, const struct call_made *made)
{
	const struct call *c = number < FOLLOWING_NUMBERS ? f->by_number[number] : NULL;
	bool talks;

	if (!c)
		return;
	if (!t->observed && !strncmp(call_name(c), "clone", 5))
		attach_keep_child(t->tid, call_name(c)[5] == '3', made->arguments[0]);
	if (f->finished)
		return;
	/* Told before it is done: what the others do then comes behind it. */
	talks = talk_enter(f, t, c, made);
	t->told = !(talks && call_bytes(c) != CALL_BYTES_NONE) && call_wanted(c, made);
	if (!talks && !t->told)
		return;
	t->call = c;
	t->state = TRACEE_IN_CALL;
	t->entered = following_clock(f);
	buf_reset(&t->arguments);
	if (t->told)
		call_add_arguments(&t->arguments, c, made);
	if (!strcmp(call_name(c), "execve"))
		look_for_runtime(t, made);
}

static bool changes_name(const char *name, const char *arguments)
{
	return !strcmp(name, "execve") || !strcmp(name, "execveat") ||
	       (!strcmp(name, "prctl") && !strncmp(arguments, "PR_SET_NAME", 11));
}

/* What the call has changed of it. */
static void learn_again(struct following *f, struct tracee *t, const struct watch_call *c)
{
	if (changes_name(c->name, c->arguments)) {
		if (f->seen)
			tracee_set_name(t, f->seen->comm, sizeof f->seen->comm);
		else
			tracee_read_name(t);
	}
	if (!strcmp(c->name, "execve"))
		tell_runtime(f, t, c->failed);
	if (c->failed || !call_moves(t->call))
		return;
	if (f->seen)
		observed_namespaces(f, t);
	else
		following_namespaces(f, t);
}

/* Where nothing more is to be asked of it, it does not wait until all is written down. */
bool following_leave(struct following *f, struct tracee *t, int64_t result, bool failed)
{
	struct watch_call c = {
	        .t = t->entered - f->begun,
	        .us = following_clock(f) - t->entered,
	        .pid = t->pid,
	        .tid = t->tid,
	        .comm = t->comm,
	        .name = call_name(t->call),
	        .arguments = buf_text(&t->arguments),
	        .result = result,
	        .failed = failed,
	};
	bool asked = t->observed || changes_name(c.name, c.arguments) || call_moves(t->call);

	t->state = TRACEE_RUNNING;
	talk_leave(f, t, result, failed);
	if (!t->told)
		return false;
	if (!asked)
		attach_resume(t, 0);
	watch_record_call(&f->line, &c);
	if (asked)
		learn_again(f, t, &c);
	return !asked;
}

/* What its first argument stands for. */
static void look_at_file(
        const struct call_made *made, char *path, size_t size, struct call_file *ret)
{
	char link[64];
	ssize_t n;

	call_file_link(link, sizeof link, made);
	n = readlink(link, path, size - 1);
	*ret = (struct call_file){0};
	if (n <= 0)
		return;
	path[n] = 0;
	ret->socket = endpoint_inode_of(path);
	ret->path = path;
}

static void enter(struct following *f, struct tracee *t, uint64_t number, const uint64_t *arguments)
{
	const struct call *c = number < FOLLOWING_NUMBERS ? f->by_number[number] : NULL;
	struct call_made made = {.memory.tid = t->tid};
	uint64_t texts[CALL_ARGUMENTS];
	struct memory_room room;
	struct call_file file;
	char path[PATH_MAX];
	size_t n;

	if (!c)
		return;
	for (size_t i = 0; i < CALL_ARGUMENTS; i++)
		made.arguments[i] = arguments[i];
	if (call_has_file(c) && !f->finished) {
		look_at_file(&made, path, sizeof path, &file);
		made.file = &file;
	}
	n = f->finished ? 0 : call_texts(c, &made, texts);
	if (n)
		memory_keep(&made.memory, texts, n, &room);
	following_enter(f, t, number, &made);
	/* They are gone when we are. */
	t->talk_made.memory = (struct memory){.tid = t->tid};
	t->talk_made.file = NULL;
}

/* Whether the filter lets this call pass, while it must be seen. */
static bool hears(const struct following *f, uint64_t number)
{
	return number < FOLLOWING_NUMBERS && f->by_number[number] &&
	       call_hears(f->by_number[number]);
}

bool following_call(struct following *f, struct tracee *t, bool filter)
{
	struct __ptrace_syscall_info info;

	if (stop_info(t->tid, filter, t->state == TRACEE_IN_CALL, &info) < 0)
		return false;
	/* Of another architecture, as of 32-bit programs, the numbers mean other calls. */
	if (info.arch != f->architecture)
		return false;
	/* One that stops at every call has told of this one already: the filter is another's. */
	if (info.op == PTRACE_SYSCALL_INFO_SECCOMP && t->every_call && t->state == TRACEE_IN_CALL)
		return false;
	if (info.op == PTRACE_SYSCALL_INFO_SECCOMP)
		enter(f, t, info.seccomp.nr, info.seccomp.args);
	else if (info.op == PTRACE_SYSCALL_INFO_ENTRY &&
	         (t->every_call || (t->hearing && hears(f, info.entry.nr))))
		enter(f, t, info.entry.nr, info.entry.args);
	else if (info.op == PTRACE_SYSCALL_INFO_EXIT && t->state == TRACEE_IN_CALL)
		return following_leave(f, t, info.exit.rval, info.exit.is_error);
	return false;
}

void following_prepare(struct following *f)
{
	const struct call *c;

	for (size_t i = 0; (c = call_at(i)); i++) {
		int number = call_number(c);
		if (number >= 0 && number < FOLLOWING_NUMBERS)
			f->by_number[number] = c;
	}
	f->architecture = seccomp_arch_native();
	read_namespaces("self", f->ns);
}
