#include "kernel/do/probe_try.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/base/process_id.h"
#include "kernel/do/process_end.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080 /* Linux 5.6 */
#endif

enum { ANSWER_MS = 15000, /* a large program on a slow machine */ SILENCE_MS = 1000 };

extern char **environ;

/* The child's exit status carries the errno: they are all below 256. */
static int in_child(int (*attempt)(const void *), const void *argument)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(-attempt(argument));
	if (pid < 0)
		return -errno;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -EINTR;
}

static int write_own(const char *file, const char *text)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/self/%s", file);
	return file_write_at(AT_FDCWD, path, text);
}

/* Root inside = this user outside: the one map that everybody may write, user_namespaces(7). */
static int become_root(int namespaces)
{
	unsigned uid = geteuid(), gid = getegid();
	char map[64];
	int r;

	if (unshare(CLONE_NEWUSER | namespaces) < 0)
		return -errno;
	r = write_own("setgroups", "deny");
	if (r < 0 && r != -ENOENT)
		return r;
	snprintf(map, sizeof map, "0 %u 1", uid);
	r = write_own("uid_map", map);
	if (r < 0)
		return r;
	snprintf(map, sizeof map, "0 %u 1", gid);
	return write_own("gid_map", map);
}

static int mount_tmpfs(void)
{
	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	        mount("tmpfs", "/tmp", "tmpfs", 0, "size=1m") < 0)
		return -errno;
	return 0;
}

static int overlay(const void *in_userns)
{
	bool user = *(const bool *)in_userns;
	int r = user ? become_root(CLONE_NEWNS) : unshare(CLONE_NEWNS) < 0 ? -errno : 0;

	if (r == 0)
		r = mount_tmpfs();
	if (r < 0)
		return r;
	if (mkdir("/tmp/lower", 0700) < 0 || mkdir("/tmp/upper", 0700) < 0 ||
	        mkdir("/tmp/work", 0700) < 0 || mkdir("/tmp/merged", 0700) < 0 ||
	        mount("overlay", "/tmp/merged", "overlay", 0,
	                user ? "lowerdir=/tmp/lower,upperdir=/tmp/upper,workdir=/tmp/work,"
	                       "userxattr"
	                     : "lowerdir=/tmp/lower,upperdir=/tmp/upper,workdir=/tmp/work") < 0)
		return -errno;
	return 0;
}

int try_overlay(bool in_userns)
{
	return in_child(overlay, &in_userns);
}

static int user_namespace(const void *unused)
{
	int r = become_root(CLONE_NEWNS);

	(void)unused;
	return r < 0 ? r : mount_tmpfs();
}

int try_user_namespace(void)
{
	return in_child(user_namespace, NULL);
}

static int time_namespace(const void *unused)
{
	int r = have_sys_admin() ? 0 : become_root(0);

	(void)unused;
	if (r < 0)
		return r;
	return unshare(CLONE_NEWTIME) < 0 ? -errno : 0;
}

int try_time_namespace(void)
{
	return in_child(time_namespace, NULL);
}

/* A filter of one instruction that allows everything. */
static int seccomp_filter(const void *unused)
{
	struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	struct sock_fprog program = {.len = 1, .filter = &allow};

	(void)unused;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	        syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0)
		return -errno;
	return 0;
}

int try_seccomp(void)
{
	return in_child(seccomp_filter, NULL);
}

/* A netlink message around a connector message around one number. */
static int listen_request(int fd)
{
	const enum proc_cn_mcast_op operation = PROC_CN_MCAST_LISTEN;
	const struct cn_msg connector = {
	        .id = {.idx = CN_IDX_PROC, .val = CN_VAL_PROC}, .len = sizeof operation};
	const struct nlmsghdr netlink = {
	        .nlmsg_len = NLMSG_LENGTH(sizeof connector + sizeof operation),
	        .nlmsg_type = NLMSG_DONE};
	char q[NLMSG_LENGTH(sizeof connector + sizeof operation)];

	memcpy(q, &netlink, sizeof netlink);
	memcpy(q + NLMSG_HDRLEN, &connector, sizeof connector);
	memcpy(q + NLMSG_HDRLEN + sizeof connector, &operation, sizeof operation);
	return send(fd, q, sizeof q, 0) < 0 ? -errno : 0;
}

static int proc_connector(const void *unused)
{
	struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = CN_IDX_PROC};
	int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_CONNECTOR);
	struct pollfd p = {.fd = fd, .events = POLLIN};
	char answer[1024];
	int r;

	(void)unused;
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0)
		return -errno;
	r = listen_request(fd);
	if (r < 0)
		return r;
	/* The kernel acknowledges; where it may not speak to us, silence is the answer. */
	if (poll(&p, 1, SILENCE_MS) <= 0)
		return -EPERM;
	return recv(fd, answer, sizeof answer, 0) < 0 ? -errno : 0;
}

int try_proc_connector(void)
{
	return in_child(proc_connector, NULL);
}

/* Unheard; 0 when it ends with status 0. */
static int run_quietly(char *const argv[])
{
	posix_spawn_file_actions_t actions;
	struct process_id id;
	int status = 0, r;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	for (int fd = 0; fd < 3; fd++)
		posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0);
	r = -posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (r < 0) /* EACCES: a directory of PATH that is not for us was looked into last */
		return r == -EACCES ? -ENOENT : r;
	if (process_id_read(pid, &id) == 0 && process_wait(&id, ANSWER_MS) == -ETIMEDOUT)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -ENOEXEC;
}

int try_program(const char *name)
{
	char option[] = "--version", program[64];
	char *argv[] = {program, option, NULL};

	snprintf(program, sizeof program, "%s", name);
	return run_quietly(argv);
}

int try_nat(void)
{
	char unshare[] = "unshare", options[] = "-Urn", nft[] = "nft";
	char rules[] = "add table ip t; add chain ip t c { type nat hook output priority -100; }; "
	               "add rule ip t c tcp dport 80 dnat to 127.0.0.1";
	char *argv[] = {unshare, options, nft, rules, NULL};

	return run_quietly(argv);
}

int try_socket(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	auto_close fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
		return -errno;
	return 0;
}

bool have_sys_admin(void)
{
	cap_t own = cap_get_proc();
	cap_flag_value_t value = CAP_CLEAR;

	if (own)
		cap_get_flag(own, CAP_SYS_ADMIN, CAP_EFFECTIVE, &value);
	cap_free(own);
	return value == CAP_SET;
}
