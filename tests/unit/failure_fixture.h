/* Containers that want every step there is, and what is left of them: for test_failures.c. */
#pragma once

#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/do/cgroup/group.h"
#include "kernel/do/executor.h"
#include "kernel/do/idmap.h"
#include "kernel/do/namespace_join.h"
#include "kernel/do/options.h"
#include "kernel/do/start.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

enum kind { OWN, BUNDLE, BUNDLE_JOINS };

struct fixture {
	char top[200], name[64], lower[220], upper[220], work[220], merged[220], ledger[220];
	char group[96];
	char *layers[1];
	json_t *json;
	struct config *config;
	struct build build;
	struct plan *plan;
	struct executor ex;
	size_t last;
	int mount_ns; /* to be joined, of nobody; -1 = none */
	/* what there is before anything is done */
	struct buf mounts;
	size_t fds;
};

/* ---- what is there ------------------------------------------------------------------------- */

static size_t count_fds(void)
{
	auto_dir dir = opendir("/proc/self/fd");
	size_t n = 0;

	while (dir && readdir(dir))
		n++;
	return n;
}

/* A mount namespace that no process is in: the descriptor holds it. */
static int make_mount_namespace(void)
{
	int ready[2], fd, status;
	char path[64], byte;
	pid_t pid;

	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		if (unshare(CLONE_NEWNS) == 0 && write(ready[1], "", 1) == 1)
			pause();
		_exit(1);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	snprintf(path, sizeof path, "/proc/%d/ns/mnt", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	close(ready[0]);
	close(ready[1]);
	return fd;
}

/* The mounts of a namespace as who enters it sees them. */
static void look_in(int mount_ns, struct buf *ret)
{
	int ends[2], status;
	char bytes[4096];
	ssize_t n;
	pid_t pid;

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		auto_buf text = BUF_INIT;
		if (setns(mount_ns, CLONE_NEWNS) < 0 ||
		        file_read_at(AT_FDCWD, "/proc/thread-self/mountinfo", 1 << 20, &text) < 0)
			_exit(1);
		for (size_t at = 0; at < text.len; at += (size_t)n)
			if ((n = write(ends[1], text.data + at, text.len - at)) < 0)
				_exit(1);
		_exit(0);
	}
	close(ends[1]);
	while ((n = read(ends[0], bytes, sizeof bytes)) > 0)
		buf_add_bytes(ret, bytes, (size_t)n);
	close(ends[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void look_around(const struct fixture *f, struct buf *mounts, size_t *fds)
{
	assert_int_equal(file_read_at(AT_FDCWD, "/proc/self/mountinfo", 1 << 20, mounts), 0);
	*fds = count_fds();
	if (f->mount_ns >= 0)
		look_in(f->mount_ns, mounts);
}

/* Lines of `now` that were not there before, and whether any is gone. */
static void find_changed(const char *before, const char *now, struct buf *why)
{
	size_t n = 0, m = 0;

	for (const char *at = before; *at; at++)
		n += *at == '\n';
	for (const char *at = now, *end; (end = strchr(at, '\n')); at = end + 1, m++) {
		auto_buf line = BUF_INIT;
		buf_add_bytes(&line, at, (size_t)(end - at) + 1);
		if (!strstr(before, buf_text(&line)))
			buf_addf(why, "mount: %s", buf_text(&line));
	}
	if (n != m)
		buf_addf(why, "%zu mounts, were %zu\n", m, n);
}

/* What is still there, a line each. */
static void find_left(const struct fixture *f, struct buf *why)
{
	auto_buf mounts = BUF_INIT, report = BUF_INIT;
	size_t fds;

	look_around(f, &mounts, &fds);
	if (f->ex.done != 0 || f->build.process.pid != 0)
		buf_add(why, "it is not undone\n");
	errno = 0;
	if (waitpid(-1, NULL, WNOHANG) != -1 || errno != ECHILD)
		buf_add(why, "a process is left\n");
	find_changed(buf_text(&f->mounts), buf_text(&mounts), why);
	if (fds != f->fds)
		buf_addf(why, "%zu descriptors, were %zu\n", fds, f->fds);
	if (f->build.cgroup)
		for (int c = CGROUP_MEMORY; c <= CGROUP_FREEZER; c *= 2)
			if (access(cgroup_directory(f->build.cgroup, (enum cgroup_controller)c),
			            F_OK) == 0)
				buf_add(why, "a control group is left\n");
	for (size_t i = 0; f->build.group && i < group_count(f->build.group); i++)
		if (access(group_directory(f->build.group, i), F_OK) == 0)
			buf_addf(why, "%s is left\n", group_directory(f->build.group, i));
	if (f->build.ledger && (ledger_preview(f->ledger, &report, NULL) < 0 || report.len))
		buf_addf(why, "the ledger still has:\n%s", buf_text(&report));
}

/* ---- the containers ------------------------------------------------------------------------ */

static void make_directory(char *ret, size_t size, const struct fixture *f, const char *name)
{
	uid_t owner = idmap_choose().offset;

	snprintf(ret, size, "%s/%s", f->top, name);
	assert_int_equal(mkdir(ret, 0755), 0);
	if (geteuid() == 0)
		assert_int_equal(chown(ret, owner, owner), 0);
}

static void copy_busybox(const struct fixture *f)
{
	auto_buf bytes = BUF_INIT;
	auto_close fd = -1;
	char path[256];

	snprintf(path, sizeof path, "%s/bin", f->lower);
	assert_int_equal(mkdir(path, 0755), 0);
	snprintf(path, sizeof path, "%s/bin/busybox", f->lower);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
	assert_int_equal(file_read_at(AT_FDCWD, "/bin/busybox", 16 << 20, &bytes), 0);
	assert_true(write(fd, bytes.data, bytes.len) == (ssize_t)bytes.len);
}

static json_t *own_config(struct fixture *f)
{
	struct idmap_choice ids = idmap_choose();
	const struct volume_option volume = {
	        .source = f->top, .destination = (char *)"/shared", .read_only = true};
	char *command[] = {(char *)"/bin/busybox", (char *)"true"};
	struct container_options o = {
	        .name = f->name,
	        .image = "test",
	        .hostname = "inside",
	        .command = command,
	        .n_command = 2,
	        .volumes = &volume,
	        .n_volumes = 1,
	        .memory_max = 64 << 20,
	        .pids_max = 50,
	        .cpu_quota_us = 50000,
	};
	unsigned usable = cgroup_controllers_usable();
	struct error err = {0};
	json_t *json;

	o.memory_max = usable & CGROUP_MEMORY ? o.memory_max : 0;
	o.pids_max = usable & CGROUP_PIDS ? o.pids_max : 0;
	o.cpu_quota_us = usable & CGROUP_CPU ? o.cpu_quota_us : 0;
	assert_int_equal(config_build(&o, "{}", &ids, f->merged, &json, &err), 0);
	return json;
}

/* Wants every step that there is for bundles. */
static json_t *bundle_config(struct fixture *f)
{
	static const char text[] =
	        "{\"ociVersion\":\"1.0.2\",\"hostname\":\"inside\",\"domainname\":\"domain\","
	        "\"process\":{\"args\":[\"/bin/busybox\",\"true\"],\"cwd\":\"/\","
	        "\"user\":{\"uid\":0,\"gid\":0},\"noNewPrivileges\":true,\"oomScoreAdj\":500,"
	        "\"rlimits\":[{\"type\":\"RLIMIT_CORE\",\"soft\":0,\"hard\":0}],"
	        "\"capabilities\":{\"bounding\":[\"CAP_CHOWN\"],\"effective\":[],"
	        "\"permitted\":[],\"inheritable\":[],\"ambient\":[]}},"
	        "\"hooks\":{\"createRuntime\":[{\"path\":\"/bin/true\"}],"
	        "\"createContainer\":[{\"path\":\"/bin/true\"}]},"
	        "\"mounts\":[{\"destination\":\"/proc\",\"type\":\"proc\",\"source\":\"proc\"},"
	        "{\"destination\":\"/dev\",\"type\":\"tmpfs\",\"source\":\"tmpfs\"},"
	        "{\"destination\":\"/host\",\"type\":\"bind\",\"source\":\"/usr\","
	        "\"options\":[\"rbind\",\"rslave\"]}],"
	        "\"linux\":{\"rootfsPropagation\":\"private\",\"personality\":{\"domain\":"
	        "\"LINUX\"},"
	        "\"sysctl\":{\"net.ipv4.ip_forward\":\"1\"},"
	        "\"maskedPaths\":[\"/proc/kcore\",\"/proc/scsi\"],"
	        "\"readonlyPaths\":[\"/proc/bus\"],"
	        "\"resources\":{\"pids\":{\"limit\":50},\"devices\":[{\"allow\":false,"
	        "\"access\":\"rwm\"}]},"
	        "\"namespaces\":[{\"type\":\"pid\"},{\"type\":\"uts\"},{\"type\":\"network\"},"
	        "{\"type\":\"ipc\",\"path\":\"/proc/self/ns/ipc\"}]}}";
	json_t *json = json_loads(text, 0, NULL), *linux_ = json_object_get(json, "linux");
	json_t *namespaces = json_object_get(linux_, "namespaces");

	json_object_set_new(json, "root", json_pack("{s:s, s:b}", "path", f->lower, "readonly", 1));
	json_object_set_new(linux_, "cgroupsPath", json_string(f->group));
	if (f->mount_ns >= 0) {
		char path[32];
		snprintf(path, sizeof path, "/proc/self/fd/%d", f->mount_ns);
		json_object_del(linux_, "rootfsPropagation");
		json_array_append_new(
		        namespaces, json_pack("{s:s, s:s}", "type", "mount", "path", path));
	} else {
		json_array_append_new(namespaces, json_pack("{s:s}", "type", "mount"));
	}
	json_array_append_new(namespaces, json_pack("{s:s}", "type", "cgroup"));
	if (access("/proc/self/ns/time", F_OK) == 0)
		json_array_append_new(namespaces, json_pack("{s:s}", "type", "time"));
	return json;
}

static int state_text(const struct build *b, const char *status, struct buf *out)
{
	(void)b;
	(void)status;
	buf_add(out, "{}");
	return 0;
}

static void prepare_bundle(struct fixture *f)
{
	struct build *b = &f->build;
	struct error err = {0};

	b->bundle = true;
	b->overlay.merged = f->lower;
	b->state_text = state_text;
	b->new_keyring = true;
	assert_int_equal(namespace_join_open(b, &err), 0);
	assert_int_equal(group_new(f->group, f->config, &b->group, &err), 0);
	assert_int_equal(start_listen(f->top, &b->start_fd, &err), 0);
}

static void prepare_own(struct fixture *f)
{
	struct process_id self;
	struct error err = {0};

	f->build.overlay = (struct overlay_source){
	        .layers = f->layers,
	        .n_layers = 1,
	        .upper = f->upper,
	        .work = f->work,
	        .merged = f->merged,
	};
	f->build.limits_optional = true;
	snprintf(f->ledger, sizeof f->ledger, "%s/ledger", f->top);
	process_id_read(getpid(), &self);
	assert_int_equal(ledger_create(f->ledger, &self, &f->build.ledger, &err), 0);
}

static struct fixture *fixture_new(enum kind kind)
{
	struct fixture *f = calloc(1, sizeof *f);
	const char *tmp = getenv("TMPDIR");
	struct error err = {0};

	assert_non_null(f);
	snprintf(f->top, sizeof f->top, "%s/test-failures-XXXXXX", tmp ? tmp : "/tmp");
	assert_non_null(mkdtemp(f->top));
	chmod(f->top, 0755);
	snprintf(f->name, sizeof f->name, "%s", strrchr(f->top, '/') + 1);
	snprintf(f->group, sizeof f->group, "/cutaway-%s", f->name);
	make_directory(f->lower, sizeof f->lower, f, "lower");
	make_directory(f->upper, sizeof f->upper, f, "upper");
	make_directory(f->work, sizeof f->work, f, "work");
	make_directory(f->merged, sizeof f->merged, f, "merged");
	copy_busybox(f);
	f->layers[0] = f->lower;
	f->mount_ns = kind == BUNDLE_JOINS ? make_mount_namespace() : -1;
	f->json = kind == OWN ? own_config(f) : bundle_config(f);
	if (config_parse(f->json, &f->config, &err) < 0)
		fail_msg("%s: %s: %s", err.operation, err.object, err.cause);
	build_init(&f->build);
	f->build.name = f->name;
	f->build.config = f->config;
	if (kind == OWN)
		prepare_own(f);
	else
		prepare_bundle(f);
	if (plan_new(&f->build, &f->plan, &err) < 0)
		fail_msg("%s: %s: %s", err.operation, err.object, err.cause);
	executor_init(&f->ex, &f->build, f->plan);
	f->last = kind == OWN ? f->plan->n - 1 : (size_t)plan_find(f->plan, "start");
	look_around(f, &f->mounts, &f->fds);
	return f;
}

static void fixture_free(struct fixture *f)
{
	ledger_close(f->build.ledger);
	plan_free(f->plan);
	build_release(&f->build);
	config_free(f->config);
	json_decref(f->json);
	buf_release(&f->mounts);
	cleanup_fd(&f->mount_ns);
	assert_int_equal(dir_remove_tree(AT_FDCWD, f->top), 0);
	free(f);
}
