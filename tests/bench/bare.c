/* The least that makes a container: bare ROOTFS SCRATCH PROGRAM [ARG]...
 *
 * One clone3 with the namespaces that `cutaway run` makes, an identity map, an overlay of ROOTFS
 * with its writable layer in SCRATCH, /proc, /dev and /sys, pivot_root, execve. No control group,
 * no capability dropped, no filter: what is left of the time is the kernel's own. */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void write_file(pid_t pid, const char *file, const char *text)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		err(1, "%s", path);
	close(fd);
}

static void mount_or_die(const char *source, const char *target, const char *type,
        unsigned long flags, const char *data)
{
	if (mount(source, target, type, flags, data) < 0)
		err(1, "mount %s", target);
}

static void child(const char *rootfs, const char *scratch, char **argv, int ready)
{
	static char search[] = "PATH=/usr/bin:/bin", *const environment[] = {search, NULL};
	char data[1024], merged[512], path[600], byte;

	if (read(ready, &byte, 1) != 1)
		_exit(1);
	mount_or_die(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
	snprintf(merged, sizeof(merged), "%s/merged", scratch);
	snprintf(data, sizeof(data), "lowerdir=%s,upperdir=%s/upper,workdir=%s/work", rootfs,
	        scratch, scratch);
	mount_or_die("overlay", merged, "overlay", 0, data);
	if (chdir(merged) < 0)
		err(1, "%s", merged);
	mkdir("proc", 0755);
	mkdir("dev", 0755);
	mkdir("sys", 0755);
	mount_or_die("proc", "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	mount_or_die("tmpfs", "dev", "tmpfs", MS_NOSUID, "mode=755");
	for (const char *const *d = (const char *const[]){"null", "zero", "full", "random",
	             "urandom", "tty", NULL};
	        *d; d++) {
		char source[32];

		snprintf(source, sizeof(source), "/dev/%s", *d);
		snprintf(path, sizeof(path), "dev/%s", *d);
		close(open(path, O_CREAT | O_CLOEXEC | O_WRONLY, 0666));
		mount_or_die(source, path, NULL, MS_BIND, NULL);
	}
	mount_or_die("sysfs", "sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY, NULL);
	/* The old root lands on top of the new one and is taken off, pivot_root(2). */
	if (syscall(SYS_pivot_root, ".", ".") < 0 || umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
		err(1, "pivot_root");
	if (sethostname("bare", 4) < 0)
		err(1, "sethostname");
	execve(argv[0], argv, environment);
	err(127, "%s", argv[0]);
}

int main(int argc, char **argv)
{
	struct clone_args args = {
	        .flags = CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC |
	                 CLONE_NEWNET | CLONE_NEWCGROUP,
	        .exit_signal = SIGCHLD,
	};
	static const char *const below[] = {"upper", "work", "merged"};
	char path[512];
	int ready[2], status;
	pid_t pid;

	if (argc < 4)
		errx(2, "usage: bare ROOTFS SCRATCH PROGRAM [ARG]...");
	for (size_t i = 0; i < sizeof(below) / sizeof(below[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", argv[2], below[i]);
		mkdir(path, 0755);
	}
	if (pipe2(ready, O_CLOEXEC) < 0)
		err(1, "pipe");
	pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
	if (pid < 0)
		err(1, "clone3");
	if (!pid)
		child(argv[1], argv[2], argv + 3, ready[0]);
	write_file(pid, "uid_map", "0 0 65536");
	write_file(pid, "gid_map", "0 0 65536");
	if (write(ready[1], "", 1) != 1 || waitpid(pid, &status, 0) < 0)
		err(1, "container");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
