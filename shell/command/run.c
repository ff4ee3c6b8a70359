/* cutaway run: make a container and run a program in it. */
#include "kernel/base/cleanup.h"
#include "kernel/base/process_title.h"
#include "kernel/do/container_state.h"
#include "kernel/do/monitor.h"
#include "kernel/do/network/network.h"
#include "kernel/do/seccomp.h"
#include "kernel/do/size.h"
#include "kernel/do/users.h"
#include "shell/command.h"
#include "shell/command/run_plan.h"
#include "shell/command/run_values.h"
#include "shell/step_keys.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { EXIT_OURS = 125 };

struct run {
	struct container_options container;
	const char *profile; /* file of the filter that was asked for */
	struct volume_option *volumes;
	struct port ports[PORT_MAX];
	bool plan, json;
};

enum {
	OPT_RM = 256,
	OPT_NAME,
	OPT_PIDS,
	OPT_CPUS,
	OPT_USERNS,
	OPT_NETWORK,
	OPT_IPC,
	OPT_PID,
	OPT_UTS,
	OPT_STEP,
	OPT_PLAN,
	OPT_JSON,
	OPT_CAP_ADD,
	OPT_CAP_DROP,
	OPT_SECURITY,
};

static const struct option long_options[] = {
        {"detach", no_argument, NULL, 'd'},
        {"rm", no_argument, NULL, OPT_RM},
        {"interactive", no_argument, NULL, 'i'},
        {"tty", no_argument, NULL, 't'},
        {"name", required_argument, NULL, OPT_NAME},
        {"hostname", required_argument, NULL, 'h'},
        {"memory", required_argument, NULL, 'm'},
        {"pids-limit", required_argument, NULL, OPT_PIDS},
        {"cpus", required_argument, NULL, OPT_CPUS},
        {"userns", required_argument, NULL, OPT_USERNS},
        {"network", required_argument, NULL, OPT_NETWORK},
        {"net", required_argument, NULL, OPT_NETWORK},
        {"ipc", required_argument, NULL, OPT_IPC},
        {"pid", required_argument, NULL, OPT_PID},
        {"uts", required_argument, NULL, OPT_UTS},
        {"step", no_argument, NULL, OPT_STEP},
        {"plan", no_argument, NULL, OPT_PLAN},
        {"json", no_argument, NULL, OPT_JSON},
        {"cap-add", required_argument, NULL, OPT_CAP_ADD},
        {"cap-drop", required_argument, NULL, OPT_CAP_DROP},
        {"security-opt", required_argument, NULL, OPT_SECURITY},
        {"env", required_argument, NULL, 'e'},
        {"workdir", required_argument, NULL, 'w'},
        {"user", required_argument, NULL, 'u'},
        {"volume", required_argument, NULL, 'v'},
        {"publish", required_argument, NULL, 'p'},
        {NULL, 0, NULL, 0},
};

/* ---- options ------------------------------------------------------------------------------- */

/* A word that must be one of two. */
static int choose(const char *text, const char *yes, const char *no, bool *ret)
{
	if (strcmp(text, yes) != 0 && strcmp(text, no) != 0)
		return -1;
	*ret = !strcmp(text, yes);
	return 0;
}

static int bad_value(const char *option, const char *value, const char *should_be)
{
	return command_usage_error("run", "%s '%s': %s", option, value, should_be);
}

static int share_option(struct container_options *c, enum share_kind kind, const char *value)
{
	char option[16];

	snprintf(option, sizeof option, "--%s", share_type(kind));
	return run_share(value, kind, c) < 0
	               ? bad_value(option, value, "it should be private or container:NAME")
	               : 0;
}

static int add_env(struct container_options *c, const char *pair)
{
	if (!strchr(pair, '=') || pair[0] == '=')
		return bad_value("--env", pair, "it should be NAME=VALUE");
	c->env[c->n_env++] = pair;
	return 0;
}

/* Names and the like: text that has a form. */
static int text_option(struct container_options *c, int option, const char *value)
{
	switch (option) {
	case OPT_NAME:
		c->name = value;
		return container_name_ok(value)
		               ? 0
		               : bad_value("--name", value,
		                         "it should have up to 63 letters, digits, '_', '.' and "
		                         "'-', and begin with a letter or digit");
	case 'h':
		c->hostname = value;
		return *value && strlen(value) <= HOST_NAME_MAX
		               ? 0
		               : bad_value("--hostname", value, "it should have 1 to 64 bytes");
	case 'w':
		c->workdir = value;
		return value[0] == '/' ? 0
		                       : bad_value("--workdir", value,
		                                 "it should be a path that begins with '/'");
	case 'u':
		c->user = value;
		return users_form(value) ? 0
		                         : bad_value("--user", value,
		                                   "it should be USER[:GROUP], names or numbers");
	default:
		return add_env(c, value);
	}
}

/* Options that take a value which can be wrong. */
static int value_option(struct run *run, int option, const char *value)
{
	struct container_options *c = &run->container;

	switch (option) {
	case 'm':
		return size_parse(value, &c->memory_max) < 0
		               ? bad_value("--memory", value,
		                         "it should be a size above 0, as in 64M or 1G")
		               : 0;
	case OPT_PIDS:
		return count_parse(value, &c->pids_max) < 0
		               ? bad_value("--pids-limit", value,
		                         "it should be a whole number above 0")
		               : 0;
	case OPT_CPUS:
		return run_cpus(value, &c->cpu_quota_us) < 0
		               ? bad_value("--cpus", value,
		                         "it should be a number from 0.01, as in 0.5 or 2")
		               : 0;
	case OPT_USERNS:
		return choose(value, "host", "auto", &c->userns_host) < 0
		               ? bad_value("--userns", value, "it should be auto or host")
		               : 0;
	case OPT_NETWORK:
		return run_network(value, c) < 0
		               ? bad_value("--network", value,
		                         "it should be none, host, bridge or container:NAME")
		               : 0;
	case OPT_IPC:
		return share_option(c, SHARE_IPC, value);
	case OPT_PID:
		return share_option(c, SHARE_PID, value);
	case OPT_UTS:
		return share_option(c, SHARE_UTS, value);
	case OPT_CAP_ADD:
	case OPT_CAP_DROP:
		return run_capabilities(value, option == OPT_CAP_ADD ? &c->cap_add : &c->cap_drop) <
		                       0
		               ? bad_value("capability", value,
		                         "there is none such; see capabilities(7)")
		               : 0;
	case OPT_SECURITY:
		return run_security(value, c, &run->profile) < 0
		               ? bad_value("--security-opt", value,
		                         "it should be seccomp=unconfined, seccomp=FILE or "
		                         "no-new-privileges[=false]")
		               : 0;
	default:
		return text_option(c, option, value);
	}
}

static int one_option(struct run *run, int option, const char *value)
{
	struct container_options *c = &run->container;

	switch (option) {
	case 'd':
		c->detach = true;
		return 0;
	case 'i':
		c->interactive = true;
		return 0;
	case 't':
		c->terminal = true;
		return 0;
	case OPT_RM:
		c->remove = true;
		return 0;
	case OPT_STEP:
		run->container.step = true;
		return 0;
	case OPT_PLAN:
		run->plan = true;
		return 0;
	case OPT_JSON:
		run->json = true;
		return 0;
	case 'v':
		return run_volume(value, &run->volumes[run->container.n_volumes++]);
	case 'p':
		return run_port(value, c, run->ports);
	default:
		return value_option(run, option, value);
	}
}

static int parse(int argc, char **argv, struct run *run)
{
	int option, r = 0;

	optind = 0; /* a fresh start of getopt(3), with the leading '+' looked at again */
	while (r == 0 && (option = command_option(
	                          "run", argc, argv, "+:dith:m:e:w:u:v:p:", long_options)) != -1) {
		if (option == '?')
			return EXIT_USAGE;
		r = one_option(run, option, optarg);
	}
	if (r)
		return r;
	if (optind >= argc)
		return command_usage_error("run", "which image?");
	if (run->json && !run->plan)
		return command_usage_error("run", "--json goes with --plan");
	run->container.image = argv[optind];
	run->container.command = argv + optind + 1;
	run->container.n_command = (size_t)(argc - optind - 1);
	run->container.limits_optional = run->container.step || run->plan;
	run->container.look_only = run->plan;
	run->container.ports = run->ports;
	if (run->container.n_ports && !run->container.network_bridge)
		return command_usage_error("run", "--publish goes with --network bridge");
	if (run->container.hostname && run->container.share_with[SHARE_UTS])
		return command_usage_error("run", "--hostname: with --uts container:NAME the name "
		                                  "is that of the other");
	if (run->plan)
		return 0; /* it takes no terminal to look */
	if (run->container.step && !run->container.detach && !(isatty(0) && isatty(1)))
		return command_usage_error(
		        "run", "--step without --detach asks for keys, and this is no terminal");
	if (run->container.terminal && !run->container.detach && !isatty(0))
		return command_usage_error("run", "--tty needs a terminal as standard input");
	return 0;
}

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
	r = parse(argc, argv, &run);
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
