/* Input and output and pressure of a control group.
 *
 * v2 has io.stat, "8:0 rbytes=1 wbytes=2 …" a device, and the pressure files: how much of the last
 * ten seconds something in the group waited for the processor, for memory, for the disk (kernel
 * documentation, accounting/psi.rst). v1 has blkio.throttle.io_service_bytes_recursive, "8:0 Read
 * 1", and tells no pressure. */
#include "kernel/observe/cgroup_use.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

uint64_t cgroup_value(struct reading *r, int fd, const char *file, const char *key)
{
	const char *at = r->scratch;
	char *end;
	uint64_t value;

	if (reading_file(r, fd, file) <= 0)
		return MODEL_UNKNOWN;
	if (key) {
		size_t n = strlen(key);
		while (at && (strncmp(at, key, n) || at[n] != ' '))
			at = (at = strchr(at, '\n')) ? at + 1 : NULL;
		if (!at)
			return MODEL_UNKNOWN;
		at += n + 1;
	}
	if (!strncmp(at, "max", 3) || at[0] == '-') /* v1 writes -1 for "no quota" */
		return MODEL_NO_LIMIT;
	errno = 0;
	value = strtoull(at, &end, 10);
	return end == at || errno ? MODEL_UNKNOWN : value;
}

/* The sum of the numbers behind each `key`. What is no sum of bytes is cut off at the top. */
static uint64_t sum_behind(const char *text, const char *key)
{
	uint64_t sum = 0;
	size_t n = strlen(key);

	for (const char *at = text; (at = strstr(at, key)); at += n)
		if (__builtin_add_overflow(sum, strtoull(at + n, NULL, 10), &sum) ||
		        sum >= MODEL_UNKNOWN)
			return MODEL_UNKNOWN;
	return sum;
}

/* "some avg10=1.53 avg60=…": hundredths of a percent. */
static uint64_t pressure(struct reading *r, int fd, const char *file)
{
	const char *at;
	double value;

	if (reading_file(r, fd, file) <= 0 || !(at = strstr(r->scratch, "some avg10=")))
		return MODEL_UNKNOWN;
	value = strtod(at + strlen("some avg10="), NULL);
	return value >= 0 && value <= 100 ? (uint64_t)(value * 100 + 0.5) : MODEL_UNKNOWN;
}

void cgroup_use_v2(struct reading *r, struct model_cgroup *g, int fd, bool io)
{
	static const char *const files[PRESSURE_COUNT] = {
	        "cpu.pressure", "memory.pressure", "io.pressure"};

	/* Of a group that has done nothing yet the file is empty. */
	if (io && reading_file(r, fd, "io.stat") >= 0) {
		g->io_read = sum_behind(r->scratch, " rbytes=");
		g->io_written = sum_behind(r->scratch, " wbytes=");
	}
	for (int i = 0; i < PRESSURE_COUNT; i++)
		g->pressure[i] = pressure(r, fd, files[i]);
}

void cgroup_use_v1(struct reading *r, struct model_cgroup *g, int fd)
{
	if (reading_file(r, fd, "blkio.throttle.io_service_bytes_recursive") < 0 &&
	        reading_file(r, fd, "blkio.throttle.io_service_bytes") < 0)
		return;
	g->io_read = sum_behind(r->scratch, " Read ");
	g->io_written = sum_behind(r->scratch, " Write ");
}
