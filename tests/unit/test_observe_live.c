/* This machine, read twice: by the observer and by tools that others wrote (lsns, findmnt,
 * stat(2)). Other programs run meanwhile, so what may differ for a moment is compared until it
 * agrees. */
#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/observe/model_json.h"
#include "kernel/observe/observer.h"
#include "kernel/observe/watch.h"
#include "kernel/observe/watch_source.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>

#include <cmocka.h>

enum { DEADLINE_MS = 10000 };

static char runtime[] = "/tmp/cutaway-live.XXXXXX";

static int set_up(void **state)
{
	(void)state;
	return mkdtemp(runtime) ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	return dir_remove_tree(AT_FDCWD, runtime);
}

static long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static struct model *observe(void)
{
	const struct observer_options options = {.runtime = runtime};
	struct observer *o = NULL;
	struct model *m = NULL;

	assert_int_equal(observer_new(&options, &o, NULL), 0);
	assert_int_equal(observer_read(o, &m, NULL), 0);
	observer_free(o);
	return m;
}

static uint64_t inode_of(const char *type)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof path, "/proc/self/ns/%s", type);
	return stat(path, &st) == 0 ? st.st_ino : 0;
}

static void ourselves(void **state)
{
	struct model *m = observe();
	const struct model_process *p = model_process(m, getpid());
	char comm[17] = "";

	(void)state;
	assert_non_null(p);
	assert_int_equal(p->ppid, getppid());
	assert_int_equal(p->uid, geteuid());
	assert_int_equal(p->state, 'R');
	prctl(PR_GET_NAME, comm);
	assert_string_equal(p->comm, comm);
	for (int t = 0; t < NS_COUNT; t++)
		assert_int_equal(p->ns[t], inode_of(ns_names[t]));
	for (int cap = 0; cap < 41; cap++)
		assert_int_equal(
		        p->cap_bounding >> cap & 1, prctl(PR_CAPBSET_READ, cap, 0, 0, 0) == 1);
	for (size_t i = 1; i < m->n_processes; i++)
		assert_true(m->processes[i - 1].pid < m->processes[i].pid);
	model_free(m);
}

static json_t *json_of_command(const char *command)
{
	FILE *pipe = popen(command, "re");
	json_t *json;

	assert_non_null(pipe);
	json = json_loadf(pipe, 0, NULL);
	pclose(pipe);
	return json;
}

/* How many namespaces of lsns the model does not have, plus the other way round; -1 = no lsns. */
static long differences_from_lsns(void)
{
	json_t *json = json_of_command("lsns --json --output NS,TYPE 2>/dev/null");
	const json_t *list = json_object_get(json, "namespaces");
	struct model *m = observe();
	size_t i, ours = 0;
	long missing = 0, found = 0;
	json_t *entry;

	json_array_foreach (list, i, entry) {
		const char *type = json_string_value(json_object_get(entry, "type"));
		const json_t *ns = json_object_get(entry, "ns");
		uint64_t inode = json_is_string(ns) ? strtoull(json_string_value(ns), NULL, 10)
		                                    : (uint64_t)json_integer_value(ns);
		bool has = false;
		for (int t = 0; t < NS_COUNT; t++)
			has = has || (type && !strcmp(type, ns_names[t]) &&
			                     model_namespace(m, (enum ns_type)t, inode));
		found += has;
		missing += !has;
	}
	ours = m->n_namespaces;
	if (json_array_size(list) == 0)
		missing = -1;
	else
		missing += (long)ours - found;
	json_decref(json);
	model_free(m);
	return missing;
}

static void namespaces_as_lsns_sees_them(void **state)
{
	long deadline = now_ms() + DEADLINE_MS, differences;

	(void)state;
	while ((differences = differences_from_lsns()) > 0 && now_ms() < deadline)
		;
	if (differences < 0) {
		print_message("skip: lsns does not run here\n");
		skip();
	}
	assert_int_equal(differences, 0);
}

static void mounts_as_findmnt_sees_them(void **state)
{
	FILE *pipe = popen("findmnt --raw --noheadings --output ID,FSTYPE", "re");
	struct model *m = observe();
	uint64_t own = inode_of("mnt");
	int id;
	size_t told = 0, ours = 0;
	char fstype[64];

	(void)state;
	assert_non_null(pipe);
	while (fscanf(pipe, "%d %63s", &id, fstype) == 2) {
		bool has = false;
		for (size_t i = 0; i < m->n_mounts; i++)
			has = has || (m->mounts[i].mnt_ns == own && m->mounts[i].id == id &&
			                     !strcmp(m->mounts[i].fstype, fstype));
		told += has;
	}
	pclose(pipe);
	for (size_t i = 0; i < m->n_mounts; i++)
		ours += m->mounts[i].mnt_ns == own;
	if (told == 0) {
		print_message("skip: findmnt does not run here\n");
		model_free(m);
		skip();
	}
	assert_int_equal(ours, told);
	model_free(m);
}

static void loopback_is_a_link(void **state)
{
	struct model *m = observe();
	bool found = false;

	(void)state;
	for (size_t i = 0; i < m->n_links; i++)
		found = found || (m->links[i].index == 1 && !strcmp(m->links[i].name, "lo") &&
		                         m->links[i].net_ns == inode_of("net"));
	assert_true(found);
	model_free(m);
}

/* A child with a host name of its own; *ret_hold: it ends when that is closed. 0 = not allowed. */
static pid_t start_contained(int *ret_hold)
{
	int hold[2], ready[2];
	char byte = 0;
	pid_t pid;

	assert_int_equal(pipe2(hold, O_CLOEXEC), 0);
	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		int flags = CLONE_NEWUTS | CLONE_NEWNS | (geteuid() ? CLONE_NEWUSER : 0);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(hold[1]);
		if (unshare(flags) < 0 || sethostname("observed-live", 13) < 0)
			_exit(1);
		if (write(ready[1], "r", 1) == 1 && read(hold[0], &byte, 1) < 0)
			_exit(1);
		_exit(0);
	}
	close(hold[0]);
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 1) {
		waitpid(pid, NULL, 0);
		close(hold[1]);
		pid = 0;
	}
	close(ready[0]);
	*ret_hold = hold[1];
	return pid;
}

static void a_container_nobody_told_about(void **state)
{
	char before[65], after[65];
	const struct model_container *c;
	struct model *m;
	int hold = -1;
	pid_t pid = start_contained(&hold);

	(void)state;
	if (!pid) {
		print_message("skip: no user namespaces here\n");
		skip();
	}
	gethostname(before, sizeof before);
	m = observe();
	gethostname(after, sizeof after);
	c = model_container(m, "observed-live");
	assert_non_null(c);
	assert_int_equal(c->pid, pid);
	assert_int_equal(c->status, CONTAINER_FOREIGN);
	assert_string_equal(c->hostname, "observed-live");
	assert_true(c->ns[NS_UTS] && c->ns[NS_MNT] && !c->ns[NS_NET]);
	assert_int_equal(model_process(m, pid)->role, ROLE_CONTAINERIZED);
	assert_int_equal(model_process(m, getpid())->container, -1);
	assert_string_equal(before, after);              /* whoever went to look came back */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), 0); /* and left no child behind */
	model_free(m);
	close(hold);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	m = observe();
	assert_null(model_container(m, "observed-live"));
	model_free(m);
}

static void descriptors_are_given_back(void **state)
{
	struct model *m = observe();
	int first = dup(0), second;

	(void)state;
	model_free(m);
	close(first);
	for (int i = 0; i < 3; i++)
		model_free(observe());
	second = dup(0);
	close(second);
	assert_int_equal(first, second);
}

/* ---- watching ---- */

static bool told_in_time(int fd, short events)
{
	struct pollfd p = {.fd = fd, .events = events};

	return poll(&p, 1, DEADLINE_MS) == 1 && p.revents & events;
}

static void watching_states(void **state)
{
	auto_close fd = watch_files_open(runtime);
	auto_free char *directory = NULL, *file = NULL;

	(void)state;
	assert_true(fd >= 0);
	assert_true(asprintf(&directory, "%s/containers/hand", runtime) > 0);
	assert_true(asprintf(&file, "%s/state.json", directory) > 0);
	while (watch_files_drain(fd, runtime))
		;
	assert_int_equal(mkdir(directory, 0700), 0);
	assert_true(told_in_time(fd, POLLIN));
	assert_true(watch_files_drain(fd, runtime)); /* and now follows it */
	assert_int_equal(file_replace_at(AT_FDCWD, file, "{}", 2, 0600), 0);
	assert_true(told_in_time(fd, POLLIN));
	assert_true(watch_files_drain(fd, runtime));
	assert_int_equal(dir_remove_tree(AT_FDCWD, directory), 0);
	assert_true(told_in_time(fd, POLLIN));
	assert_true(watch_files_drain(fd, runtime));
}

static void watching_processes(void **state)
{
	auto_close fd = watch_processes_open();
	long deadline = now_ms() + DEADLINE_MS;
	struct observer_changes changes = {0};
	int told = 0;

	(void)state;
	if (fd >= 0) { /* the kernel's answer to the request comes first */
		pid_t pid = fork();
		if (pid == 0)
			_exit(0);
		waitpid(pid, NULL, 0);
		while (told == 0 && now_ms() < deadline && told_in_time(fd, POLLIN))
			told = watch_processes_drain(fd, 256, &changes);
	}
	if (fd < 0 || told < 0) {
		print_message("skip: no proc connector for us here\n");
		skip();
	}
	assert_int_equal(told, 1);
	assert_true(changes.untold || changes.n > 0);
}

/* In a mount namespace apart, so that nothing is left: exit status 0 = told, 2 = not allowed. */
static int see_a_mount(void)
{
	struct watch *w = NULL;
	struct pollfd fds[8];
	int mounts = -1;

	if (unshare(CLONE_NEWNS | (geteuid() ? CLONE_NEWUSER : 0)) < 0 ||
	        mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return 2;
	if (watch_new(runtime, &w, NULL) < 0)
		return 3;
	for (size_t n = watch_pollfds(w, fds, 8); n-- > 0;)
		if (fds[n].events & POLLPRI)
			mounts = fds[n].fd;
	watch_drain(w);
	if (mount("none", "/tmp", "tmpfs", 0, NULL) < 0)
		return 2;
	if (mounts < 0 || !told_in_time(mounts, POLLPRI))
		return 4;
	if (!watch_drain(w)) /* although poll(2) has taken the event already */
		return 5;
	watch_free(w);
	return 0;
}

static void watching_mounts(void **state)
{
	pid_t pid = fork();
	int status = 0;

	(void)state;
	if (pid == 0)
		_exit(see_a_mount());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 2) {
		print_message("skip: no mount namespace for us here\n");
		skip();
	}
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* Where the kernel does not tell everything, the clock does. */
static void watching_falls_back_on_the_clock(void **state)
{
	struct watch *w = NULL;
	struct pollfd fds[8];
	size_t n;

	(void)state;
	assert_int_equal(watch_new("/proc/no/such/place", &w, NULL), 0);
	assert_false(watch_is_complete(w));
	watch_drain(w);
	n = watch_pollfds(w, fds, 8);
	assert_int_equal(watch_pollfds(w, fds, 1), 1);
	assert_true(n >= 2);
	n = watch_pollfds(w, fds, 8);
	assert_true(told_in_time(fds[n - 1].fd, POLLIN));
	assert_true(watch_drain(w));
	watch_free(w);
}

/* ---- connections ---- */

/* A child called `name` that holds a socket and ends when we close our end of *ret_pipe. */
static pid_t holder(const char *name, int fd, int other, int *ret_pipe)
{
	int pipes[2], ready[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		close(pipes[1]);
		prctl(PR_SET_NAME, name);
		close(other);
		(void)!write(ready[1], "x", 1);
		_exit(read(pipes[0], &byte, 1) == 0 && fd >= 0 ? 0 : 1);
	}
	assert_true(pid > 0);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(pipes[0]);
	close(ready[0]);
	close(ready[1]);
	*ret_pipe = pipes[1];
	return pid;
}

/* The pid of who is connected to `server` over `path`; 0 = may not be seen, -1 = nobody is. */
static pid_t client_of(struct observer *o, pid_t server, const char *path)
{
	struct model *m = NULL;
	pid_t found = -1;

	assert_int_equal(observer_read(o, &m, NULL), 0);
	for (size_t i = 0; i < m->n_connections; i++) {
		const struct model_connection *c = &m->connections[i];
		assert_int_not_equal(c->from, c->to);
		if (!strcmp(c->socket, path) && c->to >= 0 && m->processes[c->to].pid == server)
			found = c->from < 0 ? 0 : m->processes[c->from].pid;
	}
	model_free(m);
	return found;
}

/* One observer, that keeps what it has found: a connection, its end, another in its place. */
static void connections(void **state)
{
	const struct observer_options options = {.runtime = runtime};
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), pipes[2];
	struct observer *o = NULL;

	(void)state;
	snprintf(a.sun_path, sizeof a.sun_path, "%s/socket", runtime);
	assert_int_equal(bind(listener, (void *)&a, sizeof a), 0);
	assert_int_equal(listen(listener, 4), 0);
	assert_int_equal(observer_new(&options, &o, NULL), 0);
	for (int round = 0; round < 3; round++) {
		int from = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), to;
		pid_t client, server;

		assert_int_equal(connect(from, (void *)&a, sizeof a), 0);
		to = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		assert_true(to >= 0);
		server = holder("dockerd", to, from, &pipes[0]);
		close(to);
		client = holder("docker", from, pipes[0], &pipes[1]);
		close(from);
		/* Found anew, then known, then ended. */
		assert_int_equal(client_of(o, server, a.sun_path), client);
		assert_int_equal(client_of(o, server, a.sun_path), client);
		close(pipes[1]);
		assert_int_equal(waitpid(client, NULL, 0), client);
		assert_int_equal(client_of(o, server, a.sun_path), -1);
		close(pipes[0]);
		assert_int_equal(waitpid(server, NULL, 0), server);
	}
	close(listener);
	observer_free(o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(ourselves),
	        cmocka_unit_test(connections),
	        cmocka_unit_test(namespaces_as_lsns_sees_them),
	        cmocka_unit_test(mounts_as_findmnt_sees_them),
	        cmocka_unit_test(loopback_is_a_link),
	        cmocka_unit_test(a_container_nobody_told_about),
	        cmocka_unit_test(descriptors_are_given_back),
	        cmocka_unit_test(watching_states),
	        cmocka_unit_test(watching_processes),
	        cmocka_unit_test(watching_mounts),
	        cmocka_unit_test(watching_falls_back_on_the_clock),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
