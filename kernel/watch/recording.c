#include "kernel/watch/recording.h"

#include "kernel/base/buf.h"
#include "kernel/base/cleanup.h"
#include "kernel/watch/record_read.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { EVENTS_MOST = 2000000, CHUNK = 65536 };

void watch_recording_release(struct watch_recording *r)
{
	free(r->events);
	arena_release(&r->strings);
	*r = (struct watch_recording){0};
}

static const char *keep(struct watch_recording *r, const char *text)
{
	return text && *text ? arena_strdup(&r->strings, text) : "";
}

static const char *member(struct watch_recording *r, const json_t *line, const char *name)
{
	return keep(r, json_string_value(json_object_get(line, name)));
}

static json_int_t number(const json_t *line, const char *name)
{
	return json_integer_value(json_object_get(line, name));
}

static int take_head(struct watch_recording *r, const json_t *line, struct error *err)
{
	auto_buf words = BUF_INIT;
	json_t *word;
	size_t i;

	json_array_foreach (json_object_get(line, "command"), i, word) {
		const char *text = json_string_value(word);
		buf_addf(&words, "%s%s", i ? " " : "", text ? text : "");
	}
	r->command = keep(r, buf_text(&words));
	r->kernel = member(r, line, "kernel");
	r->machine = member(r, line, "machine");
	r->started = member(r, line, "started");
	if (!r->command || !r->kernel || !r->machine || !r->started || buf_failed(&words))
		return error_set(err, ENOMEM, "read record", "first line", NULL);
	return 0;
}

static const char *namespaces(struct watch_recording *r, const json_t *line)
{
	auto_buf text = BUF_INIT;
	const char *name;
	json_t *inode;

	json_object_foreach (json_object_get(line, "ns"), name, inode)
		buf_addf(&text, "%s%s:%lld", text.len ? " " : "", name,
		        (long long)json_integer_value(inode));
	return buf_failed(&text) ? NULL : keep(r, buf_text(&text));
}

static enum watch_kind kind_of(const char *event)
{
	static const struct {
		const char *name;
		enum watch_kind kind;
	} known[] = {{"start", WATCH_START}, {"namespaces", WATCH_IN}, {"end", WATCH_END},
	        {"lost", WATCH_LOST}, {"missed", WATCH_MISSED}, {"finish", WATCH_FINISH}};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (!strcmp(known[i].name, event))
			return known[i].kind;
	return WATCH_OTHER;
}

static void read_what(struct watch_recording *r, const json_t *line, struct watch_event *e)
{
	if (json_object_get(line, "call")) {
		e->kind = WATCH_CALL;
		e->name = member(r, line, "call");
		e->text = member(r, line, "args");
		e->failure = member(r, line, "error");
		e->result = number(line, "result");
		return;
	}
	if (json_object_get(line, "api")) {
		e->kind = WATCH_API;
		e->name = member(r, line, "api");
		e->answer = json_object_get(line, "answer") && !json_object_get(line, "request");
		e->text = member(r, line, e->answer ? "answer" : "request");
		e->of = member(r, line, "of");
		if (json_object_get(line, "bytes"))
			e->bytes = number(line, "bytes");
		e->heard = json_object_get(line, "from") || json_object_get(line, "from_pid");
		e->to = member(r, line, e->heard ? "from" : "to");
		e->other = (pid_t)number(line, e->heard ? "from_pid" : "to_pid");
		return;
	}
	e->name = member(r, line, "event");
	e->kind = kind_of(e->name ? e->name : "");
	e->other = (pid_t)number(line, "parent");
	e->failure = member(r, line, "signal");
	e->result = number(line, e->kind == WATCH_MISSED ? "count" : "status");
	e->text = e->kind == WATCH_IN ? namespaces(r, line) : "";
}

/* A call is told when it has ended: those that it made begin may stand before it. */
static void put(struct watch_recording *r, const struct watch_event *e)
{
	size_t i = r->n++;

	for (; i > 0 && r->events[i - 1].t > e->t; i--)
		r->events[i] = r->events[i - 1];
	r->events[i] = *e;
}

int watch_recording_add(void *recording, json_t *line, struct error *err)
{
	struct watch_recording *r = recording;
	struct watch_event e = {.t = (uint64_t)number(line, "t"),
	        .us = (uint64_t)number(line, "us"),
	        .pid = (pid_t)number(line, "pid"),
	        .tid = (pid_t)number(line, "tid"),
	        .to = "",
	        .of = "",
	        .bytes = -1,
	        .failure = ""};

	if (json_object_get(line, "cutaway-watch"))
		return take_head(r, line, err);
	if (r->n == EVENTS_MOST)
		return error_set(
		        err, EFBIG, "read record", "", "it has more than %d events", EVENTS_MOST);
	if (r->n == r->capacity) {
		size_t capacity = r->capacity ? r->capacity * 2 : 256;
		struct watch_event *events = realloc(r->events, capacity * sizeof *events);
		if (!events)
			return error_set(err, ENOMEM, "read record", "", NULL);
		r->events = events;
		r->capacity = capacity;
	}
	read_what(r, line, &e);
	e.comm = member(r, line, "comm");
	if (!e.comm || !e.name || !e.text || !e.to || !e.of || !e.failure)
		return error_set(err, ENOMEM, "read record", "", NULL);
	put(r, &e);
	return 0;
}

int watch_recording_read(int fd, struct watch_recording *r, struct error *err)
{
	struct watch_lines lines = {0};
	auto_free char *bytes = malloc(CHUNK);
	int result = bytes ? 0 : error_set(err, ENOMEM, "read record", "", NULL);

	while (result == 0) {
		ssize_t n = read(fd, bytes, CHUNK);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			result = error_set(err, errno, "read record", "", NULL);
		if (n <= 0)
			break;
		result = watch_lines_take(&lines, bytes, (size_t)n, watch_recording_add, r, err);
	}
	if (result == 0)
		result = watch_lines_end(&lines, err);
	if (result == 0 && !lines.begun)
		result = error_set(err, EBADMSG, "read record", "", "it is empty");
	watch_lines_release(&lines);
	return result;
}
