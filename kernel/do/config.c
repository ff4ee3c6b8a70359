/* The top of config.json and its `process`. The other parts: config_mount.c, config_linux.c,
 * config_resources.c, config_hooks.c. */
#include "kernel/do/config.h"

#include "kernel/do/capability.h"
#include "kernel/do/config_read.h"
#include "kernel/do/config_types.h"
#include "kernel/do/rlimit.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static int read_user(struct config *c, const json_t *user, struct error *err)
{
	const json_t *groups = json_object_get(user, "additionalGids"), *one;
	int64_t mask = 022;
	gid_t *list = NULL;
	size_t i;
	int r = config_id(user, "uid", "process.user.uid", &c->uid, err);

	if (r == 0)
		r = config_id(user, "gid", "process.user.gid", &c->gid, err);
	if (r == 0)
		r = config_number(user, "umask", "process.user.umask", 0, 0777, &mask, err);
	if (r == 0)
		r = config_room(c, groups, "process.user.additionalGids", sizeof *list, &list,
		        &c->n_groups, err);
	if (r < 0)
		return r;
	c->umask = (mode_t)mask;
	json_array_foreach (groups, i, one) {
		json_int_t id = json_is_integer(one) ? json_integer_value(one) : -1;
		if (id < 0 || id >= (json_int_t)UINT32_MAX)
			return config_bad(err, "process.user.additionalGids",
			        "should be a list of numbers from 0 to 4294967294");
		list[i] = (gid_t)id;
	}
	c->groups = list;
	return 0;
}

/* config.md: one that the kernel does not know is a warning, and not an error. */
static int read_capability_set(struct config *c, const json_t *capabilities, const char *set,
        uint64_t *ret, struct error *err)
{
	const json_t *list = json_object_get(capabilities, set), *name;
	size_t i;

	if (list && !json_is_null(list) && !json_is_array(list))
		return config_bad(err, "process.capabilities", "should have lists of names");
	json_array_foreach (list, i, name) {
		const char *text = json_string_value(name);
		int number = capability_number(text);
		if (!text)
			return config_bad(
			        err, "process.capabilities", "should have lists of names");
		if (number >= 0 && number < capability_count())
			*ret |= UINT64_C(1) << number;
		else
			buf_addf(&c->warnings,
			        "process.capabilities.%s: %.64s: left out, since this kernel has "
			        "no such\n",
			        set, text);
	}
	return 0;
}

static int read_capabilities(struct config *c, const json_t *capabilities, struct error *err)
{
	struct capability_sets *sets = &c->capabilities;
	int r;

	c->has_capabilities = capabilities != NULL;
	r = read_capability_set(c, capabilities, "bounding", &sets->bounding, err);
	if (r == 0)
		r = read_capability_set(c, capabilities, "effective", &sets->effective, err);
	if (r == 0)
		r = read_capability_set(c, capabilities, "inheritable", &sets->inheritable, err);
	if (r == 0)
		r = read_capability_set(c, capabilities, "permitted", &sets->permitted, err);
	if (r == 0)
		r = read_capability_set(c, capabilities, "ambient", &sets->ambient, err);
	return r;
}

/* Numbers above INT64_MAX, as engines write for "no limit" (18446744073709551615), come out of the
 * reader as reals. */
static bool read_rlim(const json_t *value, uint64_t *ret)
{
	*ret = json_is_integer(value) ? (uint64_t)json_integer_value(value)
	                              : (uint64_t)RLIM_INFINITY;
	return json_is_integer(value) || json_real_value(value) >= 0x1p64;
}

static int read_rlimits(struct config *c, const json_t *list, struct error *err)
{
	static const char member[] = "process.rlimits";
	const json_t *one;
	size_t i;
	int r = config_room(c, list, member, sizeof *c->limits, &c->limits, &c->n_limits, err);

	if (r < 0)
		return r;
	json_array_foreach (list, i, one) {
		struct resource_limit *l = &c->limits[i];
		l->resource = rlimit_number(json_string_value(json_object_get(one, "type")));
		if (l->resource < 0)
			return config_bad(
			        err, "process.rlimits.type", "is no limit of this system");
		for (size_t k = 0; k < i; k++)
			if (c->limits[k].resource == l->resource)
				return config_bad(
				        err, "process.rlimits.type", "stands there twice");
		if (!read_rlim(json_object_get(one, "soft"), &l->soft) ||
		        !read_rlim(json_object_get(one, "hard"), &l->hard))
			return config_bad(err, member, "needs soft and hard, in numbers");
		if (l->soft > l->hard)
			return config_bad(err, member, "has a soft limit above the hard one");
	}
	return 0;
}

/* AppArmor's own word in front of the profile: what is to be at the next execve(2). */
static int read_labels(struct config *c, const json_t *process, struct error *err)
{
	const char *profile = "";
	char text[512];
	int r = config_text(
	        c, process, "apparmorProfile", "process.apparmorProfile", "", &profile, err);

	if (r == 0)
		r = config_text(
		        c, process, "selinuxLabel", "process.selinuxLabel", "", &c->selinux, err);
	if (r < 0)
		return r;
	if (snprintf(text, sizeof text, "exec %s", profile) >= (int)sizeof text)
		return config_bad(err, "process.apparmorProfile", "is too long");
	c->apparmor = arena_strdup(&c->arena, profile[0] ? text : "");
	return c->apparmor ? 0 : config_no_memory(err);
}

static int read_settings(struct config *c, const json_t *process, struct error *err)
{
	const json_t *size = json_object_get(process, "consoleSize");
	int64_t score = 0, width = 0, height = 0;
	int r = config_number(
	        process, "oomScoreAdj", "process.oomScoreAdj", -1000, 1000, &score, err);

	if (r == 0)
		r = config_number(
		        size, "width", "process.consoleSize.width", 0, 65535, &width, err);
	if (r == 0)
		r = config_number(
		        size, "height", "process.consoleSize.height", 0, 65535, &height, err);
	c->console_width = (unsigned)width;
	c->console_height = (unsigned)height;
	c->has_oom_score = json_object_get(process, "oomScoreAdj");
	c->oom_score_adj = (int)score;
	if (r == 0)
		r = read_labels(c, process, err);
	if (r == 0)
		r = config_read_scheduler(c, json_object_get(process, "scheduler"), err);
	if (r == 0)
		r = config_read_io_priority(c, json_object_get(process, "ioPriority"), err);
	if (r == 0)
		r = config_read_affinity(c, json_object_get(process, "execCPUAffinity"), err);
	return r;
}

int config_read_process(struct config *c, const json_t *process, struct error *err)
{
	size_t n_args = 0;
	int r;

	if (!json_is_object(process))
		return config_bad(err, "process", "is missing");
	c->terminal = json_is_true(json_object_get(process, "terminal"));
	c->no_new_privs = json_is_true(json_object_get(process, "noNewPrivileges"));
	r = config_texts(
	        c, json_object_get(process, "args"), "process.args", &c->args, &n_args, err);
	if (r == 0)
		r = config_texts(
		        c, json_object_get(process, "env"), "process.env", &c->env, &c->n_env, err);
	if (r == 0)
		r = config_text(c, process, "cwd", "process.cwd", "/", &c->cwd, err);
	if (r == 0)
		r = read_user(c, json_object_get(process, "user"), err);
	if (r == 0)
		r = read_capabilities(c, json_object_get(process, "capabilities"), err);
	if (r == 0)
		r = read_rlimits(c, json_object_get(process, "rlimits"), err);
	if (r == 0)
		r = read_settings(c, process, err);
	if (r < 0)
		return r;
	if (n_args == 0 || !c->args[0][0])
		return config_bad(err, "process.args", "names no program to run");
	if (c->cwd[0] != '/')
		return config_bad(err, "process.cwd", "should be an absolute path");
	return 0;
}

static int read_names(struct config *c, const json_t *json, struct error *err)
{
	int r = config_text(c, json, "hostname", "hostname", "", &c->hostname, err);

	if (r == 0)
		r = config_text(c, json, "domainname", "domainname", "", &c->domainname, err);
	if (r < 0)
		return r;
	if (strlen(c->hostname) > 64)
		return config_bad(err, "hostname", "is longer than the 64 bytes of sethostname(2)");
	if (strlen(c->domainname) > 64)
		return config_bad(
		        err, "domainname", "is longer than the 64 bytes of setdomainname(2)");
	return 0;
}

/* Annotations are the engine's: handed on in the state, never acted upon. */
static int read_annotations(struct config *c, const json_t *map, struct error *err)
{
	const char *key;
	json_t *value;

	c->annotations = map;
	c->keep_groups = json_object_get(map, "run.oci.keep_original_groups") != NULL;
	if (map && !json_is_object(map))
		return config_bad(err, "annotations", "should be an object of texts");
	json_object_foreach ((json_t *)map, key, value)
		if (!*key || !json_is_string(value))
			return config_bad(err, "annotations", "should be an object of texts");
	return 0;
}

static int read_all(struct config *c, const json_t *json, struct error *err)
{
	const json_t *root = json_object_get(json, "root");
	int r;

	if (!json_is_object(json))
		return config_bad(err, "", "should be a JSON object");
	r = config_read_process(c, json_object_get(json, "process"), err);
	if (r == 0)
		r = config_text(c, root, "path", "root.path", "", &c->root, err);
	c->root_readonly = json_is_true(json_object_get(root, "readonly"));
	if (r == 0)
		r = read_names(c, json, err);
	if (r == 0)
		r = read_annotations(c, json_object_get(json, "annotations"), err);
	if (r == 0)
		r = config_read_mounts(c, json_object_get(json, "mounts"), err);
	if (r == 0)
		r = config_read_linux(c, json_object_get(json, "linux"), err);
	if (r == 0)
		r = config_own_mappings(c, err);
	if (r == 0)
		r = config_read_hooks(c, json_object_get(json, "hooks"), err);
	if (r < 0)
		return r;
	if (c->domainname[0] && !((c->namespaces | config_joined(c)) & CLONE_NEWUTS))
		return config_bad(err, "domainname", "needs a uts namespace");
	return 0;
}

int config_parse(const json_t *json, struct config **ret, struct error *err)
{
	struct error own = {0};
	struct config *c = calloc(1, sizeof *c);
	int r;

	if (!c)
		return config_no_memory(err);
	r = config_check_types(json, err ? err : &own);
	if (r == 0)
		r = read_all(c, json, err ? err : &own);
	if (r < 0) {
		config_free(c);
		return r;
	}
	*ret = c;
	return 0;
}

void config_free(struct config *c)
{
	if (!c)
		return;
	json_decref(c->seccomp);
	buf_release(&c->warnings);
	arena_release(&c->arena);
	free(c);
}
