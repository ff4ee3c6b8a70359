#include "kernel/watch/record.h"

#include "kernel/base/json_text.h"
#include "kernel/base/shown.h"
#include "kernel/base/utc.h"
#include "kernel/observe/model.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>

/* Takes `line`. */
static void add_line(struct buf *out, json_t *line)
{
	char *text = line ? json_dumps(line, JSON_COMPACT) : NULL;

	json_decref(line);
	if (text) {
		buf_add(out, text);
		buf_addc(out, '\n');
	} else {
		out->failed = true;
	}
	free(text);
}

/* JSON holds nothing but UTF-8. */
static json_t *shown(const char *text)
{
	struct buf b = BUF_INIT;
	json_t *string;

	buf_add_shown(&b, text);
	string = json_string(buf_text(&b));
	buf_release(&b);
	return string;
}

void watch_record_begin(struct buf *out, char *const *command)
{
	json_t *words = json_array();
	struct utsname host;
	struct timespec now;
	char started[UTC_SIZE];

	for (; *command; command++)
		json_array_append_new(words, shown(*command));
	uname(&host);
	clock_gettime(CLOCK_REALTIME, &now);
	add_line(out, json_pack("{s:i, s:s, s:s, s:s, s:o}", "cutaway-watch", WATCH_RECORD_VERSION,
	                      "kernel", host.release, "machine", host.machine, "started",
	                      utc_text(now, started), "command", words));
}

/* Of calls there are thousands, and who makes them waits for the next one to be seen. */
void watch_record_call(struct buf *out, const struct watch_call *c)
{
	const char *name = c->failed ? strerrorname_np((int)-c->result) : NULL;
	struct buf comm = BUF_INIT;

	buf_add_shown(&comm, c->comm);
	buf_addf(out, "{\"t\":%" PRIu64 ",\"pid\":%d,\"tid\":%d,\"comm\":", c->t, (int)c->pid,
	        (int)c->tid);
	json_text_add_string(out, buf_text(&comm));
	buf_addf(out, ",\"call\":\"%s\",\"args\":", c->name);
	json_text_add_string(out, c->arguments);
	buf_addf(out, ",\"us\":%" PRIu64 ",", c->us);
	if (!c->failed)
		buf_addf(out, "\"result\":%" PRId64 "}\n", c->result);
	else /* ERESTARTSYS and its kind: a signal came between, and it is made again */
		buf_addf(out, "\"error\":\"%s\"}\n", name ? name : "restarted");
	buf_release(&comm);
}

void watch_record_said(struct buf *out, const struct watch_said *s)
{
	json_t *line = json_pack("{s:I, s:i, s:i, s:o, s:s, s:o, s:o}", "t", (json_int_t)s->t,
	        "pid", (int)s->pid, "tid", (int)s->tid, "comm", shown(s->comm), "api", s->api,
	        s->answer ? "answer" : "request", shown(s->text), "to", shown(s->to));

	if (s->to_pid > 0)
		json_object_set_new(line, "to_pid", json_integer(s->to_pid));
	if (s->of) {
		json_object_set_new(line, "of", shown(s->of));
		json_object_set_new(line, "us", json_integer((json_int_t)s->us));
	}
	if (s->bytes >= 0)
		json_object_set_new(line, "bytes", json_integer(s->bytes));
	if (s->body)
		json_object_set_new(line, "body", shown(s->body));
	add_line(out, line);
}

void watch_record_start(struct buf *out, uint64_t t, pid_t pid, pid_t parent, const char *comm)
{
	add_line(out, json_pack("{s:I, s:i, s:s, s:i, s:o}", "t", (json_int_t)t, "pid", (int)pid,
	                      "event", "start", "parent", (int)parent, "comm", shown(comm)));
}

void watch_record_namespaces(struct buf *out, uint64_t t, pid_t pid, const uint64_t *inodes)
{
	json_t *ns = json_object();

	for (int i = 0; i < NS_COUNT; i++)
		if (inodes[i])
			json_object_set_new(ns, ns_names[i], json_integer((json_int_t)inodes[i]));
	add_line(out, json_pack("{s:I, s:i, s:s, s:o}", "t", (json_int_t)t, "pid", (int)pid,
	                      "event", "namespaces", "ns", ns));
}

void watch_record_lost(struct buf *out, uint64_t t, pid_t pid)
{
	add_line(out,
	        json_pack("{s:I, s:i, s:s}", "t", (json_int_t)t, "pid", (int)pid, "event", "lost"));
}

void watch_record_missed(struct buf *out, uint64_t t, pid_t pid, uint64_t count)
{
	add_line(out, json_pack("{s:I, s:i, s:s, s:I}", "t", (json_int_t)t, "pid", (int)pid,
	                      "event", "missed", "count", (json_int_t)count));
}

void watch_record_end(struct buf *out, const char *event, uint64_t t, pid_t pid, int status)
{
	json_t *line =
	        json_pack("{s:I, s:i, s:s}", "t", (json_int_t)t, "pid", (int)pid, "event", event);
	const char *name = WIFSIGNALED(status) ? sigabbrev_np(WTERMSIG(status)) : NULL;

	if (!WIFSIGNALED(status))
		json_object_set_new(line, "status", json_integer(WEXITSTATUS(status)));
	else if (name)
		json_object_set_new(line, "signal", json_string(name));
	else
		json_object_set_new(line, "signal", json_sprintf("%d", WTERMSIG(status)));
	add_line(out, line);
}
