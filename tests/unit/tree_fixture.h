/* A recorded machine too large to be kept as files: the tree of /proc and /sys/fs/cgroup that
 * tests/record.sh would make of a Docker host with many containers, each with its shim, on control
 * groups of either version. File formats: proc(5), cgroups(7). */
#pragma once

#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TREE_NS = 4026531834, TREE_IDS = 20000 };

static inline void tree_put(int dir, const char *name, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
static inline void tree_put(int dir, const char *name, const char *format, ...)
{
	auto_close fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	char text[4096];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text, sizeof text, format, args);
	va_end(args);
	if (fd < 0 || n < 0 || write(fd, text, (size_t)n) != n)
		abort();
}

static inline int tree_dir(int parent, const char *name)
{
	int fd;

	mkdirat(parent, name, 0755);
	fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		abort();
	return fd;
}

struct tree_process {
	int pid, ppid;
	const char *comm, *cmdline;
	const char *group; /* path of its control group */
	bool contained;
};

/* Namespaces: the host's, or a full set that belongs to this pid; user and time are the host's. */
static inline void tree_namespaces(int dir, const struct tree_process *p)
{
	static const char *const types[] = {
	        "user", "pid", "mnt", "uts", "ipc", "net", "cgroup", "time"};
	auto_close ns = tree_dir(dir, "ns");

	for (unsigned t = 0; t < sizeof types / sizeof *types; t++) {
		bool own = p->contained && t != 0 && t != 7;
		char link[64];

		snprintf(link, sizeof link, "%s:[%u]", types[t],
		        own ? (unsigned)(TREE_NS + 1000 + p->pid * 8) + t : TREE_NS + t);
		if (symlinkat(link, ns, types[t]) < 0)
			abort();
	}
}

static inline void tree_process(int proc, const struct tree_process *p, bool v1)
{
	char name[16];
	auto_close dir = -1;

	snprintf(name, sizeof name, "%d", p->pid);
	dir = tree_dir(proc, name);
	tree_put(dir, "stat",
	        "%d (%s) S %d %d %d 0 -1 4194560 0 0 0 0 1 2 0 0 20 0 1 0 %d 4194304 200 "
	        "18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n",
	        p->pid, p->comm, p->ppid, p->pid, p->pid, p->pid * 3);
	tree_put(dir, "status",
	        "Name:\t%s\nUmask:\t0022\nState:\tS (sleeping)\nTgid:\t%d\nPid:\t%d\nPPid:\t%d\n"
	        "Uid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nNSpid:\t%d%s\nCapInh:\t0000000000000000\n"
	        "CapPrm:\t%s\nCapEff:\t%s\nCapBnd:\t%s\nCapAmb:\t0000000000000000\n"
	        "NoNewPrivs:\t0\nSeccomp:\t%d\nSeccomp_filters:\t%d\n",
	        p->comm, p->pid, p->pid, p->ppid, p->pid, p->contained ? "\t1" : "",
	        p->contained ? "00000000a80425fb" : "000001ffffffffff",
	        p->contained ? "00000000a80425fb" : "000001ffffffffff",
	        p->contained ? "00000000a80425fb" : "000001ffffffffff", p->contained ? 2 : 0,
	        p->contained);
	tree_put(dir, "cmdline", "%s", p->cmdline);
	if (v1)
		tree_put(dir, "cgroup", "5:pids:%s\n4:memory:%s\n1:name=systemd:%s\n", p->group,
		        p->group, p->group);
	else
		tree_put(dir, "cgroup", "0::%s\n", p->group);
	tree_put(dir, "uid_map", "         0          0 4294967295\n");
	tree_put(dir, "gid_map", "         0          0 4294967295\n");
	tree_namespaces(dir, p);
}

/* A control group below the mounts of the hierarchies. */
static inline void tree_group(int cgroups, const char *path, int megabytes, bool v1)
{
	static const char *const v1_mounts[] = {"memory", "pids", "systemd"};

	for (int k = 0; k < (v1 ? 3 : 1); k++) {
		auto_close dir = v1 ? tree_dir(cgroups, v1_mounts[k]) : dup(cgroups);
		char part[300];

		for (const char *at = path + 1; *at;) {
			size_t n = strcspn(at, "/");
			int next;
			snprintf(part, sizeof part, "%.*s", (int)n, at);
			next = tree_dir(dir, part);
			close(dir);
			dir = next;
			at += n + (at[n] == '/');
		}
		if (!v1) {
			tree_put(dir, "cgroup.controllers", "cpu memory pids\n");
			tree_put(dir, "memory.current", "%d\n", megabytes << 20);
			tree_put(dir, "memory.max", "max\n");
			tree_put(dir, "pids.current", "1\n");
			tree_put(dir, "pids.max", "2000\n");
		} else if (k == 0) {
			tree_put(dir, "memory.usage_in_bytes", "%d\n", megabytes << 20);
			tree_put(dir, "memory.limit_in_bytes", "9223372036854771712\n");
		} else if (k == 1) {
			tree_put(dir, "pids.current", "1\n");
			tree_put(dir, "pids.max", "2000\n");
		} else {
			tree_put(dir, "notify_on_release", "0\n");
		}
	}
}

static inline void tree_mounts(int proc, bool v1)
{
	auto_close one = tree_dir(proc, "1");

	tree_put(one, "mountinfo",
	        "24 30 0:22 / /proc rw,nosuid,nodev,noexec,relatime shared:12 - proc proc rw\n"
	        "25 30 0:23 / /sys rw,nosuid,nodev,noexec,relatime shared:2 - sysfs sysfs rw\n"
	        "30 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw,errors=remount-ro\n%s",
	        v1 ? "31 25 0:27 / /sys/fs/cgroup ro,nosuid,nodev,noexec shared:4 - tmpfs tmpfs "
	             "ro,mode=755\n"
	             "32 31 0:28 / /sys/fs/cgroup/systemd rw,nosuid,nodev,noexec,relatime shared:5 "
	             "- cgroup cgroup rw,xattr,name=systemd\n"
	             "33 31 0:29 / /sys/fs/cgroup/memory rw,nosuid,nodev,noexec,relatime shared:6 "
	             "- "
	             "cgroup cgroup rw,memory\n"
	             "34 31 0:30 / /sys/fs/cgroup/pids rw,nosuid,nodev,noexec,relatime shared:7 - "
	             "cgroup cgroup rw,pids\n"
	           : "31 25 0:27 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:4 - "
	             "cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot\n");
}

/* What container `i` runs: of ten containers six are web servers, three caches, one sleeps. */
static inline struct tree_process tree_container(int i)
{
	static const char *const comms[] = {"nginx", "redis-server", "sleep"};
	static const char *const lines[] = {
	        "nginx: master process nginx -g daemon off;", "redis-server *:6379", "sleep"};
	int kind = i % 10 < 6 ? 0 : i % 10 < 9 ? 1 : 2;

	return (struct tree_process){
	        TREE_IDS + 2 * i + 1, TREE_IDS + 2 * i, comms[kind], lines[kind], NULL, true};
}

/* Makes the tree in `path`, an empty directory. */
static inline void tree_make(const char *path, int containers, bool v1)
{
	auto_close root = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_close proc = tree_dir(root, "proc"), sys = tree_dir(root, "sys");
	auto_close fs = tree_dir(sys, "fs"), cgroups = tree_dir(fs, "cgroup");
	auto_close proc_sys = tree_dir(proc, "sys"), kernel = tree_dir(proc_sys, "kernel");
	const struct tree_process few[] = {
	        {1, 0, "systemd", "/sbin/init", "/init.scope", false},
	        {400, 1, "sshd", "sshd: /usr/sbin/sshd -D", "/system.slice/ssh.service", false},
	        {500, 1, "containerd", "/usr/bin/containerd", "/system.slice/containerd.service",
	                false},
	        {510, 1, "dockerd", "/usr/bin/dockerd", "/system.slice/docker.service", false},
	};
	const char *pattern = v1 ? "/docker/%08x%056x" : "/system.slice/docker-%08x%056x.scope";

	for (size_t i = 0; i < sizeof few / sizeof *few; i++) {
		tree_process(proc, &few[i], v1);
		tree_group(cgroups, few[i].group, 20, v1);
	}
	tree_mounts(proc, v1);
	for (int i = 0; i < containers; i++) {
		struct tree_process p = tree_container(i);
		struct tree_process shim = {p.ppid, 1, "containerd-shim",
		        "/usr/bin/containerd-shim-runc-v2", "/system.slice/containerd.service",
		        false};
		char group[200];

		snprintf(group, sizeof group, pattern, (unsigned)i * 2654435761u, (unsigned)i);
		p.group = group;
		tree_process(proc, &shim, v1);
		tree_process(proc, &p, v1);
		tree_group(cgroups, group, 8 + i % 50, v1);
	}
	tree_put(kernel, "hostname", "many\n");
	tree_put(kernel, "osrelease", "6.1.0-18-amd64\n");
	tree_put(kernel, "arch", "x86_64\n");
	tree_put(proc, "meminfo", "MemTotal:       65967848 kB\n");
	tree_put(proc, "stat", "cpu  1 0 1 100 0 0 0 0 0 0\ncpu0 1 0 1 100 0 0 0 0 0 0\n");
}
