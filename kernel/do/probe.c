#include "kernel/do/probe.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/do/cgroup/cgroup.h"
#include "kernel/do/cgroup/layout.h"
#include "kernel/do/idmap.h"
#include "kernel/do/probe_try.h"
#include "kernel/do/subid.h"
#include "kernel/store/busybox.h"
#include "kernel/watch/tap/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void blocked(struct probe *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void open_with(struct probe *p, const char *format, ...)
        __attribute__((format(printf, 2, 3)));

static void blocked(struct probe *p, const char *format, ...)
{
	va_list args;

	p->works = false;
	va_start(args, format);
	vsnprintf(p->blocked_by, sizeof p->blocked_by, format, args);
	va_end(args);
}

static void open_with(struct probe *p, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(p->how, sizeof p->how, format, args);
	va_end(args);
}

/* The number in a file of /proc/sys; -1 when there is no such file. */
static long knob(const char *path)
{
	auto_buf text = BUF_INIT;

	return file_read_at(AT_FDCWD, path, 64, &text) < 0 ? -1 : strtol(buf_text(&text), NULL, 10);
}

static void probe_root(struct probe *p)
{
	p->works = have_sys_admin();
	if (p->works)
		return;
	if (geteuid() == 0) {
		blocked(p, "uid 0 without CAP_SYS_ADMIN: this is a container");
		open_with(p, "start that container privileged, or use the host");
	} else {
		blocked(p, "you are uid %u", (unsigned)geteuid());
		open_with(p, "sudo cutaway");
	}
}

/* Why user namespaces are refused: the three knobs that distributions have, then the kernel. */
static void blame_user_namespaces(struct probe *p, int r)
{
	if (knob("/proc/sys/user/max_user_namespaces") == 0) {
		blocked(p, "/proc/sys/user/max_user_namespaces is 0");
		open_with(p, "sudo sysctl user.max_user_namespaces=15000");
	} else if (knob("/proc/sys/kernel/unprivileged_userns_clone") == 0 && geteuid() != 0) {
		blocked(p, "/proc/sys/kernel/unprivileged_userns_clone is 0");
		open_with(p, "sudo sysctl kernel.unprivileged_userns_clone=1");
	} else if (knob("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == 1) {
		blocked(p, "AppArmor: kernel.apparmor_restrict_unprivileged_userns is 1");
		open_with(p, "sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0");
	} else if (access("/proc/self/ns/user", F_OK) < 0) {
		blocked(p, "this kernel was built without them (CONFIG_USER_NS)");
	} else {
		blocked(p, "the kernel refuses: %s", strerror(-r));
		open_with(p, "inside a container, its seccomp filter or missing capabilities deny "
		             "it: use the host");
	}
}

static void probe_user_namespaces(struct probe *p)
{
	int r = try_user_namespace();

	p->works = r == 0;
	if (r < 0)
		blame_user_namespaces(p, r);
}

static void probe_overlay(struct probe *p)
{
	int r = try_overlay(false);

	p->works = r == 0;
	if (r == -ENODEV) {
		blocked(p, "the kernel module overlay is not there");
		open_with(p, "sudo modprobe overlay");
	} else if (r < 0 && !have_sys_admin()) {
		blocked(p, "only root may mount outside of a user namespace");
		open_with(p, "sudo cutaway; or see 'overlay in user namespaces'");
	} else if (r < 0) {
		blocked(p, "the kernel refuses: %s", strerror(-r));
	}
}

static void probe_overlay_in_userns(struct probe *p)
{
	int r = try_overlay(true), userns;

	p->works = r == 0;
	if (r == 0)
		return;
	userns = try_user_namespace();
	if (userns < 0) {
		blame_user_namespaces(p, userns);
	} else if (r == -ENODEV) {
		blocked(p, "the kernel module overlay is not there");
		open_with(p, "sudo modprobe overlay");
	} else {
		blocked(p, "the kernel refuses: %s", strerror(-r));
		open_with(p, "it is allowed since Linux 5.11");
	}
}

static int nothing(void *unused, struct error *err)
{
	(void)unused;
	(void)err;
	return 0;
}

/* Root takes ids that nobody was given. */
static void probe_subordinate(struct probe *p)
{
	struct idmap_choice ids = idmap_choose();
	struct error err = {0};

	if (geteuid() == 0) {
		p->works = ids.range;
		if (!p->works)
			blocked(p, "this user namespace has no ids to spare");
		return;
	}
	p->works = subid_run(nothing, NULL, &err) == 0;
	if (!p->works) {
		blocked(p, "%s: a container has one user then, root", err.cause);
		open_with(p, "%s", err.advice);
	}
}

static void probe_cgroup_v1(struct probe *p)
{
	enum cgroup_mode mode = cgroup_mode_detect();

	p->works = (mode == CGROUP_V1 || mode == CGROUP_HYBRID) && cgroup_controllers_usable();
	if (p->works)
		return;
	if (mode == CGROUP_V2)
		blocked(p, "this machine has version 2, which took its place");
	else if (mode == CGROUP_NONE)
		blocked(p, "no control group file system is mounted");
	else
		blocked(p, "only root may write to it");
}

static void probe_cgroup_v2(struct probe *p)
{
	enum cgroup_mode mode = cgroup_mode_detect();

	p->works = mode == CGROUP_V2 && cgroup_controllers_usable();
	if (p->works)
		return;
	if (mode == CGROUP_NONE) {
		blocked(p, "no control group file system is mounted");
		open_with(p, "sudo mount -t cgroup2 cgroup2 /sys/fs/cgroup");
	} else if (mode != CGROUP_V2) {
		blocked(p, "the controllers of this machine are in version 1 (%s)",
		        cgroup_mode_name(mode));
		open_with(p, "with systemd: systemd.unified_cgroup_hierarchy=1 on the kernel's "
		             "command line");
	} else {
		blocked(p, "no group is delegated to you");
		open_with(p, "systemd-run --user --scope -p Delegate=yes cutaway");
	}
}

/* "memory 4 15 1": the last field of the controller's line in /proc/cgroups, cgroups(7). */
static bool compiled_in_but_off(const char *controller)
{
	auto_buf text = BUF_INIT;
	char line[64];
	const char *at;
	int enabled = 1;

	buf_add(&text, "\n");
	snprintf(line, sizeof line, "\n%s\t", controller);
	if (file_read_at(AT_FDCWD, "/proc/cgroups", 16384, &text) < 0)
		return false;
	at = strstr(buf_text(&text), line);
	return at && sscanf(at + strlen(line), "%*d %*d %d", &enabled) == 1 && !enabled;
}

static void probe_controller(struct probe *p, enum cgroup_controller controller)
{
	const char *name = cgroup_controller_name(controller);
	struct cgroup *cg = NULL;
	struct error err = {0};

	p->works = cgroup_new("probe", (unsigned)controller, &cg, &err) == 0; /* makes nothing */
	cgroup_free(cg);
	if (p->works)
		return;
	if (cgroup_mode_detect() == CGROUP_NONE) {
		blocked(p, "no control group file system is mounted");
		open_with(p, "sudo mount -t cgroup2 cgroup2 /sys/fs/cgroup");
	} else if (compiled_in_but_off(name)) {
		blocked(p, "the controller is switched off at boot");
		open_with(p, "cgroup_enable=%s on the kernel's command line", name);
	} else {
		blocked(p, "%s", err.cause);
		open_with(p, "%s", err.advice);
	}
}

static void probe_memory(struct probe *p)
{
	probe_controller(p, CGROUP_MEMORY);
}

static void probe_pids(struct probe *p)
{
	probe_controller(p, CGROUP_PIDS);
}

static void probe_cpu(struct probe *p)
{
	probe_controller(p, CGROUP_CPU);
}

static void probe_freezer(struct probe *p)
{
	probe_controller(p, CGROUP_FREEZER);
}

/* Pressure stall information, since Linux 4.20; switched off it can be opened and not read. */
static void probe_pressure(struct probe *p)
{
	auto_buf text = BUF_INIT;
	int r = file_read_at(AT_FDCWD, "/proc/pressure/cpu", 4096, &text);

	p->works = r == 0;
	if (r == -ENOENT) {
		blocked(p, "this kernel was built without it (CONFIG_PSI)");
	} else if (r == -EOPNOTSUPP) {
		blocked(p, "it is switched off at boot");
		open_with(p, "psi=1 on the kernel's command line");
	} else if (r < 0) {
		blocked(p, "the kernel refuses: %s", strerror(-r));
	}
}

static void probe_seccomp(struct probe *p)
{
	int r = try_seccomp();

	p->works = r == 0;
	if (r == -EINVAL || r == -ENOSYS)
		blocked(p, "this kernel was built without it (CONFIG_SECCOMP_FILTER)");
	else if (r < 0)
		blocked(p, "the kernel refuses: %s", strerror(-r));
}

static void probe_connector(struct probe *p)
{
	int r = try_proc_connector();

	p->works = r == 0;
	if (r == -EPROTONOSUPPORT || r == -ECONNREFUSED) {
		blocked(p, "this kernel was built without it (CONFIG_PROC_EVENTS)");
	} else if (r < 0) {
		blocked(p, "the kernel refuses: %s", strerror(-r));
		open_with(p, "root may listen; the drawing looks at /proc more often instead");
	}
}

static void probe_bpf(struct probe *p)
{
	struct tap *tap = NULL;
	int r = tap_open(&tap);

	p->works = r == 0;
	tap_close(tap);
	if (r < 0) {
		blocked(p, "the kernel refuses: %s", strerror(-r));
		open_with(p, "root may load a program where there is /sys/kernel/btf/vmlinux; "
		             "watch --also stops daemons at each call instead");
	}
}

static void probe_time(struct probe *p)
{
	int r = try_time_namespace();

	p->works = r == 0;
	if (r == -EINVAL || access("/proc/self/ns/time", F_OK) < 0)
		blocked(p, "this kernel has none (Linux 5.6, CONFIG_TIME_NS)");
	else if (r < 0)
		blocked(p, "the kernel refuses: %s", strerror(-r));
}

static void probe_busybox(struct probe *p)
{
	auto_free char *path = NULL;
	struct error err = {0};

	p->works = busybox_find(&path, &err) == 0;
	if (!p->works) {
		blocked(p, "%s", err.cause);
		open_with(p, "%s", err.advice);
	}
}

static void need_program(struct probe *p, const char *name, const char *package)
{
	int r = try_program(name);

	p->works = r == 0;
	if (r == -ENOENT) {
		blocked(p, "there is no program %s in PATH", name);
		open_with(p, "apt install %s", package);
	} else if (r < 0) {
		blocked(p, "%s --version fails: %s", name, strerror(-r));
	}
}

static void probe_bash(struct probe *p)
{
	need_program(p, "bash", "bash");
}

static void probe_strace(struct probe *p)
{
	need_program(p, "strace", "strace");
}

static void probe_jq(struct probe *p)
{
	need_program(p, "jq", "jq");
}

static void probe_curl(struct probe *p)
{
	need_program(p, "curl", "curl");
}

static void probe_skopeo(struct probe *p)
{
	need_program(p, "skopeo", "skopeo");
}

static void probe_dpkg(struct probe *p)
{
	need_program(p, "dpkg", "dpkg");
}

static void probe_nft(struct probe *p)
{
	need_program(p, "nft", "nftables");
	if (!p->works || try_nat() == 0)
		return;
	p->works = false;
	blocked(p, "the packet filter of this kernel takes no rules for NAT from this user");
}

static void probe_docker(struct probe *p)
{
	static const char *const socket = "/var/run/docker.sock";
	int r;

	need_program(p, "docker", "docker.io");
	if (!p->works)
		return;
	r = try_socket(socket);
	if (r == -EACCES || r == -EPERM) {
		blocked(p, "%s does not let you in", socket);
		open_with(p, "sudo usermod -aG docker $USER, then log in again");
	} else if (r < 0) {
		blocked(p, "no daemon listens on %s", socket);
		open_with(p, "sudo systemctl start docker");
	}
}

static void probe_podman(struct probe *p)
{
	need_program(p, "podman", "podman");
}

static void probe_runc(struct probe *p)
{
	need_program(p, "runc", "runc");
}

static void probe_crun(struct probe *p)
{
	need_program(p, "crun", "crun");
}

static void probe_umoci(struct probe *p)
{
	need_program(p, "umoci", "umoci");
}

static void probe_nspawn(struct probe *p)
{
	need_program(p, "systemd-nspawn", "systemd-container");
}

static void probe_lxc(struct probe *p)
{
	need_program(p, "lxc-execute", "lxc");
}

/* As sd_booted(3) has it. */
static void probe_systemd(struct probe *p)
{
	p->works = access("/run/systemd/system", F_OK) == 0;
	if (!p->works)
		blocked(p, "process 1 of this machine is not systemd");
}

static const struct {
	const char *name;
	void (*run)(struct probe *p);
} probes[] = {
        {"root", probe_root},
        {"user namespaces", probe_user_namespaces},
        {"overlay", probe_overlay},
        {"overlay in user namespaces", probe_overlay_in_userns},
        {"subordinate ids", probe_subordinate},
        {"cgroup v1", probe_cgroup_v1},
        {"cgroup v2", probe_cgroup_v2},
        {"cgroup memory", probe_memory},
        {"cgroup pids", probe_pids},
        {"cgroup cpu", probe_cpu},
        {"cgroup freezer", probe_freezer},
        {"pressure", probe_pressure},
        {"seccomp", probe_seccomp},
        {"proc connector", probe_connector},
        {"bpf", probe_bpf},
        {"time namespaces", probe_time},
        {"static busybox", probe_busybox},
        {"bash", probe_bash},
        {"strace", probe_strace},
        {"jq", probe_jq},
        {"curl", probe_curl},
        {"docker", probe_docker},
        {"podman", probe_podman},
        {"skopeo", probe_skopeo},
        {"dpkg", probe_dpkg},
        {"runc", probe_runc},
        {"nft", probe_nft},
        {"crun", probe_crun},
        {"umoci", probe_umoci},
        {"systemd", probe_systemd},
        {"systemd-nspawn", probe_nspawn},
        {"lxc", probe_lxc},
};

size_t probe_count(void)
{
	return sizeof probes / sizeof probes[0];
}

const char *probe_name(size_t i)
{
	return probes[i].name;
}

int probe_run(const char *name, struct probe *ret)
{
	for (size_t i = 0; i < probe_count(); i++) {
		if (strcmp(probes[i].name, name) != 0)
			continue;
		*ret = (struct probe){.name = probes[i].name};
		probes[i].run(ret);
		return 0;
	}
	return -ENOENT;
}

static bool works(const char *name)
{
	struct probe p;

	return probe_run(name, &p) == 0 && p.works;
}

bool probe_ready(void)
{
	return works("static busybox") && works("bash") && works("seccomp") &&
	       ((works("root") && works("overlay")) || works("overlay in user namespaces"));
}
