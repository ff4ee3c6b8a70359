/* Recorded watches for tests: those of tests/fixtures/watch, made by real runs of `cutaway watch`
 * and masked (docker.jsonl has only a choice of its calls), and ones made up from a seed. */
#pragma once

#include "kernel/base/buf.h"
#include "kernel/watch/record_read.h"
#include "kernel/watch/recording.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const char *const fixture_watches[] = {"unshare", "runc", "ours", "docker"};

static inline void fixture_watch(const char *name, struct watch_recording *r)
{
	char path[128];
	struct error err = {0};
	int fd;

	snprintf(path, sizeof path, "tests/fixtures/watch/%s.jsonl", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	*r = (struct watch_recording){0};
	if (watch_recording_read(fd, r, &err) < 0)
		fail_msg("%s: %s: %s", path, err.object, err.cause);
	close(fd);
}

static inline unsigned fixture_any(unsigned *seed, unsigned below)
{
	*seed = *seed * 1103515245u + 12345u;
	return (*seed >> 8) % below;
}

/* Events of all kinds that fit together by chance only. */
static inline void fixture_random_watch(unsigned seed, struct watch_recording *r)
{
	static const char *const odd[] = {"runc", "runc:[2:INIT]", "", "exe",
	        "a-very-long-name-that-fits-nowhere", "\xe6\x97\xa5\xe6\x9c\xac",
	        "\x1b[31mred\x1b]0;x\x07", "</text>&\"", "cutaway", "kernel", "you", "/x/y.sock",
	        "mnt:1 uts:", ":", "CLONE_NEWNS, \"\\",
	        "\"/bin/sh\", [\"sh\", \"-c\", \"a \\\" b\"], …"};
	static const char *const calls[] = {
	        "execve", "execveat", "mount", "clone3", "prctl", "connect", "unshare", "anything"};
	static const char *const events[] = {
	        "start", "namespaces", "end", "lost", "finish", "of-tomorrow"};
	enum { ODD = sizeof odd / sizeof *odd };
	struct error err = {0};
	unsigned n = fixture_any(&seed, 60);

	*r = (struct watch_recording){0};
	json_t *head = json_pack("{s:i, s:[s]}", "cutaway-watch", 1, "command", "odd");
	assert_int_equal(watch_recording_add(r, head, &err), 0);
	json_decref(head);
	while (n-- > 0) {
		const char *text = odd[fixture_any(&seed, ODD)],
		           *comm = odd[fixture_any(&seed, ODD)];
		json_t *line = json_pack("{s:i, s:i, s:i, s:s}", "t", fixture_any(&seed, 1u << 20),
		        "pid", fixture_any(&seed, 6), "tid", fixture_any(&seed, 6), "comm", comm);
		switch (fixture_any(&seed, 3)) {
		case 0:
			json_object_set_new(
			        line, "call", json_string(calls[fixture_any(&seed, 8)]));
			json_object_set_new(line, "args", json_string(text));
			if (fixture_any(&seed, 3) == 0)
				json_object_set_new(line, "error", json_string("EPERM"));
			break;
		case 1:
			json_object_set_new(line, "api", json_string("http"));
			json_object_set_new(line, fixture_any(&seed, 2) ? "request" : "answer",
			        json_string(text));
			json_object_set_new(line, "to", json_string(comm));
			json_object_set_new(line, fixture_any(&seed, 4) ? "to_pid" : "from_pid",
			        json_integer(fixture_any(&seed, 6)));
			break;
		default:
			json_object_set_new(
			        line, "event", json_string(events[fixture_any(&seed, 6)]));
			json_object_set_new(line, "parent", json_integer(fixture_any(&seed, 6)));
			json_object_set_new(
			        line, "ns", json_pack("{s:i}", "mnt", fixture_any(&seed, 9)));
		}
		assert_int_equal(watch_recording_add(r, line, &err), 0);
		json_decref(line);
	}
}
