#include "shell/watch/trace_events.h"

#include "kernel/base/cleanup.h"
#include "shell/watch/who.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* A process while the recording is walked through: the program that it is now. */
struct row {
	pid_t pid;
	uint64_t since;
	const char *name;
	bool over;
};

struct writer {
	const struct watch_recording *r;
	const struct who *who;
	struct buf *out;
	struct row *rows;
	size_t n, capacity;
	pid_t *threads; /* those that have a name already, tid and pid in turn */
	size_t n_threads, threads_capacity;
	json_int_t arrows;
	uint64_t end;
	bool any, failed;
};

/* Takes `event`. */
static void put(struct writer *w, json_t *event)
{
	char *text = event ? json_dumps(event, JSON_COMPACT) : NULL;

	if (text) {
		buf_add(w->out, w->any ? ",\n" : "\n");
		buf_add(w->out, text);
		w->any = true;
	}
	w->failed |= !text;
	free(text);
	json_decref(event);
}

static json_t *event(const char *phase, const char *name, uint64_t t, pid_t pid, pid_t tid)
{
	return json_pack("{s:s, s:s, s:I, s:i, s:i}", "ph", phase, "name", name, "ts",
	        (json_int_t)t, "pid", (int)pid, "tid", (int)tid);
}

static bool grow(struct writer *w, void *array, size_t n, size_t *capacity, size_t size)
{
	void **at = array, *more;

	if (n < *capacity)
		return true;
	more = realloc(*at, (*capacity * 2 + 64) * size);
	w->failed |= !more;
	if (!more)
		return false;
	*at = more;
	*capacity = *capacity * 2 + 64;
	return true;
}

static void name_it(struct writer *w, const char *what, pid_t pid, pid_t tid, const char *name)
{
	put(w, json_pack("{s:s, s:s, s:i, s:i, s:{s:s}}", "ph", "M", "name", what, "pid", (int)pid,
	               "tid", (int)tid, "args", "name", *name ? name : "?"));
}

static void name_thread(struct writer *w, pid_t pid, pid_t tid, const char *comm)
{
	for (size_t i = 0; i < w->n_threads; i++)
		if (w->threads[i] == tid)
			return;
	if (!grow(w, (void *)&w->threads, w->n_threads, &w->threads_capacity, sizeof *w->threads))
		return;
	w->threads[w->n_threads++] = tid;
	name_it(w, "thread_name", pid, tid, comm);
}

/* ---- programs ---- */

static struct row *row_of(struct writer *w, pid_t pid, uint64_t t, const char *name)
{
	for (size_t i = w->n; i-- > 0;)
		if (w->rows[i].pid == pid)
			return &w->rows[i];
	if (!grow(w, (void *)&w->rows, w->n, &w->capacity, sizeof *w->rows))
		return NULL;
	w->rows[w->n] = (struct row){.pid = pid, .since = t, .name = name};
	return &w->rows[w->n++];
}

static void close_row(struct writer *w, struct row *row, uint64_t t)
{
	json_t *e;

	if (row->over)
		return;
	e = event("X", *row->name ? row->name : "?", row->since, row->pid, row->pid);
	json_object_set_new(e, "cat", json_string("program"));
	json_object_set_new(
	        e, "dur", json_integer((json_int_t)(t > row->since ? t - row->since : 0)));
	put(w, e);
}

static void arrow(struct writer *w, const char *name, uint64_t t, pid_t from, pid_t to)
{
	json_int_t id = ++w->arrows;
	json_t *begin = event("s", name, t, from, from), *end = event("f", name, t, to, to);

	json_object_set_new(begin, "cat", json_string(name));
	json_object_set_new(end, "cat", json_string(name));
	json_object_set_new(begin, "id", json_integer(id));
	json_object_set_new(end, "id", json_integer(id));
	json_object_set_new(end, "bp", json_string("e")); /* to the slice around it */
	put(w, begin);
	put(w, end);
}

/* ---- events ---- */

static void put_call(struct writer *w, const struct watch_event *e)
{
	json_t *call = event("X", e->name, e->t, e->pid, e->tid), *args = json_object();

	json_object_set_new(call, "cat", json_string("call"));
	json_object_set_new(call, "dur", json_integer((json_int_t)e->us));
	json_object_set_new(args, "arguments", json_string(e->text));
	if (*e->failure)
		json_object_set_new(args, "error", json_string(e->failure));
	else
		json_object_set_new(args, "result", json_integer(e->result));
	json_object_set_new(call, "args", args);
	put(w, call);
}

static void put_instant(struct writer *w, const struct watch_event *e, const char *category,
        const char *name, const char *member, const char *text)
{
	json_t *instant = event("i", *name ? name : "?", e->t, e->pid, e->pid);

	json_object_set_new(instant, "cat", json_string(category));
	json_object_set_new(instant, "s", json_string("t")); /* on this row alone */
	json_object_set_new(instant, "args", json_pack("{s:s}", member, text));
	put(w, instant);
}

static void put_event(struct writer *w, size_t i)
{
	const struct watch_event *e = &w->r->events[i];
	struct row *row = row_of(w, e->pid, e->t, who_of(w->who, i));

	if (!row)
		return;
	if (!*row->name)
		row->name = who_of(w->who, i);
	switch (e->kind) {
	case WATCH_CALL:
		name_thread(w, e->pid, e->tid, e->comm);
		put_call(w, e);
		if (!strncmp(e->name, "execve", 6) && !*e->failure) {
			close_row(w, row, e->t);
			row->since = e->t + e->us;
			row->name = who_after(w->who, i);
		}
		break;
	case WATCH_API:
		put_instant(w, e, e->answer ? "answer" : "request", e->text,
		        e->heard ? "from" : "to", e->to);
		if (e->other > 0 && e->other != e->pid &&
		        row_of(w, e->other, e->t, who_at(w->who, e->other, e->t)))
			arrow(w, e->answer ? "answers" : "asks", e->t, e->heard ? e->other : e->pid,
			        e->heard ? e->pid : e->other);
		break;
	case WATCH_START:
		if (e->other > 0 && row_of(w, e->other, e->t, who_at(w->who, e->other, e->t)))
			arrow(w, "starts", e->t, e->other, e->pid);
		break;
	case WATCH_IN:
		put_instant(w, e, "namespaces", "other namespaces", "namespaces", e->text);
		break;
	case WATCH_END:
		put_instant(w, e, "end", "end", "signal", e->failure);
		close_row(w, row, e->t);
		row->over = true;
		break;
	default:
		put_instant(w, e, "watch", e->name, "signal", e->failure);
		break;
	}
}

static void put_all(struct writer *w)
{
	for (size_t i = 0; i < w->r->n && !w->failed; i++) {
		const struct watch_event *e = &w->r->events[i];
		put_event(w, i);
		if (e->t + e->us > w->end)
			w->end = e->t + e->us;
	}
	for (size_t i = 0; i < w->n && !w->failed; i++) {
		close_row(w, &w->rows[i], w->end);
		name_it(w, "process_name", w->rows[i].pid, w->rows[i].pid, w->rows[i].name);
	}
}

int watch_trace_events(const struct watch_recording *r, struct buf *out)
{
	struct who *who = who_new(r);
	struct writer w = {.r = r, .who = who, .out = out, .failed = !who};
	json_t *about = json_pack("{s:s, s:s, s:s, s:s}", "command", r->command, "started",
	        r->started, "kernel", r->kernel, "machine", r->machine);
	char *text = about ? json_dumps(about, JSON_COMPACT) : NULL;

	w.failed |= !text;
	buf_add(out, "{\"traceEvents\":[");
	if (!w.failed)
		put_all(&w);
	buf_addf(out, "\n],\"displayTimeUnit\":\"ms\",\"otherData\":%s}\n", text ? text : "");
	free(text);
	json_decref(about);
	free(w.rows);
	free(w.threads);
	who_free(who);
	return w.failed || buf_failed(out) ? -ENOMEM : 0;
}
