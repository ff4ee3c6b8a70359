/* cutaway run: make a container and run a program in it. */
#include "kernel/base/cleanup.h"
#include "kernel/base/process_title.h"
#include "kernel/do/container_state.h"
#include "kernel/do/monitor.h"
#include "kernel/do/network/network.h"
#include "kernel/do/seccomp.h"
#include "shell/command.h"
#include "shell/command/run_options.h"
#include "shell/command/run_plan.h"
#include "shell/step_keys.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { EXIT_OURS = 125 };

/* ---- what is done -------------------------------------------------------------------------- */

static int fail(const struct error *err)
{
	command_fail("run", err);
	return monitor_failure_status(err);
}

/* In the foreground this process is the monitor. */
static int run_here(const struct run *run, struct container *c)
{
	struct monitor_options o = {.foreground = true, .start = !run->container.step};
	struct error err = {0};
	int status = EXIT_OURS;
	int r = container_claim(c, &err);

	if (r == 0 && run->container.step) {
		r = step_keys(c, &err);
		if (r > 0) { /* the person has quit */
			r = container_finish(c, -1, &err);
			return r < 0 ? fail(&err) : 0;
		}
	}
	if (r == 0)
		r = monitor_run(c, &o, &status, &err);
	else
		container_finish(c, -1, NULL);
	return r < 0 ? fail(&err) : status;
}

/* What the monitor in the background tells the command that started it. */
struct notice {
	int status;
	struct error error;
};

struct telling {
	int fd;
	struct container *container;
};

static void tell(void *argument)
{
	struct telling *t = argument;
	struct notice ok = {0};
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	/* Nobody there to be told: whoever asked for the container has been killed or has given it
	 * up, and would not know of it. So it ends, and is not remembered. */
	if (write(t->fd, &ok, sizeof ok) < 0) {
		t->container->remove = true;
		kill(getpid(), CONTAINER_QUIT_SIGNAL);
	}
	cleanup_fd(&t->fd);
	for (int i = 0; null >= 0 && i < 3; i++)
		dup2(null, i);
	if (null > 2)
		close(null);
}

/* In a list of processes the monitor must not look like a second one of the container. */
static void set_title(const char *name)
{
	auto_buf title = BUF_INIT;

	buf_addf(&title, "cutaway monitor %s", name);
	process_title_set(buf_text(&title), "cutaway-monitor");
}

static _Noreturn void background(const struct run *run, struct container *c, int fd)
{
	struct telling telling = {.fd = fd, .container = c};
	struct monitor_options o = {
	        .step = run->container.step,
	        .start = !run->container.step,
	        .ready = tell,
	        .argument = &telling,
	};
	struct notice bad = {0};
	int status = 0, r;

	setsid();
	signal(SIGPIPE, SIG_IGN);
	(void)!chdir("/");
	set_title(c->name);
	r = container_claim(c, &bad.error);
	if (r == 0)
		r = monitor_run(c, &o, &status, &bad.error);
	else
		container_finish(c, -1, NULL);
	if (r < 0 && telling.fd >= 0) {
		bad.status = monitor_failure_status(&bad.error);
		(void)!write(telling.fd, &bad, sizeof bad);
	}
	container_free(c);
	_exit(0);
}

static int run_detached(const struct run *run, struct container *c)
{
	struct error err = {0};
	struct notice notice;
	int pipe_fd[2];
	ssize_t n;
	pid_t pid;

	if (pipe2(pipe_fd, O_CLOEXEC) < 0) {
		error_set(&err, errno, "start monitor", c->name, NULL);
		return fail(&err);
	}
	pid = fork();
	if (pid == 0) {
		close(pipe_fd[0]);
		background(run, c, pipe_fd[1]);
	}
	close(pipe_fd[1]);
	do
		n = read(pipe_fd[0], &notice, sizeof notice);
	while (n < 0 && errno == EINTR);
	close(pipe_fd[0]);
	if (pid < 0 || n != sizeof notice) {
		error_set(&err, pid < 0 ? EAGAIN : ECHILD, "start monitor", c->name,
		        "it ended before the container ran");
		return fail(&err);
	}
	if (notice.error.code) {
		command_fail("run", &notice.error);
		return notice.status;
	}
	puts(c->name);
	if (run->container.step)
		fprintf(stderr,
		        "%zu steps are planned, none is done. 'cutaway step' performs the next.\n",
		        c->plan->n);
	if (run->container.step)
		run_plan_note(c);
	return 0;
}

static int run_parsed(struct run *run)
{
	struct container *c = NULL;
	json_t *profile = NULL;
	struct error err = {0};
	int r;

	/* Perhaps a pipe of the shell, "<(…)": read before those are closed. */
	if (run->profile && seccomp_profile_read(run->profile, &profile, &err) < 0)
		return fail(&err);
	run->container.seccomp_profile = profile;
	/* The monitor outlives us: a pipe that our caller left open would never end. */
	if (syscall(SYS_close_range, 3, ~0u, 0) < 0 && errno != ENOSYS)
		return EXIT_OURS;
	r = container_plan(&run->container, &c, &err);
	json_decref(profile);
	if (r < 0)
		return fail(&err);
	if (*c->id_problem)
		fprintf(stderr, "cutaway run: only one id is mapped: %s\n", c->id_problem);
	if (!run->plan && c->build.network && c->build.network->no_rules)
		fprintf(stderr, "cutaway run: the bridge has no way out of this machine: %s\n",
		        c->build.network->no_rules);
	if (run->plan)
		r = run_plan_print(c, run->json) < 0 ? EXIT_OURS : 0;
	else
		r = run->container.detach ? run_detached(run, c) : run_here(run, c);
	container_free(c);
	return r;
}

static int run_main(int argc, char **argv)
{
	struct run run = {0};
	auto_free const char **env = calloc((size_t)argc + 1, sizeof *env);
	auto_free struct volume_option *volumes = calloc((size_t)argc + 1, sizeof *volumes);
	int r;

	if (!env || !volumes)
		return EXIT_OURS;
	run.container.env = env;
	run.container.volumes = run.volumes = volumes;
	r = run_options(argc, argv, &run);
	if (r == 0)
		r = run_parsed(&run);
	for (size_t i = 0; i < run.container.n_volumes; i++)
		options_volume_release(&volumes[i]);
	return r;
}
static const char usage[] =
        "Usage: cutaway run [OPTION]... IMAGE [COMMAND [ARG]...]\n"
        "Make a container of an image and run a program in it.\n"
        "\n"
        "  -d, --detach             leave it in the background and print its name\n"
        "      --rm                 remove it when it has ended\n"
        "  -i, --interactive        accepted: standard input is always passed\n"
        "  -t, --tty                give it a terminal of its own\n"
        "      --name NAME          its name; else one is made up\n"
        "  -h, --hostname NAME      its host name; else its name\n"
        "  -m, --memory SIZE        no more memory than this: 64M, 1G\n"
        "      --pids-limit N       no more processes than this\n"
        "      --cpus N             no more time than that of N processors: 0.5, 2\n"
        "  -e, --env NAME=VALUE     an environment variable; may be repeated\n"
        "  -w, --workdir DIR        the directory it starts in\n"
        "  -u, --user USER[:GROUP]  the user it runs as: names that the image knows, or numbers\n"
        "  -v, --volume SRC:DST[:OPT]  show a directory or file of the host at DST; ro: to read\n"
        "                           only. What is written there stays, and belongs to whom\n"
        "                           the user inside is outside; idmap: to the same user\n"
        "                           outside (needs root); may be repeated\n"
        "      --cap-add CAP        keep this capability too; a list with commas, or ALL\n"
        "      --cap-drop CAP       do not keep this one\n"
        "      --security-opt OPT   seccomp=FILE: a system call filter of one's own, as\n"
        "                           docker has them; seccomp=unconfined: none;\n"
        "                           no-new-privileges=false: let set-user-ID programs work\n"
        "      --userns auto|host   a user namespace (auto) or none (host; needs root)\n"
        "      --network none|host|bridge  a network of its own with only a loopback\n"
        "                           (none), the host's, or a place on the bridge of the lab,\n"
        "                           with an address and the names of the others (as root);\n"
        "                           container:NAME: the network of that container\n"
        "      --ipc, --pid, --uts private|container:NAME  shared memory and queues, processes,\n"
        "                           host name: of its own, or those of that container. What\n"
        "                           is shared brings the user namespace of that one along\n"
        "  -p, --publish [IP:]HOSTPORT:PORT[/udp]  with --network bridge: what arrives at\n"
        "                           that port of the machine goes to PORT in there; may be\n"
        "                           repeated\n"
        "      --plan               print the steps and do nothing\n"
        "      --json               with --plan: as JSON, an array of steps with number, id,\n"
        "                           title, where (host or child), state (todo), call and\n"
        "                           shell (lines each), why and man\n"
        "      --step               perform one step a key; with -d: one each 'cutaway step'\n"
        "\n"
        "Without --tty, standard input, output and error are passed straight through. Ctrl-C\n"
        "goes to the program; one that does not listen to it is ended.\n"
        "\n"
        "A volume that the image asks for (VOLUME) is a directory of the container's own, begins\n"
        "as what the image has there, and goes with it; --volume may be in its place.\n"
        "\n"
        "Exit status: the program's own; 128 and the number of the signal that ended it; 127\n"
        "when it was not found, 126 when it could not be run, 125 when the container could not\n"
        "be made; 2 for wrong usage.\n"
        "\n"
        "Examples:\n"
        "  cutaway run --rm base echo hello\n"
        "  cutaway run -it --rm base sh\n"
        "  cutaway run -d --network bridge -p 8080:80 --name web base httpd -f -h /etc\n"
        "  cutaway run -d --name pause base sleep 1000\n"
        "  cutaway run --rm --network container:pause --ipc container:pause base ip addr\n"
        "  cutaway run -d --step --name hand -m 64M base sleep 3600; cutaway step hand\n";

const struct command command_run = {
        .name = "run",
        .usage = usage,
        .main = run_main,
};
