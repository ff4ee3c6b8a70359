#include "shell/command/watch_else.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/shown.h"
#include "kernel/do/probe.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool in_path(const char *program)
{
	const char *path = getenv("PATH");

	if (strchr(program, '/'))
		return access(program, X_OK) == 0;
	for (; path && *path; path += strcspn(path, ":"), path += *path == ':') {
		auto_buf file = BUF_INIT;
		buf_addf(&file, "%.*s/%s", (int)strcspn(path, ":"), path, program);
		if (!buf_failed(&file) && access(buf_text(&file), X_OK) == 0)
			return true;
	}
	return false;
}

/* "lxc-execute" is of lxc. */
static const char *probe_for(const char *program)
{
	const char *name = strrchr(program, '/') ? strrchr(program, '/') + 1 : program;

	const char *found = NULL;

	for (size_t i = 0; i < probe_count(); i++) {
		size_t n = strlen(probe_name(i));
		if (!strncmp(probe_name(i), name, n) && (!name[n] || name[n] == '-') &&
		        (!found || n > strlen(found)))
			found = probe_name(i);
	}
	return found;
}

bool watch_else_possible(const char *program, struct buf *why)
{
	const char *name = probe_for(program);
	struct probe p;

	if (name && probe_run(name, &p) == 0 && !p.works) {
		buf_addf(why, "%s: %s\n", name, p.blocked_by);
		if (p.how[0])
			buf_addf(why, "  %s\n", p.how);
		return false;
	}
	if (in_path(program))
		return true;
	buf_addf(why, "%s: there is no such program in PATH\n", program);
	return false;
}

void watch_else_describe(const char *record, struct buf *out)
{
	json_error_t problem;
	FILE *file = fopen(record, "re");
	json_t *head = file ? json_loadf(file, JSON_DISABLE_EOF_CHECK, &problem) : NULL;
	const char *started = json_string_value(json_object_get(head, "started"));
	const char *kernel = json_string_value(json_object_get(head, "kernel"));
	const char *machine = json_string_value(json_object_get(head, "machine"));
	const json_t *command = json_object_get(head, "command");

	if (file)
		fclose(file);
	if (started && kernel && machine) {
		auto_buf words = BUF_INIT;
		for (size_t i = 0; i < json_array_size(command); i++) {
			const char *word = json_string_value(json_array_get(command, i));
			buf_addf(&words, " %s", word ? word : "");
		}
		auto_free char *day = strndup(started, strlen("2026-11-28"));
		buf_add(out, "recorded ");
		buf_add_shown(out, day ? day : "");
		buf_add(out, ", Linux ");
		buf_add_shown(out, kernel);
		buf_add(out, " (");
		buf_add_shown(out, machine);
		buf_add(out, "):");
		buf_add_shown(out, buf_text(&words));
	}
	json_decref(head);
}
