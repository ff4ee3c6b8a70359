#include "kernel/watch/talk.h"

#include "kernel/base/cleanup.h"
#include "kernel/watch/memory.h"
#include "kernel/watch/record.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/uio.h>

enum { CHUNK = 64 << 10, PARTS = 64 };

/* ---- the bytes of a call --------------------------------------------------------------------- */

struct part {
	uint64_t address, n;
};

/* Where they are; how many parts. */
static size_t find_parts(const struct call *c, const struct call_made *made, struct part *parts)
{
	uint64_t vector = made->arguments[1], n = made->arguments[2];
	struct iovec iov[PARTS];
	struct msghdr message;

	switch (call_bytes(c)) {
	case CALL_BYTES_PLAIN:
		parts[0] = (struct part){vector, n};
		return 1;
	case CALL_BYTES_MESSAGE:
		if (!memory_read(&made->memory, vector, &message, sizeof message))
			return 0;
		vector = (uint64_t)(uintptr_t)message.msg_iov;
		n = message.msg_iovlen;
		break;
	case CALL_BYTES_VECTOR:
		break;
	default:
		return 0;
	}
	if (n > PARTS)
		n = PARTS;
	if (!memory_read(&made->memory, vector, iov, n * sizeof *iov))
		return 0;
	for (size_t i = 0; i < n; i++)
		parts[i] = (struct part){(uint64_t)(uintptr_t)iov[i].iov_base, iov[i].iov_len};
	return n;
}

/* At most `n` bytes that stand `at` behind the first; how many are there. */
static size_t read_parts(const struct memory *m, const struct part *parts, size_t n_parts,
        uint64_t at, char *to, size_t n)
{
	size_t got = 0;

	for (size_t i = 0; i < n_parts && got < n; i++) {
		size_t length, wanted;
		if (at >= parts[i].n) {
			at -= parts[i].n;
			continue;
		}
		wanted = parts[i].n - at < n - got ? (size_t)(parts[i].n - at) : n - got;
		length = memory_read_most(m, parts[i].address + at, to + got, wanted);
		got += length;
		if (length < wanted)
			break;
		at = 0;
	}
	return got;
}

/* ---- telling --------------------------------------------------------------------------------- */

struct telling {
	struct following *f;
	struct connection *c;
	const struct tracee *t; /* whose call it is; NULL = nobody's */
	int side;               /* its side */
};

static pid_t holder(struct following *f, struct connection *c, int side)
{
	pid_t pid = connection_holder(c, side);

	/* Who began to listen has gone, as the shim's parent does: who has it now? */
	for (struct tracee *t = tracees_next(&f->all, NULL); !pid && c->inode[side] && t;
	        t = tracees_next(&f->all, t))
		if (t->pid == t->tid && endpoint_is_held(t->pid, c->inode[side]))
			pid = c->pid[side] = t->pid;
	return pid;
}

static void read_comm(struct following *f, pid_t pid, char *to, size_t n)
{
	const struct tracee *known = tracees_find(&f->all, pid);
	struct tracee other = {.tid = pid};

	if (!known && pid > 0)
		tracee_read_name(&other);
	snprintf(to, n, "%s", known ? known->comm : other.comm);
}

static void on_said(void *data, const struct wire_said *said)
{
	const struct telling *now = data;
	struct following *f = now->f;
	struct connection *c = now->c;
	char comm[sizeof now->t->comm], other[sizeof comm];
	struct watch_said line = {.t = following_moment(f),
	        .api = said->api,
	        .text = said->text,
	        .of = said->of,
	        .body = said->body,
	        .bytes = said->bytes,
	        .answer = said->answer};

	line.pid = holder(f, c, said->side);
	line.to_pid = holder(f, c, !said->side);
	line.tid = now->t && now->side == said->side ? now->t->tid : line.pid;
	read_comm(f, line.pid, comm, sizeof comm);
	read_comm(f, line.to_pid, other, sizeof other);
	line.comm = *comm ? comm : c->name;
	line.to = said->to ? said->to : !said->answer && *c->name ? c->name : other;
	if (said->of && following_clock(f) > said->asked)
		line.us = following_clock(f) - said->asked;
	watch_record_said(&f->line, &line);
	following_tell(f);
}

/* ---- who must be listened to ----------------------------------------------------------------- */

static bool is_followed(const struct following *f, const struct connection *c, int side)
{
	return c->pid[side] ||
	       (c->creator[side] > 0 && tracees_find(&f->all, c->creator[side]) != NULL);
}

/* All its threads stop at every call from now on, or do no longer. */
static void set_hearing(struct following *f, struct tracee *self)
{
	bool hearing = connections_await(&f->said, self->pid);

	for (struct tracee *t = tracees_next(&f->all, NULL); t; t = tracees_next(&f->all, t)) {
		if (t->pid != self->pid || t->hearing == hearing || t->every_call)
			continue;
		t->hearing = hearing;
		/* One that is in a call of ours stops at its end anyway. */
		if (hearing && t != self && t->state == TRACEE_RUNNING)
			ptrace(PTRACE_INTERRUPT, t->tid, NULL, NULL);
	}
}

static void look_who_awaits(struct following *f, struct tracee *t, struct connection *c, int side)
{
	bool awaits = c->wire && c->heard[side] == HEARD_WRITTEN && !is_followed(f, c, !side) &&
	              wire_owes(c->wire, !side);

	if (awaits == c->awaits[side])
		return;
	c->awaits[side] = awaits;
	set_hearing(f, t);
}

/* ---- calls ----------------------------------------------------------------------------------- */

static void hear(struct following *f, struct tracee *t, struct connection *c, int side, int says,
        const struct memory *memory, const struct part *parts, size_t n_parts, uint64_t from,
        uint64_t n)
{
	struct telling now = {f, c, t, side};
	auto_free char *bytes = malloc(n - from < CHUNK ? (size_t)(n - from) + 1 : CHUNK);

	if (!c->wire || !bytes)
		return;
	wire_set_tell(c->wire, on_said, &now);
	while (from < n && !wire_over(c->wire)) {
		size_t want, got;
		from += wire_pass(c->wire, says, (size_t)(n - from));
		want = n - from < CHUNK ? (size_t)(n - from) : CHUNK;
		got = read_parts(memory, parts, n_parts, from, bytes, want);
		wire_bytes(c->wire, says, following_clock(f), bytes, got);
		from += got;
		if (got < want) /* it cannot be read: what follows is not what came before */
			break;
	}
	wire_set_tell(c->wire, NULL, NULL);
	if (wire_over(c->wire)) {
		wire_free(c->wire);
		c->wire = NULL;
		c->deaf = true;
	}
}

static struct connection *connection_of(
        struct following *f, struct tracee *t, const struct call_made *made, bool writes, int *side)
{
	int fd = (int)made->arguments[0];
	struct connection_user user = {.pid = t->pid,
	        .fd = fd,
	        .inode = made->file ? made->file->socket : 0,
	        .end = made->file ? made->file->end : NULL};
	struct connection *c = user.inode ? connections_get(&f->said, &user, writes, side) : NULL;

	if (!c || c->deaf)
		return NULL;
	if (!c->wire)
		c->wire = wire_new(f->bodies, NULL, NULL);
	if (c->wire)
		wire_share_given(c->wire, &f->said.given);
	return c->wire ? c : NULL;
}

static bool peeks(const struct call *c, const struct call_made *made)
{
	const char *name = call_name(c);

	return (!strcmp(name, "recvfrom") && made->arguments[3] & MSG_PEEK) ||
	       (!strcmp(name, "recvmsg") && made->arguments[2] & MSG_PEEK);
}

bool talk_enter(
        struct following *f, struct tracee *t, const struct call *c, const struct call_made *made)
{
	struct part parts[PARTS];
	struct connection *about;
	uint64_t n = 0, skip;
	size_t n_parts;
	int side;

	t->talk = TALK_NONE;
	if (call_bytes(c) == CALL_BYTES_NONE || peeks(c, made))
		return false;
	about = connection_of(f, t, made, !call_hears(c), &side);
	if (!about)
		return false;
	t->talk_inode = about->inode[side];
	t->talk_made = *made;
	if (call_hears(c)) {
		if (about->heard[!side] == HEARD_WRITTEN)
			return false;
		t->talk = TALK_READS;
		return true;
	}
	if (about->heard[side] == HEARD_READ)
		return false;
	about->heard[side] = HEARD_WRITTEN;
	n_parts = find_parts(c, made, parts);
	for (size_t i = 0; i < n_parts; i++)
		n = parts[i].n < UINT64_MAX / 2 - n ? n + parts[i].n : UINT64_MAX / 2;
	skip = about->already[side] < n ? about->already[side] : n;
	about->already[side] -= skip;
	hear(f, t, about, side, side, &made->memory, parts, n_parts, skip, n);
	look_who_awaits(f, t, about, side);
	t->talk = TALK_WRITES;
	t->talk_bytes = n;
	return true;
}

void talk_leave(struct following *f, struct tracee *t, int64_t result, bool failed)
{
	uint64_t done = failed || result < 0 ? 0 : (uint64_t)result;
	enum tracee_talk talk = t->talk;
	struct part parts[PARTS];
	struct connection *c;
	int side;

	t->talk = TALK_NONE;
	c = talk == TALK_NONE ? NULL : connections_find(&f->said, t->talk_inode, &side);
	if (!c)
		return;
	/* What could not be written now is written again: it has been heard. */
	if (talk == TALK_WRITES && done < t->talk_bytes)
		c->already[side] += t->talk_bytes - done;
	if (talk != TALK_READS || !done || c->heard[!side] == HEARD_WRITTEN || !c->wire)
		return;
	c->heard[!side] = HEARD_READ;
	hear(f, t, c, side, !side, &t->talk_made.memory, parts,
	        find_parts(t->call, &t->talk_made, parts), 0, done);
	look_who_awaits(f, t, c, side);
}

void talk_end(struct following *f)
{
	for (size_t i = 0; i < f->said.n; i++) {
		struct connection *c = f->said.all[i];
		struct telling now = {f, c, NULL, 0};
		if (!c->wire)
			continue;
		wire_set_tell(c->wire, on_said, &now);
		wire_free(c->wire);
		c->wire = NULL;
		c->deaf = true;
	}
	for (struct tracee *t = tracees_next(&f->all, NULL); t; t = tracees_next(&f->all, t))
		t->hearing = false;
	connections_release(&f->said);
}
