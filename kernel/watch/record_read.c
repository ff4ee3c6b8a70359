#include "kernel/watch/record_read.h"

#include "kernel/base/signal_name.h"

#include <errno.h>
#include <string.h>

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
