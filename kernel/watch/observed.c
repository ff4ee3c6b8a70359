#include "kernel/watch/observed.h"

#include "kernel/base/cleanup.h"
#include "kernel/watch/memory_area.h"
#include "kernel/watch/record.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/socket.h>

/* ---- threads --------------------------------------------------------------------------------- */

static struct tracee *add(struct following *f, pid_t tid, pid_t pid, const char *comm)
{
	struct tracee *t = tracees_put(&f->all, tid, pid);

	if (!t)
		return NULL;
	t->state = TRACEE_RUNNING;
	t->observed = t->every_call = true;
	tracee_set_name(t, comm, TAP_COMM);
	return t;
}

/* The thread that an event is about, met for the first time perhaps; NULL: none of ours. */
static struct tracee *find(struct following *f, const struct tap_event *e)
{
	struct tracee *t = tracees_find(&f->all, e->tid);

	if (!t && e->tid > 0 && e->pid > 0)
		t = add(f, e->tid, e->pid, e->comm);
	return t && t->observed ? t : NULL;
}

/* ptrace(2) "execve(2) under ptrace": the thread that called it has the process's id now. */
static void take_over_call(struct following *f, struct tracee *first)
{
	struct tracee *t = tracees_next(&f->all, NULL);

	while (t && (t->pid != first->pid || t->state != TRACEE_IN_CALL ||
	                    strncmp(call_name(t->call), "execve", 6) != 0))
		t = tracees_next(&f->all, t);
	if (!t)
		return;
	first->state = TRACEE_IN_CALL;
	first->call = t->call;
	first->told = t->told;
	first->entered = t->entered;
	buf_reset(&first->arguments);
	buf_add(&first->arguments, buf_text(&t->arguments));
	first->oci = t->oci;
	t->oci = NULL;
	t->state = TRACEE_RUNNING;
}

/* ---- events ---------------------------------------------------------------------------------- */

/* The names from the file up to the root, joined the other way round. */
static const char *path_in(const void *areas, size_t size, char to[static PATH_MAX])
{
	char *at = to + PATH_MAX - 1;
	struct memory_area area;

	*at = 0;
	for (size_t i = 0; i + sizeof area <= size;) {
		const char *name = (const char *)areas + i + sizeof area;
		memcpy(&area, (const char *)areas + i, sizeof area);
		if (area.size > size - i - sizeof area)
			break;
		i += memory_area_whole(area.size);
		if (area.address != TAP_NAME)
			continue;
		area.size = (__u32)strnlen(name, area.size);
		if ((size_t)(at - to) < area.size + 1u)
			break;
		at -= area.size;
		memcpy(at, name, area.size);
		*--at = '/';
	}
	return *at ? at : NULL;
}

/* What connects to what, where it was told. */
static bool end_in(const void *areas, size_t size, struct endpoint *ret)
{
	const struct memory all = {.kept = areas, .kept_size = size};
	struct tap_end end;

	if (memory_read_kept(&all, TAP_END, &end, sizeof end) != sizeof end)
		return false;
	*ret = (struct endpoint){.peer = end.peer, .peer_inode = end.peer_inode};
	ret->stream = end.type == SOCK_STREAM &&
	              (end.family == AF_UNIX || end.family == AF_INET || end.family == AF_INET6);
	if (ret->stream) {
		endpoint_name(end.own, end.own_size, ret->own);
		endpoint_name(end.other, end.other_size, ret->other);
	}
	return true;
}

/* A call as the event has it. */
struct seen_call {
	char path[PATH_MAX];
	struct endpoint end;
	struct call_file file;
	struct call_made made;
};

static void read_call(
        const struct tap_event *e, const void *areas, size_t size, struct seen_call *ret)
{
	ret->file = (struct call_file){.path = path_in(areas, size, ret->path),
	        .socket = e->socket,
	        .end = end_in(areas, size, &ret->end) ? &ret->end : NULL,
	        .file_system = e->file_system};
	ret->made = (struct call_made){.memory = {e->tid, areas, size}, .file = &ret->file};
	for (size_t i = 0; i < CALL_ARGUMENTS; i++)
		ret->made.arguments[i] = e->arguments[i];
}

static void enter(struct following *f, struct tracee *t, const void *areas, size_t size)
{
	struct seen_call seen;

	read_call(f->seen, areas, size, &seen);
	following_enter(f, t, f->seen->number, &seen.made);
	if (f->seen->kind == TAP_HEARD && t->state == TRACEE_IN_CALL)
		following_leave(f, t, f->seen->result, false);
	/* They are gone with the event. */
	t->talk_made.memory = (struct memory){0};
	t->talk_made.file = NULL;
}

static void leave(struct following *f, struct tracee *t, const void *areas, size_t size)
{
	int64_t result = f->seen->result;
	struct seen_call seen;

	if (t->state != TRACEE_IN_CALL && t->pid == t->tid)
		take_over_call(f, t);
	if (t->state != TRACEE_IN_CALL)
		return;
	if (size && t->told) { /* there was more to read at its end */
		read_call(f->seen, areas, size, &seen);
		buf_reset(&t->arguments);
		call_add_arguments(&t->arguments, t->call, &seen.made);
	}
	following_leave(f, t, result, result < 0 && result >= -4095);
}

void observed_namespaces(struct following *f, struct tracee *t)
{
	static const int order[TAP_NAMESPACES] = {
	        [TAP_NS_USER] = NS_USER,
	        [TAP_NS_PID] = NS_PID,
	        [TAP_NS_MNT] = NS_MNT,
	        [TAP_NS_UTS] = NS_UTS,
	        [TAP_NS_IPC] = NS_IPC,
	        [TAP_NS_NET] = NS_NET,
	        [TAP_NS_CGROUP] = NS_CGROUP,
	        [TAP_NS_TIME] = NS_TIME,
	};
	uint64_t inodes[NS_COUNT] = {0};

	for (int i = 0; i < TAP_NAMESPACES; i++)
		inodes[order[i]] = f->seen->namespaces[i];
	following_namespaces_are(f, t, inodes);
}

static void born(struct following *f, struct tracee *t)
{
	watch_record_start(&f->line, following_moment(f), t->pid, f->seen->other, t->comm);
	following_tell(f);
	observed_namespaces(f, t);
}

static void forget_process(struct following *f, pid_t pid)
{
	struct tracee *t = tracees_next(&f->all, NULL), *next;

	for (; t; t = next) {
		next = tracees_next(&f->all, t);
		if (t->pid == pid)
			tracees_remove(&f->all, t->tid);
	}
}

static void exited(struct following *f, const struct tap_event *e)
{
	struct tracee *t = tracees_find(&f->all, e->tid);

	if (e->other) {
		watch_record_end(&f->line, "end", following_moment(f), e->pid, (int)e->result);
		forget_process(f, e->pid);
	} else if (t && t->tid != t->pid) { /* the first one stands for its process to the end */
		tracees_remove(&f->all, e->tid);
	}
}

static void take(void *data, const struct tap_event *e, const void *areas, size_t size)
{
	struct following *f = data;
	struct tracee *t;

	f->seen = e;
	t = e->kind == TAP_EXITED ? NULL : find(f, e);
	if (e->kind == TAP_EXITED)
		exited(f, e);
	else if (t && e->kind == TAP_BORN)
		born(f, t);
	else if (t && e->kind == TAP_LEFT)
		leave(f, t, areas, size);
	else if (t)
		enter(f, t, areas, size);
	following_tell(f);
	f->seen = NULL;
}

bool observed_take(struct following *f)
{
	bool some = tap_take(f->tap, take, f) > 0;
	uint64_t missed = tap_missed(f->tap);

	if (missed) {
		watch_record_missed(&f->line, following_moment(f), f->command, missed);
		following_tell(f);
	}
	return some;
}

int observed_begin(struct following *f, const pid_t *pids, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct tracee *t = tracees_find(&f->all, pids[i]);
		if (!t && !(t = add(f, pids[i], pids[i], "")))
			return -ENOMEM;
		tracee_read_name(t);
	}
	return tap_follow(f->tap, pids, n);
}
