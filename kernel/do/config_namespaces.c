/* `linux.namespaces` and `linux.timeOffsets` of config.json: which namespaces are new, and which
 * are entered by their files. */
#include "kernel/do/config_read.h"
#include "kernel/do/namespace_kind.h"

#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

unsigned long config_joined(const struct config *c)
{
	unsigned long flags = 0;

	for (size_t i = 0; i < c->n_joined; i++)
		flags |= c->joined[i].flag;
	return flags;
}

static int read_namespace(struct config *c, const json_t *one, struct error *err)
{
	const struct namespace_kind *kind =
	        namespace_kind_of_type(json_string_value(json_object_get(one, "type")));
	const char *path = "";
	int r = config_text(c, one, "path", "linux.namespaces.path", "", &path, err);

	if (r < 0)
		return r;
	if (!kind)
		return config_bad(err, "linux.namespaces.type", "is no kind of namespace");
	if ((c->namespaces | config_joined(c)) & kind->flag)
		return config_bad(err, "linux.namespaces.type", "stands there twice");
	if (!path[0]) {
		c->namespaces |= kind->flag;
		return 0;
	}
	if (path[0] != '/')
		return config_bad(err, "linux.namespaces.path", "should be an absolute path");
	c->joined[c->n_joined++] = (struct namespace_path){.flag = kind->flag, .path = path};
	return 0;
}

/* A line for /proc/PID/timens_offsets, time_namespaces(7). */
static int read_offset(
        const json_t *offsets, const char *clock, char ret[static 64], struct error *err)
{
	const json_t *one = json_object_get(offsets, clock);
	char secs_member[64], nanosecs_member[64];
	int64_t secs = 0, nanosecs = 0;
	int r;

	ret[0] = '\0';
	if (!one)
		return 0;
	snprintf(secs_member, sizeof secs_member, "linux.timeOffsets.%s.secs", clock);
	snprintf(nanosecs_member, sizeof nanosecs_member, "linux.timeOffsets.%s.nanosecs", clock);
	r = config_number(one, "secs", secs_member, INT64_MIN, INT64_MAX, &secs, err);
	if (r == 0)
		r = config_number(one, "nanosecs", nanosecs_member, 0, 999999999, &nanosecs, err);
	if (r == 0)
		snprintf(ret, 64, "%s %" PRId64 " %" PRId64 "\n", clock, secs, nanosecs);
	return r;
}

int config_read_time_offsets(struct config *c, const json_t *offsets, struct error *err)
{
	char monotonic[64], boottime[64], text[128];
	const char *clock;
	json_t *value;
	int r;

	if (!json_object_size(offsets))
		return 0;
	if (!(c->namespaces & CLONE_NEWTIME))
		return config_bad(err, "linux.timeOffsets", "needs a new time namespace");
	json_object_foreach ((json_t *)offsets, clock, value)
		if (strcmp(clock, "monotonic") != 0 && strcmp(clock, "boottime") != 0)
			return config_bad(
			        err, "linux.timeOffsets", "is for monotonic and boottime only");
	r = read_offset(offsets, "monotonic", monotonic, err);
	if (r == 0)
		r = read_offset(offsets, "boottime", boottime, err);
	if (r < 0)
		return r;
	snprintf(text, sizeof text, "%s%s", monotonic, boottime);
	c->time_offsets = arena_strdup(&c->arena, text);
	return c->time_offsets ? 0 : config_no_memory(err);
}

int config_read_namespaces(struct config *c, const json_t *list, struct error *err)
{
	const json_t *one;
	size_t i, n;
	int r = config_room(c, list, "linux.namespaces", sizeof *c->joined, &c->joined, &n, err);

	json_array_foreach (list, i, one) {
		if (r < 0)
			return r;
		r = read_namespace(c, one, err);
	}
	if (r < 0)
		return r;
	/* A kind that is not in the list is inherited, config-linux.md: of mounts that means to be
	 * a guest where we are, as in any that others live in. config_room() keeps room for it. */
	if (!((c->namespaces | config_joined(c)) & CLONE_NEWNS))
		c->joined[c->n_joined++] =
		        (struct namespace_path){.flag = CLONE_NEWNS, .path = "/proc/self/ns/mnt"};
	return 0;
}
