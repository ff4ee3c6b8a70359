/* `linux` of config.json: namespaces, who is who, what is hidden, settings of the kernel. */
#include "kernel/do/config_read.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/personality.h>

static int read_id_maps(struct config *c, const json_t *linux_, struct error *err)
{
	int r = config_id_map(c, json_object_get(linux_, "uidMappings"), "linux.uidMappings",
	        &c->uid_map, &c->n_uid_map, err);

	if (r == 0)
		r = config_id_map(c, json_object_get(linux_, "gidMappings"), "linux.gidMappings",
		        &c->gid_map, &c->n_gid_map, err);
	if (r < 0)
		return r;
	/* One that is entered has its maps already, and engines write some to please others. */
	if (config_joined(c) & CLONE_NEWUSER)
		c->n_uid_map = c->n_gid_map = 0;
	if ((c->namespaces & CLONE_NEWUSER) && (!c->n_uid_map || !c->n_gid_map))
		return config_bad(err, "linux.uidMappings",
		        "a user namespace needs uidMappings and gidMappings");
	if (!(c->namespaces & CLONE_NEWUSER) && (c->n_uid_map || c->n_gid_map))
		return config_bad(err, "linux.uidMappings", "needs a new user namespace");
	return 0;
}

/* Only what belongs to a namespace of the container may be set: all else is the host's. */
static bool sysctl_is_own(const struct config *c, const char *key)
{
	static const struct {
		const char *prefix;
		unsigned long flag;
	} owned[] = {
	        {"net.", CLONE_NEWNET},
	        {"kernel.msgmax", CLONE_NEWIPC},
	        {"kernel.msgmnb", CLONE_NEWIPC},
	        {"kernel.msgmni", CLONE_NEWIPC},
	        {"kernel.sem", CLONE_NEWIPC},
	        {"kernel.shm", CLONE_NEWIPC},
	        {"fs.mqueue.", CLONE_NEWIPC},
	        {"kernel.domainname", CLONE_NEWUTS},
	};
	unsigned long its = c->namespaces | config_joined(c);

	for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
		if (!strncmp(key, owned[i].prefix, strlen(owned[i].prefix)))
			return its & owned[i].flag;
	return false;
}

/* "net.ipv4.ip_forward" as the path below /proc/sys. Slashes may stand for the dots, as in
 * sysctl(8): the name of a link may have a dot in it. */
static const char *sysctl_path(struct config *c, const char *key)
{
	char *path = arena_strdup(&c->arena, key);
	bool slashes = strcspn(key, "/") < strcspn(key, ".");

	for (char *p = path; p && !slashes && *p; p++)
		if (*p == '.')
			*p = '/';
	return path;
}

static int read_sysctl(struct config *c, const json_t *map, struct error *err)
{
	size_t n = json_object_size(map);
	const char *key;
	json_t *value;

	c->sysctl = arena_alloc(&c->arena, (n + 1) * sizeof *c->sysctl);
	if (!c->sysctl)
		return config_no_memory(err);
	json_object_foreach ((json_t *)map, key, value) {
		struct key_value *kv = &c->sysctl[c->n_sysctl++];
		char dotted[256];
		snprintf(dotted, sizeof dotted, "%s", key);
		for (char *p = dotted; *p; p++)
			if (*p == '/')
				*p = '.';
		if (!json_is_string(value) || strlen(key) > 200 || strstr(key, ".."))
			return config_bad(err, "linux.sysctl", "should be an object of texts");
		if (!sysctl_is_own(c, dotted)) {
			error_set(err, EINVAL, "read config.json", "linux.sysctl",
			        "%s does not belong to a namespace of this container: it would "
			        "change the host",
			        key);
			return -EINVAL;
		}
		kv->key = sysctl_path(c, key);
		kv->value = arena_strdup(&c->arena, json_string_value(value));
		if (!kv->key || !kv->value)
			return config_no_memory(err);
	}
	return 0;
}

static int read_personality(struct config *c, const json_t *object, struct error *err)
{
	const char *domain = json_string_value(json_object_get(object, "domain"));

	c->personality = CONFIG_NO_PERSONALITY;
	if (!object)
		return 0;
	if (json_array_size(json_object_get(object, "flags")))
		return config_refuse(err, "linux.personality.flags", "are not supported");
	if (domain && !strcmp(domain, "LINUX"))
		c->personality = PER_LINUX;
	else if (domain && !strcmp(domain, "LINUX32"))
		c->personality = PER_LINUX32;
	else
		return config_bad(err, "linux.personality.domain", "should be LINUX or LINUX32");
	return 0;
}

static int read_propagation(struct config *c, const json_t *value, struct error *err)
{
	const char *text = json_string_value(value);

	if (!value || (text && !*text))
		return 0;
	if (text && !strcmp(text, "private"))
		c->root_propagation = MS_PRIVATE;
	else if (text && !strcmp(text, "rprivate"))
		c->root_propagation = MS_PRIVATE | MS_REC;
	else if (text && !strcmp(text, "slave"))
		c->root_propagation = MS_SLAVE;
	else if (text && !strcmp(text, "rslave"))
		c->root_propagation = MS_SLAVE | MS_REC;
	else if (text && !strcmp(text, "unbindable"))
		c->root_propagation = MS_UNBINDABLE;
	else if (text && !strcmp(text, "runbindable"))
		c->root_propagation = MS_UNBINDABLE | MS_REC;
	else if (text && !strcmp(text, "shared"))
		c->root_propagation = MS_SHARED;
	else if (text && !strcmp(text, "rshared"))
		c->root_propagation = MS_SHARED | MS_REC;
	else
		return config_bad(err, "linux.rootfsPropagation", "is no propagation type");
	return 0;
}

static int read_refused(const json_t *linux_, struct error *err)
{
	static const char *const names[][2] = {
	        {"intelRdt", "linux.intelRdt"},
	};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const json_t *value = json_object_get(linux_, names[i][0]);
		const char *text = json_string_value(value);
		if (value && !json_is_null(value) && !(text && !*text) &&
		        !(json_is_object(value) && !json_object_size(value)))
			return config_refuse(err, names[i][1], "is not supported");
	}
	return 0;
}

static int read_hidden(struct config *c, const json_t *linux_, struct error *err)
{
	int r = config_texts(c, json_object_get(linux_, "maskedPaths"), "linux.maskedPaths",
	        (char ***)&c->masked, &c->n_masked, err);

	if (r == 0)
		r = config_texts(c, json_object_get(linux_, "readonlyPaths"), "linux.readonlyPaths",
		        (char ***)&c->readonly, &c->n_readonly, err);
	for (size_t i = 0; r == 0 && i < c->n_masked; i++)
		if (c->masked[i][0] != '/')
			r = config_bad(err, "linux.maskedPaths", "should be absolute paths");
	for (size_t i = 0; r == 0 && i < c->n_readonly; i++)
		if (c->readonly[i][0] != '/')
			r = config_bad(err, "linux.readonlyPaths", "should be absolute paths");
	return r;
}

static int read_cgroups_path(struct config *c, const json_t *linux_, struct error *err)
{
	int r = config_text(
	        c, linux_, "cgroupsPath", "linux.cgroupsPath", "", &c->cgroups_path, err);
	const char *p = c->cgroups_path;

	for (; r == 0 && *p; p += strspn(p, "/")) {
		size_t n = strcspn(p, "/");
		if (n == 2 && !strncmp(p, "..", 2))
			return config_bad(err, "linux.cgroupsPath", "should not contain \"..\"");
		p += n;
	}
	return r;
}

int config_read_linux(struct config *c, const json_t *linux_, struct error *err)
{
	json_t *seccomp = json_object_get(linux_, "seccomp");
	int r = config_read_namespaces(c, json_object_get(linux_, "namespaces"), err);

	if (r == 0)
		r = config_read_time_offsets(c, json_object_get(linux_, "timeOffsets"), err);
	if (r == 0)
		r = read_id_maps(c, linux_, err);
	if (r == 0)
		r = read_hidden(c, linux_, err);
	if (r == 0)
		r = read_cgroups_path(c, linux_, err);
	if (r == 0)
		r = config_read_resources(c, json_object_get(linux_, "resources"), err);
	if (r == 0)
		r = config_read_devices(c, json_object_get(linux_, "devices"), err);
	if (r == 0)
		r = read_sysctl(c, json_object_get(linux_, "sysctl"), err);
	if (r == 0)
		r = read_personality(c, json_object_get(linux_, "personality"), err);
	if (r == 0)
		r = read_propagation(c, json_object_get(linux_, "rootfsPropagation"), err);
	if (r == 0)
		r = config_text(
		        c, linux_, "mountLabel", "linux.mountLabel", "", &c->mount_label, err);
	if (r == 0)
		r = read_refused(linux_, err);
	if (r == 0)
		c->seccomp = seccomp ? json_incref(seccomp) : NULL;
	return r;
}
