#include "kernel/watch/record_read.h"

#include "kernel/base/signal_name.h"

#include <errno.h>
#include <string.h>

enum { LINE_MOST = 1 << 20 };

int watch_line_read(const char *line, size_t n, bool first, json_t **ret, struct error *err)
{
	json_error_t problem;
	json_t *json = json_loadb(line, n, JSON_REJECT_DUPLICATES, &problem), *version;

	if (!json_is_object(json)) {
		json_decref(json);
		return error_set(err, EBADMSG, "read record", "line",
		        json ? "it is no object" : "%s", problem.text);
	}
	version = json_object_get(json, "cutaway-watch");
	if (first && json_integer_value(version) != 1) {
		json_decref(json);
		return error_set(err, version ? EPROTONOSUPPORT : EBADMSG, "read record",
		        "first line",
		        version ? "it has a version that this program does not know"
		                : "this is no recorded watch");
	}
	*ret = json;
	return 0;
}

int watch_line_status(const json_t *line)
{
	const char *event = json_string_value(json_object_get(line, "event"));
	const char *signal = json_string_value(json_object_get(line, "signal"));

	if (!event || strcmp(event, "finish") != 0)
		return -1;
	if (signal)
		return 128 + signal_by_name(signal);
	return (int)json_integer_value(json_object_get(line, "status")) & 0xff;
}

/* A quote within a string has a backslash before it: this can be nothing but a member's name. */
static bool is_event(const char *line, size_t n)
{
	return memmem(line, n, "\"event\"", strlen("\"event\"")) != NULL;
}

int watch_lines_take(struct watch_lines *l, const char *bytes, size_t n,
        int (*each)(void *data, json_t *line, struct error *err), void *data, struct error *err)
{
	size_t start = 0;
	char *end;
	int r = 0;

	buf_add_bytes(&l->pending, bytes, n);
	if (buf_failed(&l->pending))
		return error_set(err, ENOMEM, "read record", "line", NULL);
	while (r == 0 && start < l->pending.len &&
	        (end = memchr(l->pending.data + start, '\n', l->pending.len - start))) {
		size_t length = (size_t)(end - l->pending.data) - start;
		const char *text = l->pending.data + start;
		json_t *line = NULL;

		start += length + 1;
		if (l->events_only && l->begun && !is_event(text, length))
			continue;
		r = watch_line_read(text, length, !l->begun, &line, err);
		if (r == 0) {
			l->begun = true;
			r = each(data, line, err);
			json_decref(line);
		}
	}
	if (r == 0 && l->pending.len - start > LINE_MOST)
		return error_set(err, EFBIG, "read record", "line", "it is longer than 1 MiB");
	if (start) {
		l->pending.len -= start;
		memmove(l->pending.data, l->pending.data + start, l->pending.len);
	}
	return r;
}

int watch_lines_end(const struct watch_lines *l, struct error *err)
{
	return l->pending.len ? error_set(err, EBADMSG, "read record", "last line", "it is cut off")
	                      : 0;
}

void watch_lines_release(struct watch_lines *l)
{
	buf_release(&l->pending);
	*l = (struct watch_lines){0};
}
