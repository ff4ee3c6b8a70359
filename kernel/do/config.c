#include "kernel/do/config.h"

#include "kernel/base/cleanup.h"
#include "kernel/do/capability.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

/* No list of a configuration may be longer than this, nor a text: a bound, not a wish. */
enum { LIST_MAX = 4096, TEXT_MAX = 128 * 1024 };

static int bad(struct error *err, const char *member, const char *problem)
{
	error_set(err, EINVAL, "read config.json", member, "%s", problem);
	error_advise(err, "see the OCI runtime specification, config.md");
	return -EINVAL;
}

static int no_memory(struct error *err)
{
	return error_set(err, ENOMEM, "read config.json", "", NULL);
}

/* A text member: `fallback` when it is not there. */
static int get_text(struct config *c, const json_t *object, const char *key, const char *member,
        const char *fallback, const char **ret, struct error *err)
{
	const json_t *value = json_object_get(object, key);
	const char *text = fallback;

	if (value) {
		text = json_string_value(value);
		if (!text)
			return bad(err, member, "should be a text");
		if (json_string_length(value) > TEXT_MAX)
			return bad(err, member, "is too long");
		if (strlen(text) != json_string_length(value))
			return bad(err, member, "contains a NUL byte");
	}
	*ret = arena_strdup(&c->arena, text);
	return *ret ? 0 : no_memory(err);
}

/* A list of texts, ended by NULL. A missing one is empty. */
static int get_texts(struct config *c, const json_t *list, const char *member, char ***ret,
        size_t *ret_n, struct error *err)
{
	size_t n = json_array_size(list);
	char **texts;

	if (list && !json_is_array(list))
		return bad(err, member, "should be a list of texts");
	if (n > LIST_MAX)
		return bad(err, member, "has too many entries");
	texts = arena_alloc(&c->arena, (n + 1) * sizeof *texts);
	if (!texts)
		return no_memory(err);
	for (size_t i = 0; i < n; i++) {
		const char *text = json_string_value(json_array_get(list, i));
		if (!text || strlen(text) > TEXT_MAX)
			return bad(err, member, "should be a list of texts");
		texts[i] = arena_strdup(&c->arena, text);
		if (!texts[i])
			return no_memory(err);
	}
	*ret = texts;
	if (ret_n)
		*ret_n = n;
	return 0;
}

static int get_id(
        const json_t *object, const char *key, const char *member, uint32_t *ret, struct error *err)
{
	const json_t *value = json_object_get(object, key);

	if (!value)
		return 0;
	/* (uid_t)-1 means "no change" to the kernel, so it is no user. */
	if (!json_is_integer(value) || json_integer_value(value) < 0 ||
	        json_integer_value(value) >= (json_int_t)UINT32_MAX)
		return bad(err, member, "should be a number from 0 to 4294967294");
	*ret = (uint32_t)json_integer_value(value);
	return 0;
}

static int read_user(struct config *c, const json_t *user, struct error *err)
{
	const json_t *groups = json_object_get(user, "additionalGids");
	size_t n = json_array_size(groups);
	gid_t *list;
	int r = get_id(user, "uid", "process.user.uid", &c->uid, err);

	if (r == 0)
		r = get_id(user, "gid", "process.user.gid", &c->gid, err);
	if (r < 0)
		return r;
	if (n > LIST_MAX)
		return bad(err, "process.user.additionalGids", "has too many entries");
	list = arena_alloc(&c->arena, (n + 1) * sizeof *list);
	if (!list)
		return no_memory(err);
	for (size_t i = 0; i < n; i++)
		list[i] = (gid_t)json_integer_value(json_array_get(groups, i));
	c->groups = list;
	c->n_groups = n;
	return 0;
}

static int read_capability_set(
        const json_t *capabilities, const char *set, uint64_t *ret, struct error *err)
{
	const json_t *list = json_object_get(capabilities, set), *name;
	size_t i;

	json_array_foreach (list, i, name) {
		int number = capability_number(json_string_value(name));
		if (number < 0) {
			error_set(err, EINVAL, "read config.json", json_string_value(name),
			        "no such capability (process.capabilities.%s)", set);
			return -EINVAL;
		}
		*ret |= UINT64_C(1) << number;
	}
	return 0;
}

static int read_capabilities(struct config *c, const json_t *capabilities, struct error *err)
{
	struct capability_sets *sets = &c->capabilities;
	int r;

	c->has_capabilities = capabilities != NULL;
	r = read_capability_set(capabilities, "bounding", &sets->bounding, err);
	if (r == 0)
		r = read_capability_set(capabilities, "effective", &sets->effective, err);
	if (r == 0)
		r = read_capability_set(capabilities, "inheritable", &sets->inheritable, err);
	if (r == 0)
		r = read_capability_set(capabilities, "permitted", &sets->permitted, err);
	if (r == 0)
		r = read_capability_set(capabilities, "ambient", &sets->ambient, err);
	return r;
}

static int read_process(struct config *c, const json_t *process, struct error *err)
{
	size_t n_args = 0;
	int r;

	if (!json_is_object(process))
		return bad(err, "process", "is missing");
	c->terminal = json_is_true(json_object_get(process, "terminal"));
	c->no_new_privs = json_is_true(json_object_get(process, "noNewPrivileges"));
	r = get_texts(c, json_object_get(process, "args"), "process.args", &c->args, &n_args, err);
	if (r == 0)
		r = get_texts(
		        c, json_object_get(process, "env"), "process.env", &c->env, NULL, err);
	if (r == 0)
		r = get_text(c, process, "cwd", "process.cwd", "/", &c->cwd, err);
	if (r == 0)
		r = read_user(c, json_object_get(process, "user"), err);
	if (r == 0)
		r = read_capabilities(c, json_object_get(process, "capabilities"), err);
	if (r < 0)
		return r;
	if (n_args == 0 || !c->args[0][0])
		return bad(err, "process.args", "names no program to run");
	if (c->cwd[0] != '/')
		return bad(err, "process.cwd", "should be an absolute path");
	return 0;
}

/* The option words of mounts in config.json, mount(8), that are flags of mount(2). */
static const struct {
	const char *word;
	unsigned long flag;
} mount_words[] = {
        {"ro", MS_RDONLY},
        {"nosuid", MS_NOSUID},
        {"nodev", MS_NODEV},
        {"noexec", MS_NOEXEC},
        {"relatime", MS_RELATIME},
        {"noatime", MS_NOATIME},
        {"strictatime", MS_STRICTATIME},
        {"bind", MS_BIND},
        {"rbind", MS_BIND | MS_REC},
        {"rw", 0},
        {"private", 0},
        {"rprivate", 0},
};

static int read_mount_options(
        struct config *c, const json_t *options, struct mount_spec *m, struct error *err)
{
	auto_buf data = BUF_INIT;
	const json_t *option;
	size_t i;

	json_array_foreach (options, i, option) {
		const char *word = json_string_value(option);
		size_t k = 0;
		if (!word)
			continue;
		while (k < sizeof mount_words / sizeof *mount_words &&
		        strcmp(word, mount_words[k].word) != 0)
			k++;
		if (k < sizeof mount_words / sizeof *mount_words)
			m->flags |= mount_words[k].flag;
		else
			buf_addf(&data, "%s%s", data.len ? "," : "", word);
	}
	m->data = arena_strdup(&c->arena, buf_text(&data));
	if (data.len >= 4096) /* mount(2) takes one page */
		return bad(err, "mounts.options", "is too long");
	return m->data && !buf_failed(&data) ? 0 : no_memory(err);
}

static int read_mounts(struct config *c, const json_t *list, struct error *err)
{
	size_t n = json_array_size(list);

	if (n > LIST_MAX)
		return bad(err, "mounts", "has too many entries");
	c->mounts = arena_alloc(&c->arena, (n + 1) * sizeof *c->mounts);
	if (!c->mounts)
		return no_memory(err);
	for (size_t i = 0; i < n; i++) {
		const json_t *one = json_array_get(list, i);
		struct mount_spec *m = &c->mounts[c->n_mounts++];
		int r = get_text(
		        c, one, "destination", "mounts.destination", "", &m->destination, err);
		if (r == 0)
			r = get_text(c, one, "type", "mounts.type", "none", &m->type, err);
		if (r == 0)
			r = get_text(c, one, "source", "mounts.source", m->type, &m->source, err);
		if (r == 0)
			r = read_mount_options(c, json_object_get(one, "options"), m, err);
		if (r < 0)
			return r;
		if (m->destination[0] != '/')
			return bad(err, "mounts.destination", "should be an absolute path");
	}
	return 0;
}

static const struct {
	const char *type;
	unsigned long flag;
} namespace_types[] = {
        {"user", CLONE_NEWUSER},
        {"pid", CLONE_NEWPID},
        {"mount", CLONE_NEWNS},
        {"uts", CLONE_NEWUTS},
        {"ipc", CLONE_NEWIPC},
        {"network", CLONE_NEWNET},
        {"cgroup", CLONE_NEWCGROUP},
};

static int read_namespaces(struct config *c, const json_t *list, struct error *err)
{
	const json_t *one;
	size_t i;

	json_array_foreach (list, i, one) {
		const char *type = json_string_value(json_object_get(one, "type"));
		size_t k = 0, n = sizeof namespace_types / sizeof *namespace_types;
		while (type && k < n && strcmp(type, namespace_types[k].type) != 0)
			k++;
		if (!type || k == n)
			return bad(err, "linux.namespaces.type", "is no namespace of this program");
		if (json_object_get(one, "path"))
			return bad(err, "linux.namespaces.path",
			        "joining a namespace that exists is not supported");
		c->namespaces |= namespace_types[k].flag;
	}
	if (!(c->namespaces & CLONE_NEWNS) || !(c->namespaces & CLONE_NEWPID))
		return bad(err, "linux.namespaces", "needs at least mount and pid");
	return 0;
}

static int read_id_map(struct config *c, const json_t *list, const char *member,
        struct id_map **ret, size_t *ret_n, struct error *err)
{
	size_t n = json_array_size(list);
	struct id_map *map;

	/* user_namespaces(7): at most 340 lines. */
	if (n > 340)
		return bad(err, member, "has more than 340 entries");
	map = arena_alloc(&c->arena, (n + 1) * sizeof *map);
	if (!map)
		return no_memory(err);
	for (size_t i = 0; i < n; i++) {
		const json_t *one = json_array_get(list, i);
		int r = get_id(one, "containerID", member, &map[i].inside, err);
		if (r == 0)
			r = get_id(one, "hostID", member, &map[i].outside, err);
		if (r == 0)
			r = get_id(one, "size", member, &map[i].count, err);
		if (r < 0)
			return r;
		if (map[i].count == 0)
			return bad(err, member, "has a range of size 0");
	}
	*ret = map;
	*ret_n = n;
	return 0;
}

static int read_limit(
        const json_t *object, const char *key, const char *member, uint64_t *ret, struct error *err)
{
	const json_t *value = json_object_get(object, key);

	*ret = CONFIG_UNLIMITED;
	if (!value || (json_is_integer(value) && json_integer_value(value) == -1))
		return 0;
	if (!json_is_integer(value) || json_integer_value(value) <= 0)
		return bad(err, member, "should be a positive number, or -1 for no limit");
	*ret = (uint64_t)json_integer_value(value);
	return 0;
}

/* Without a period the kernel's own, 100 ms. */
static int read_cpu(struct config *c, const json_t *cpu, struct error *err)
{
	int r = read_limit(cpu, "quota", "linux.resources.cpu.quota", &c->cpu_quota_us, err);

	if (r == 0)
		r = read_limit(cpu, "period", "linux.resources.cpu.period", &c->cpu_period_us, err);
	if (c->cpu_period_us == CONFIG_UNLIMITED)
		c->cpu_period_us = 100000;
	return r;
}

static int read_linux(struct config *c, const json_t *linux_, struct error *err)
{
	const json_t *resources = json_object_get(linux_, "resources");
	json_t *seccomp = json_object_get(linux_, "seccomp");
	int r = read_namespaces(c, json_object_get(linux_, "namespaces"), err);

	if (r == 0)
		r = read_id_map(c, json_object_get(linux_, "uidMappings"), "linux.uidMappings",
		        &c->uid_map, &c->n_uid_map, err);
	if (r == 0)
		r = read_id_map(c, json_object_get(linux_, "gidMappings"), "linux.gidMappings",
		        &c->gid_map, &c->n_gid_map, err);
	if (r == 0)
		r = get_texts(c, json_object_get(linux_, "maskedPaths"), "linux.maskedPaths",
		        (char ***)&c->masked, &c->n_masked, err);
	if (r == 0)
		r = get_texts(c, json_object_get(linux_, "readonlyPaths"), "linux.readonlyPaths",
		        (char ***)&c->readonly, &c->n_readonly, err);
	if (r == 0)
		r = get_text(
		        c, linux_, "cgroupsPath", "linux.cgroupsPath", "", &c->cgroups_path, err);
	if (r == 0)
		r = read_limit(json_object_get(resources, "memory"), "limit",
		        "linux.resources.memory.limit", &c->memory_max, err);
	if (r == 0)
		r = read_limit(json_object_get(resources, "pids"), "limit",
		        "linux.resources.pids.limit", &c->pids_max, err);
	if (r == 0)
		r = read_cpu(c, json_object_get(resources, "cpu"), err);
	if (r < 0)
		return r;
	if ((c->namespaces & CLONE_NEWUSER) && (!c->n_uid_map || !c->n_gid_map))
		return bad(err, "linux.uidMappings",
		        "a user namespace needs uidMappings and gidMappings");
	c->seccomp = seccomp ? json_incref(seccomp) : NULL;
	return 0;
}

static int read_all(struct config *c, const json_t *json, struct error *err)
{
	const json_t *root = json_object_get(json, "root");
	int r;

	if (!json_is_object(json))
		return bad(err, "", "should be a JSON object");
	r = read_process(c, json_object_get(json, "process"), err);
	if (r == 0)
		r = get_text(c, root, "path", "root.path", "", &c->root, err);
	if (r == 0 && json_is_true(json_object_get(root, "readonly")))
		r = bad(err, "root.readonly", "a read-only root is not supported");
	if (r == 0)
		r = get_text(c, json, "hostname", "hostname", "", &c->hostname, err);
	if (r == 0 && strlen(c->hostname) > 64)
		r = bad(err, "hostname", "is longer than the 64 bytes of sethostname(2)");
	if (r == 0)
		r = read_mounts(c, json_object_get(json, "mounts"), err);
	if (r == 0)
		r = read_linux(c, json_object_get(json, "linux"), err);
	return r;
}

int config_parse(const json_t *json, struct config **ret, struct error *err)
{
	struct error own = {0};
	struct config *c = calloc(1, sizeof *c);
	int r;

	if (!c)
		return no_memory(err);
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
	arena_release(&c->arena);
	free(c);
}
