#include "kernel/oci/default_config.h"

#include "kernel/oci/bundle.h"

#include <unistd.h>

static json_t *capabilities(void)
{
	json_t *sets = json_object();
	static const char *const names[] = {"bounding", "effective", "permitted"};

	for (size_t i = 0; i < 3; i++)
		json_object_set_new(sets, names[i],
		        json_pack(
		                "[s,s,s]", "CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"));
	return sets;
}

static json_t *process(void)
{
	return json_pack("{s:b, s:{s:i, s:i}, s:[s], s:[s,s], s:s, s:o, s:[{s:s, s:i, s:i}], s:b}",
	        "terminal", 1, "user", "uid", 0, "gid", 0, "args", "sh", "env",
	        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm",
	        "cwd", "/", "capabilities", capabilities(), "rlimits", "type", "RLIMIT_NOFILE",
	        "hard", 1024, "soft", 1024, "noNewPrivileges", 1);
}

static json_t *mount(const char *destination, const char *type, const char *source, json_t *options)
{
	return json_pack("{s:s, s:s, s:s, s:o*}", "destination", destination, "type", type,
	        "source", source, "options", options);
}

static json_t *mounts(bool rootless)
{
	json_t *list = json_array();

	json_array_append_new(list,
	        mount("/proc", "proc", "proc", json_pack("[s,s,s]", "nosuid", "noexec", "nodev")));
	json_array_append_new(list, mount("/dev", "tmpfs", "tmpfs",
	                                    json_pack("[s,s,s,s]", "nosuid", "strictatime",
	                                            "mode=755", "size=65536k")));
	/* Group 5, tty, does not exist where only one id is mapped. */
	json_array_append_new(
	        list, mount("/dev/pts", "devpts", "devpts",
	                      json_pack("[s,s,s,s,s,s*]", "nosuid", "noexec", "newinstance",
	                              "ptmxmode=0666", "mode=0620", rootless ? NULL : "gid=5")));
	json_array_append_new(list, mount("/dev/shm", "tmpfs", "shm",
	                                    json_pack("[s,s,s,s,s]", "nosuid", "noexec", "nodev",
	                                            "mode=1777", "size=65536k")));
	json_array_append_new(list, mount("/dev/mqueue", "mqueue", "mqueue",
	                                    json_pack("[s,s,s]", "nosuid", "noexec", "nodev")));
	json_array_append_new(
	        list, mount("/sys", "sysfs", "sysfs",
	                      json_pack("[s,s,s,s]", "nosuid", "noexec", "nodev", "ro")));
	json_array_append_new(list,
	        mount("/sys/fs/cgroup", "cgroup", "cgroup",
	                json_pack("[s,s,s,s,s]", "nosuid", "noexec", "nodev", "relatime", "ro")));
	return list;
}

static json_t *namespaces(bool rootless)
{
	static const char *const types[] = {
	        "pid", "network", "ipc", "uts", "mount", "cgroup", "user"};
	json_t *list = json_array();

	for (size_t i = 0; i < (rootless ? 7 : 6); i++)
		json_array_append_new(list, json_pack("{s:s}", "type", types[i]));
	return list;
}

/* Of what speaks about the whole machine: the lists of config-linux.md. */
static void hide(json_t *linux_)
{
	json_object_set_new(linux_, "maskedPaths",
	        json_pack("[s,s,s,s,s,s,s,s,s,s]", "/proc/acpi", "/proc/asound", "/proc/kcore",
	                "/proc/keys", "/proc/latency_stats", "/proc/timer_list",
	                "/proc/timer_stats", "/proc/sched_debug", "/sys/firmware", "/proc/scsi"));
	json_object_set_new(linux_, "readonlyPaths",
	        json_pack("[s,s,s,s,s]", "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
	                "/proc/sysrq-trigger"));
}

static json_t *id_map(unsigned own)
{
	return json_pack(
	        "[{s:i, s:I, s:i}]", "containerID", 0, "hostID", (json_int_t)own, "size", 1);
}

json_t *default_config(bool rootless)
{
	json_t *linux_ = json_pack("{s:o}", "namespaces", namespaces(rootless));

	if (!linux_)
		return NULL;
	if (rootless) {
		json_object_set_new(linux_, "uidMappings", id_map(geteuid()));
		json_object_set_new(linux_, "gidMappings", id_map(getegid()));
	} else {
		json_object_set_new(linux_, "resources",
		        json_pack("{s:[{s:b, s:s}]}", "devices", "allow", 0, "access", "rwm"));
	}
	hide(linux_);
	return json_pack("{s:s, s:o, s:{s:s, s:b}, s:s, s:o, s:o}", "ociVersion",
	        BUNDLE_OCI_VERSION, "process", process(), "root", "path", "rootfs", "readonly", 1,
	        "hostname", "cutaway", "mounts", mounts(rootless), "linux", linux_);
}
