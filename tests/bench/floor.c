/* The floor under a runtime: floor ROOTFS PROGRAM [ARG]...
 *
 * What the kernel itself takes for the container of tests/bench/oci.sh: one clone3 with the same
 * five namespaces, the same seven mounts, pivot_root, execve, and the wait. No control group, no
 * capability dropped, no filter, no configuration read. */
#include <err.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void mount_or_die(const char *source, const char *target, const char *type,
        unsigned long flags, const char *data)
{
	mkdir(target, 0755);
	if (mount(source, target, type, flags, data) < 0)
		err(1, "mount %s", target);
}

static _Noreturn void child(const char *rootfs, char **argv)
{
	static char search[] = "PATH=/usr/bin:/bin", *const environment[] = {search, NULL};
	const unsigned long safe = MS_NOSUID | MS_NODEV | MS_NOEXEC;

	mount_or_die(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
	mount_or_die(rootfs, rootfs, NULL, MS_BIND | MS_REC, NULL);
	if (chdir(rootfs) < 0)
		err(1, "%s", rootfs);
	mount_or_die("proc", "proc", "proc", safe, NULL);
	mount_or_die("tmpfs", "dev", "tmpfs", MS_NOSUID, "mode=755");
	mount_or_die("devpts", "dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance");
	mount_or_die("shm", "dev/shm", "tmpfs", safe, "mode=1777");
	mount_or_die("mqueue", "dev/mqueue", "mqueue", safe, NULL);
	mount_or_die("sysfs", "sys", "sysfs", safe | MS_RDONLY, NULL);
	/* The old root lands on top of the new one and is taken off, pivot_root(2). */
	if (syscall(SYS_pivot_root, ".", ".") < 0 || umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
		err(1, "pivot_root");
	if (sethostname("floor", 5) < 0)
		err(1, "sethostname");
	execve(argv[0], argv, environment);
	err(127, "%s", argv[0]);
}

int main(int argc, char **argv)
{
	struct clone_args args = {
	        .flags = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET,
	        .exit_signal = SIGCHLD,
	};
	int status;
	pid_t pid;

	if (argc < 3)
		errx(2, "usage: floor ROOTFS PROGRAM [ARG]...");
	pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
	if (pid < 0)
		err(1, "clone3");
	if (!pid)
		child(argv[1], argv + 2);
	if (waitpid(pid, &status, 0) < 0)
		err(1, "waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
