#include "shell/watch/show.h"

#include "kernel/base/shown.h"

#include <string.h>

static const char *text_of(const json_t *line, const char *member)
{
	const char *text = json_string_value(json_object_get(line, member));

	return text ? text : "";
}

static void add_head(struct buf *out, const json_t *line)
{
	json_int_t t = json_integer_value(json_object_get(line, "t"));

	buf_addf(out, "%4lld.%06lld ", (long long)(t / 1000000), (long long)(t % 1000000));
	buf_addf(out, "%7lld ", (long long)json_integer_value(json_object_get(line, "pid")));
}

static void show_call(struct buf *out, const json_t *line, enum watch_level level)
{
	const char *error = json_string_value(json_object_get(line, "error"));
	const char *call = text_of(line, "call");

	if (watch_level_of_call(call, text_of(line, "args"), error ? error : "") > level)
		return;
	add_head(out, line);
	buf_addf(out, "%-15s %s(", text_of(line, "comm"), call);
	buf_add_shown(out, text_of(line, "args"));
	if (error)
		buf_addf(out, ") = -1 %s", error);
	else
		buf_addf(out, ") = %lld",
		        (long long)json_integer_value(json_object_get(line, "result")));
	buf_addf(out, " <%lld us>\n", (long long)json_integer_value(json_object_get(line, "us")));
}

static void add_member(struct buf *out, const json_t *line, const char *before, const char *member,
        const char *behind)
{
	if (!*text_of(line, member))
		return;
	buf_add(out, before);
	buf_add_shown(out, text_of(line, member));
	buf_add(out, behind);
}

static void show_said(struct buf *out, const json_t *line)
{
	const json_t *bytes = json_object_get(line, "bytes"), *us = json_object_get(line, "us");
	bool answer = json_object_get(line, "answer");

	add_head(out, line);
	buf_addf(out, "%-15s %s ", text_of(line, "comm"), answer ? "<<" : ">>");
	buf_add_shown(out, text_of(line, answer ? "answer" : "request"));
	add_member(out, line, " to ", "to", "");
	add_member(out, line, ", on ", "of", "");
	if (bytes)
		buf_addf(out, " [%lld bytes]", (long long)json_integer_value(bytes));
	if (us)
		buf_addf(out, " <%lld us>", (long long)json_integer_value(us));
	buf_addc(out, '\n');
	add_member(out, line, "                             ", "body", "\n");
}

static void show_namespaces(struct buf *out, const json_t *line)
{
	const char *name;
	json_t *inode;

	buf_add(out, "is now in");
	if (!json_object_size(json_object_get(line, "ns")))
		buf_add(out, " our namespaces only");
	json_object_foreach (json_object_get(line, "ns"), name, inode) {
		buf_addc(out, ' ');
		buf_add_shown(out, name);
		buf_addf(out, ":%lld", (long long)json_integer_value(inode));
	}
}

static void show_end(struct buf *out, const json_t *line)
{
	const char *signal = json_string_value(json_object_get(line, "signal"));

	if (signal)
		buf_addf(out, "ended by signal %s", signal);
	else
		buf_addf(out, "ended with status %lld",
		        (long long)json_integer_value(json_object_get(line, "status")));
}

void watch_line_show(struct buf *out, const json_t *line, enum watch_level level)
{
	const char *event = text_of(line, "event");

	if (json_object_get(line, "call")) {
		show_call(out, line, level);
		return;
	}
	if (json_object_get(line, "api")) {
		show_said(out, line);
		return;
	}
	if (!*event || !strcmp(event, "finish") || level == WATCH_LEVEL_API ||
	        (level == WATCH_LEVEL_PROCESSES && !strcmp(event, "namespaces")))
		return;
	add_head(out, line);
	buf_addf(out, "%-15s -- ", text_of(line, "comm"));
	if (!strcmp(event, "start"))
		buf_addf(out, "started by %lld",
		        (long long)json_integer_value(json_object_get(line, "parent")));
	else if (!strcmp(event, "namespaces"))
		show_namespaces(out, line);
	else if (!strcmp(event, "end"))
		show_end(out, line);
	else if (!strcmp(event, "lost"))
		buf_add(out, "goes on unseen: the process that followed it was killed");
	else if (!strcmp(event, "missed"))
		buf_addf(out, "did more than could be told: %lld events are missing",
		        (long long)json_integer_value(json_object_get(line, "count")));
	else
		buf_add_shown(out, event);
	buf_addc(out, '\n');
}
