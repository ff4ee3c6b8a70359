/* `linux.devices` and `linux.resources.devices` of config.json: which device nodes there are, and
 * who may use what. */
#include "kernel/do/config_read.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/stat.h>

static int read_node(struct config *c, const json_t *one, struct device_node *d, struct error *err)
{
	const char *type = json_string_value(json_object_get(one, "type"));
	int64_t major = 0, minor = 0, mode = 0666;
	int r = config_text(c, one, "path", "linux.devices.path", "", &d->path, err);

	if (r == 0)
		r = config_number(one, "major", "linux.devices.major", 0, INT32_MAX, &major, err);
	if (r == 0)
		r = config_number(one, "minor", "linux.devices.minor", 0, INT32_MAX, &minor, err);
	if (r == 0)
		r = config_number(
		        one, "fileMode", "linux.devices.fileMode", 0, UINT32_MAX, &mode, err);
	if (r == 0)
		r = config_id(one, "uid", "linux.devices.uid", &d->uid, err);
	if (r == 0)
		r = config_id(one, "gid", "linux.devices.gid", &d->gid, err);
	if (r < 0)
		return r;
	if (d->path[0] != '/' || !strrchr(d->path, '/')[1])
		return config_bad(err, "linux.devices.path", "should be an absolute path");
	if (type && (!strcmp(type, "c") || !strcmp(type, "u")))
		d->mode = S_IFCHR;
	else if (type && !strcmp(type, "b"))
		d->mode = S_IFBLK;
	else if (type && !strcmp(type, "p"))
		d->mode = S_IFIFO;
	else
		return config_bad(err, "linux.devices.type", "should be c, b, u or p");
	/* Engines hand on the mode of a node they have looked at, with the bits of its type. */
	d->mode |= (mode_t)mode & ALLPERMS;
	d->major = (unsigned)major;
	d->minor = (unsigned)minor;
	return 0;
}

int config_read_devices(struct config *c, const json_t *list, struct error *err)
{
	int r = config_room(
	        c, list, "linux.devices", sizeof *c->devices, &c->devices, &c->n_devices, err);

	for (size_t i = 0; r == 0 && i < c->n_devices; i++)
		r = read_node(c, json_array_get(list, i), &c->devices[i], err);
	return r;
}

static int read_rule(const json_t *one, struct device_rule *rule, struct error *err)
{
	const char *type = json_string_value(json_object_get(one, "type"));
	const char *access = json_string_value(json_object_get(one, "access"));
	int64_t major = -1, minor = -1;
	int r = config_number(
	        one, "major", "linux.resources.devices.major", -1, INT32_MAX, &major, err);

	if (r == 0)
		r = config_number(
		        one, "minor", "linux.resources.devices.minor", -1, INT32_MAX, &minor, err);
	if (r < 0)
		return r;
	if (!json_is_boolean(json_object_get(one, "allow")))
		return config_bad(err, "linux.resources.devices.allow", "should be true or false");
	if (type && strlen(type) != 1)
		type = "?";
	if (type && *type && !strchr("abc", *type))
		return config_bad(err, "linux.resources.devices.type", "should be a, b or c");
	if (access && (strlen(access) > 3 || strspn(access, "rwm") != strlen(access)))
		return config_bad(err, "linux.resources.devices.access", "should be of r, w and m");
	*rule = (struct device_rule){
	        .allow = json_is_true(json_object_get(one, "allow")),
	        .type = type && *type ? *type : 'a',
	        .major = (int)major,
	        .minor = (int)minor,
	};
	strcpy(rule->access, access && *access ? access : "rwm");
	return 0;
}

/* What every container may use, config-linux.md "Default Devices"; without it a rule that denies
 * all would deny /dev/null. */
static const struct device_rule always[] = {
        {true, 'c', -1, -1, "m"},
        {true, 'b', -1, -1, "m"},
        {true, 'c', 1, 3, "rwm"},
        {true, 'c', 1, 5, "rwm"},
        {true, 'c', 1, 7, "rwm"},
        {true, 'c', 1, 8, "rwm"},
        {true, 'c', 1, 9, "rwm"},
        {true, 'c', 5, 0, "rwm"},
        {true, 'c', 5, 2, "rwm"},
        {true, 'c', 136, -1, "rwm"},
};
/* In front of them when nothing is said: root in there could make a node for a disk of the host's
 * and read it. In a user namespace it cannot. */
static const struct device_rule no_other = {false, 'a', -1, -1, "rwm"};
enum { N_ALWAYS = sizeof always / sizeof *always };

int config_read_device_rules(struct config *c, const json_t *list, struct error *err)
{
	size_t n = json_array_size(list);

	if (list && !json_is_null(list) && !json_is_array(list))
		return config_bad(err, "linux.resources.devices", "should be a list");
	if (n > CONFIG_LIST_MAX)
		return config_bad(err, "linux.resources.devices", "has too many entries");
	if (!n && (c->namespaces | config_joined(c)) & CLONE_NEWUSER)
		return 0;
	c->device_rules = arena_alloc(&c->arena, (n + 1 + N_ALWAYS) * sizeof *c->device_rules);
	if (!c->device_rules)
		return config_no_memory(err);
	if (!n) {
		c->devices_by_default = true;
		c->device_rules[n++] = no_other;
		list = NULL;
	}
	for (size_t i = 0; i < json_array_size(list); i++) {
		int r = read_rule(json_array_get(list, i), &c->device_rules[i], err);
		if (r < 0)
			return r;
	}
	memcpy(c->device_rules + n, always, sizeof always);
	c->n_device_rules = n + N_ALWAYS;
	return 0;
}
