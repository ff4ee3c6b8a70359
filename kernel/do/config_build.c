/* From options to an OCI configuration: the defaults of a container are all here. */
#include "kernel/base/cleanup.h"
#include "kernel/do/capability.h"
#include "kernel/do/options.h"
#include "kernel/do/seccomp.h"
#include "kernel/do/subid.h"
#include "kernel/do/users.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int no_memory(struct error *err)
{
	return error_set(err, ENOMEM, "make config.json", "", NULL);
}

int options_user(const char *text, uint32_t *ret_uid, uint32_t *ret_gid, struct error *err)
{
	unsigned long id[2] = {0, 0};
	const char *p = text;

	if (!strcmp(text, "root")) {
		*ret_uid = *ret_gid = 0;
		return 0;
	}
	for (int i = 0; i < 2; i++) {
		char *end;
		errno = 0;
		id[i] = strtoul(p, &end, 10);
		if (end == p || *p < '0' || *p > '9' || errno || id[i] >= UINT32_MAX ||
		        (*end && (*end != ':' || i == 1))) {
			error_set(err, EINVAL, "read user", text, "it is not UID[:GID] in numbers");
			error_advise(err, "names are not looked up here: write numbers, as in "
			                  "--user 1000:1000");
			return -EINVAL;
		}
		if (!*end)
			break;
		p = end + 1;
	}
	*ret_uid = (uint32_t)id[0];
	*ret_gid = (uint32_t)id[1];
	return 0;
}

/* What the image says should run: its entry point, then our command or its own. */
static json_t *build_args(const struct container_options *o, const json_t *image)
{
	json_t *args = json_array(), *one;
	size_t i;

	json_array_foreach (json_object_get(image, "Entrypoint"), i, one)
		json_array_append(args, one);
	for (i = 0; i < o->n_command; i++)
		if (json_array_append_new(args, json_string(o->command[i])) < 0) {
			json_decref(args);
			return NULL;
		}
	if (!o->n_command)
		json_array_foreach (json_object_get(image, "Cmd"), i, one)
			json_array_append(args, one);
	return args;
}

void options_set_env(json_t *list, const char *pair)
{
	size_t n = strcspn(pair, "=") + 1, i;
	json_t *one;

	json_array_foreach (list, i, one)
		if (!strncmp(json_string_value(one), pair, n)) {
			json_array_set_new(list, i, json_string(pair));
			return;
		}
	json_array_append_new(list, json_string(pair));
}

static json_t *build_env(const struct container_options *o, const json_t *image,
        const struct users *user, const char *hostname)
{
	json_t *list = json_array(), *one;
	auto_free char *host = NULL, *home = NULL;
	size_t i;

	options_set_env(list, "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
	if (asprintf(&home, "HOME=%s", users_home(user)) >= 0)
		options_set_env(list, home);
	if (o->terminal)
		options_set_env(list, "TERM=xterm-256color");
	if (asprintf(&host, "HOSTNAME=%s", hostname) >= 0)
		options_set_env(list, host);
	json_array_foreach (json_object_get(image, "Env"), i, one)
		if (json_string_value(one) && strchr(json_string_value(one), '='))
			options_set_env(list, json_string_value(one));
	for (i = 0; i < o->n_env; i++)
		options_set_env(list, o->env[i]);
	return list;
}

static json_t *capability_list(uint64_t set)
{
	json_t *list = json_array();

	for (int i = 0; i < 64; i++)
		if (set & UINT64_C(1) << i) {
			auto_buf name = BUF_INIT;
			capability_name(i, &name);
			json_array_append_new(list, json_string(buf_text(&name)));
		}
	return list;
}

/* Root has them in effect. Another user only may win them back through a set-user-ID program. */
static json_t *build_capabilities(uint64_t kept, uint32_t uid)
{
	uint64_t active = uid == 0 ? kept : 0;

	return json_pack("{s:o, s:o, s:o, s:[], s:[]}", "bounding", capability_list(kept),
	        "effective", capability_list(active), "permitted", capability_list(active),
	        "inheritable", "ambient");
}

static json_t *build_mounts(const struct container_options *o, const struct idmap_choice *ids)
{
	json_t *list = json_array();
	/* Terminals belong to group 5, tty, where there is such a group. */
	bool tty_group = o->userns_host || ids->range;

	json_array_append_new(
	        list, json_pack("{s:s, s:s, s:s, s:[s,s,s]}", "destination", "/proc", "type",
	                      "proc", "source", "proc", "options", "nosuid", "noexec", "nodev"));
	json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:[s,s,s,s]}", "destination", "/dev",
	                                    "type", "tmpfs", "source", "tmpfs", "options", "nosuid",
	                                    "strictatime", "mode=755", "size=65536k"));
	json_array_append_new(list,
	        json_pack("{s:s, s:s, s:s, s:[s,s,s,s,s,s*]}", "destination", "/dev/pts", "type",
	                "devpts", "source", "devpts", "options", "nosuid", "noexec", "newinstance",
	                "ptmxmode=0666", "mode=0620", tty_group ? "gid=5" : NULL));
	json_array_append_new(
	        list, json_pack("{s:s, s:s, s:s, s:[s,s,s,s,s]}", "destination", "/dev/shm", "type",
	                      "tmpfs", "source", "shm", "options", "nosuid", "noexec", "nodev",
	                      "mode=1777", "size=65536k"));
	/* A new /sys is for the owner of the network namespace; with the host's, see the host's. */
	json_array_append_new(
	        list, json_pack("{s:s, s:s, s:s, s:[s,s,s,s]}", "destination", "/sys", "type",
	                      o->network_host ? "none" : "sysfs", "source",
	                      o->network_host ? "/sys" : "sysfs", "options",
	                      o->network_host ? "rbind" : "nosuid", "noexec", "nodev", "ro"));
	for (size_t i = 0; i < o->n_volumes; i++)
		json_array_append_new(
		        list, json_pack("{s:s, s:s, s:s, s:[s,s,s,s*,s*]}", "destination",
		                      o->volumes[i].destination, "type", "bind", "source",
		                      o->volumes[i].source, "options", "rbind", "nosuid", "nodev",
		                      o->volumes[i].read_only ? "ro" : NULL,
		                      o->volumes[i].idmap ? "idmap" : NULL));
	return list;
}

static const char *shared_path(const struct share *s, const char *type)
{
	for (size_t i = 0; s && i < s->n; i++)
		if (!strcmp(type, s->entered[i].type))
			return s->entered[i].path;
	return NULL;
}

static json_t *build_namespaces(const struct container_options *o)
{
	static const char *const all[] = {
	        "user", "pid", "mount", "uts", "ipc", "network", "cgroup"};
	json_t *list = json_array();

	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		const char *path = shared_path(o->share, all[i]);
		if (!(o->userns_host && !strcmp(all[i], "user")) &&
		        !(o->network_host && !strcmp(all[i], "network")))
			json_array_append_new(
			        list, json_pack("{s:s, s:s*}", "type", all[i], "path", path));
	}
	return list;
}

static json_t *build_id_map(const struct idmap_choice *ids, uint32_t own, uint32_t first)
{
	if (ids->subordinate)
		return json_pack("[{s:i, s:I, s:i}, {s:i, s:I, s:i}]", "containerID", 0, "hostID",
		        (json_int_t)own, "size", 1, "containerID", 1, "hostID", (json_int_t)first,
		        "size", SUBID_COUNT);
	return json_pack("[{s:i, s:I, s:i}]", "containerID", 0, "hostID",
	        (json_int_t)(ids->range ? ids->offset : own), "size", ids->range ? IDMAP_COUNT : 1);
}

/* The lists of the OCI specification's example, config-linux.md, which all engines use. */
static int add_paths(json_t *linux_)
{
	json_t *masked = json_pack("[s,s,s,s,s,s,s,s,s,s]", "/proc/acpi", "/proc/asound",
	        "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list",
	        "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware");
	json_t *readonly = json_pack("[s,s,s,s,s]", "/proc/bus", "/proc/fs", "/proc/irq",
	        "/proc/sys", "/proc/sysrq-trigger");

	return json_object_set_new(linux_, "maskedPaths", masked) |
	       json_object_set_new(linux_, "readonlyPaths", readonly);
}

static json_t *build_linux(
        const struct container_options *o, const struct idmap_choice *ids, uint64_t kept)
{
	json_t *linux_ = json_pack("{s:o, s:{}}", "namespaces", build_namespaces(o), "resources");
	json_t *resources = json_object_get(linux_, "resources");
	auto_free char *group = NULL;

	if (!linux_ || asprintf(&group, "/%s/%s", o->group ? o->group : "cutaway", o->name) < 0 ||
	        add_paths(linux_)) {
		json_decref(linux_);
		return NULL;
	}
	json_object_set_new(linux_, "cgroupsPath", json_string(group));
	if (!o->userns_host &&
	        !(o->share && o->share->user)) { /* one that is entered has its maps */
		json_object_set_new(
		        linux_, "uidMappings", build_id_map(ids, geteuid(), ids->uid_first));
		json_object_set_new(
		        linux_, "gidMappings", build_id_map(ids, getegid(), ids->gid_first));
	}
	if (o->memory_max)
		json_object_set_new(resources, "memory",
		        json_pack("{s:I}", "limit", (json_int_t)o->memory_max));
	if (o->pids_max)
		json_object_set_new(
		        resources, "pids", json_pack("{s:I}", "limit", (json_int_t)o->pids_max));
	if (o->cpu_quota_us)
		json_object_set_new(resources, "cpu",
		        json_pack("{s:I, s:I}", "quota", (json_int_t)o->cpu_quota_us, "period",
		                (json_int_t)OPTIONS_CPU_PERIOD_US));
	if (!o->seccomp_unconfined)
		json_object_set_new(linux_, "seccomp", seccomp_default_profile(kept));
	return linux_;
}

/* Who the program runs as: what the command line says, else what the image does. */
static int find_user(const struct container_options *o, const json_t *image, struct users *ret,
        struct error *err)
{
	const char *user = o->user ? o->user : json_string_value(json_object_get(image, "User"));
	const struct users_layers layers = {.layers = o->layers, .n = o->n_layers};

	return users_find(user && *user ? user : "root", users_open_layers, &layers, ret, err);
}

static int no_program(const struct container_options *o, struct error *err)
{
	error_set(err, EINVAL, "make config.json", o->image, "the image names no program to run");
	error_advise(err, "say what should run: cutaway run %s COMMAND", o->image);
	return -EINVAL;
}

/* How the image wants to be asked to end (OCI image specification 1.1, conversion.md). */
static void add_stop_signal(json_t *config, const json_t *image)
{
	const char *signal = json_string_value(json_object_get(image, "StopSignal"));

	if (signal && *signal)
		json_object_set_new(
		        config, "annotations", json_pack("{s:s}", OPTIONS_STOP_SIGNAL, signal));
}

static int build(const struct container_options *o, const json_t *image,
        const struct idmap_choice *ids, const char *root, json_t **ret, struct error *err)
{
	/* A shared name is set already. */
	bool own_name = !o->share_with[SHARE_UTS];
	const char *hostname = !own_name ? o->share->hostname : o->hostname ? o->hostname : o->name;
	const char *cwd = json_string_value(json_object_get(image, "WorkingDir"));
	uint64_t kept = (capability_default() | o->cap_add) & ~o->cap_drop;
	struct users user = {0};
	json_t *args, *config;

	if (find_user(o, image, &user, err) < 0)
		return -EINVAL;
	args = build_args(o, image);
	if (!args)
		return error_set(err, EILSEQ, "make config.json", "process.args",
		        "an argument is not UTF-8, and JSON can hold nothing else");
	if (!json_array_size(args)) {
		json_decref(args);
		return no_program(o, err);
	}
	if (o->workdir)
		cwd = o->workdir;
	config = json_pack("{s:s, s:{s:b, s:o, s:o, s:o, s:s, s:o, s:b}, s:{s:s, s:b}, s:s, s:o, "
	                   "s:o}",
	        "ociVersion", "1.0.2", "process", "terminal", o->terminal, "user",
	        users_json(&user), "args", args, "env", build_env(o, image, &user, hostname), "cwd",
	        cwd && *cwd ? cwd : "/", "capabilities", build_capabilities(kept, user.uid),
	        "noNewPrivileges", !o->allow_new_privileges, "root", "path", root, "readonly", 0,
	        "hostname", own_name ? hostname : "", "mounts", build_mounts(o, ids), "linux",
	        build_linux(o, ids, kept));
	if (!config)
		return no_memory(err);
	add_stop_signal(config, image);
	*ret = config;
	return 0;
}

int config_build(const struct container_options *o, const char *image_config,
        const struct idmap_choice *ids, const char *root, json_t **ret, struct error *err)
{
	json_error_t problem;
	json_t *image =
	        json_loads(image_config && *image_config ? image_config : "{}", 0, &problem);
	int r;

	if (!image)
		return error_set(err, EINVAL, "read image configuration", o->image, "line %d: %s",
		        problem.line, problem.text);
	r = build(o, json_object_get(image, "config"), ids, root, ret, err);
	if (r == 0 && o->seccomp_profile)
		json_object_set_new(json_object_get(*ret, "linux"), "seccomp",
		        json_deep_copy(o->seccomp_profile));
	json_decref(image);
	return r;
}
