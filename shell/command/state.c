/* `cutaway state`: the machine as the drawing sees it, as JSON. */
#include "kernel/base/cleanup.h"
#include "kernel/observe/model_json.h"
#include "kernel/observe/observer.h"
#include "shell/command.h"

#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <stdlib.h>

struct state_options {
	struct observer_options observer;
	bool pretty, quiet;
	long repeat;
};

static int print_model(const struct model *m, bool pretty, struct error *err)
{
	json_t *json = model_to_json(m);
	int r;

	if (!json)
		return error_set(err, ENOMEM, "write", "the model", NULL);
	errno = 0;
	r = json_dumpf(json, stdout, pretty ? JSON_INDENT(2) : JSON_COMPACT);
	json_decref(json);
	if (r < 0 || putchar('\n') == EOF || fflush(stdout) != 0)
		return error_set(err, errno, "write", "the model", NULL);
	return 0;
}

static int run(const struct state_options *options)
{
	struct observer *observer = NULL;
	struct error err = {0};
	int r = observer_new(&options->observer, &observer, &err);

	for (long i = 0; r == 0 && i < options->repeat; i++) {
		struct model *m = NULL;
		r = observer_read(observer, &m, &err);
		if (r == 0 && !options->quiet)
			r = print_model(m, options->pretty, &err);
		model_free(m);
	}
	observer_free(observer);
	return r < 0 ? command_fail("state", &err) : 0;
}

static int state_main(int argc, char **argv)
{
	enum { ROOT = 256, RUNTIME, PRETTY, QUIET, REPEAT };
	static const struct option long_options[] = {
	        {"root", required_argument, NULL, ROOT},
	        {"runtime", required_argument, NULL, RUNTIME},
	        {"pretty", no_argument, NULL, PRETTY},
	        {"quiet", no_argument, NULL, QUIET},
	        {"repeat", required_argument, NULL, REPEAT},
	        {0},
	};
	struct state_options options = {.repeat = 1};
	char *end;

	optind = 1;
	for (int c; (c = command_option("state", argc, argv, "", long_options)) != -1;)
		switch (c) {
		case ROOT:
			options.observer.root = optarg;
			break;
		case RUNTIME:
			options.observer.runtime = optarg;
			break;
		case PRETTY:
			options.pretty = true;
			break;
		case QUIET:
			options.quiet = true;
			break;
		case REPEAT:
			errno = 0;
			options.repeat = strtol(optarg, &end, 10);
			if (errno || *end || end == optarg || options.repeat < 1)
				return command_usage_error(
				        "state", "--repeat wants a number above 0");
			break;
		default:
			return EXIT_USAGE;
		}
	if (optind < argc)
		return command_usage_error("state", "unexpected argument '%s'", argv[optind]);
	return run(&options);
}

const struct command command_state = {
        .name = "state",
        .usage =
                "Usage: cutaway state [--root DIR] [--pretty]\n"
                "Reads the machine once and prints it as one JSON object.\n"
                "\n"
                "  --pretty       indent, for people\n"
                "  --root DIR     read the recorded tree DIR (DIR/proc, DIR/sys) instead of this\n"
                "                 machine\n"
                "  --runtime DIR  where our containers' state is kept (default: the runtime\n"
                "                 directory of this user; DIR/run/cutaway in a recorded tree)\n"
                "  --quiet        read and print nothing\n"
                "  --repeat N     do it N times, one object a line\n"
                "\n"
                "Members of the object:\n"
                "  generation, time_ms   number of the observation; CLOCK_REALTIME\n"
                "  host        hostname, kernel, machine, cgroup_mode (v2 v1 hybrid none), ns,\n"
                "              memory_total (bytes), cpus, uid (of the reader)\n"
                "  processes   pid, ppid, start_time (ticks since boot), uid (effective), comm,\n"
                "              cmdline, ns (inode by type; left out what may not be read), ns_pid\n"
                "              (pid in its own pid namespace), cap_effective, cap_bounding (hex),\n"
                "              seccomp (0 none, 1 strict, 2 filter), seccomp_filters,\n"
                "              no_new_privs, state, role (regular, kernel thread, daemon,\n"
                "              containerized, lab), cgroup (path), container (name)\n"
                "  namespaces  type, inode, initial, processes, first_pid\n"
                "  cgroups     path, controllers, ours, processes, memory_current, memory_max,\n"
                "              pids_current, pids_max, cpu_usage_us, cpu_quota_us, cpu_period_us,\n"
                "              frozen, io_read, io_written (bytes), pressure_cpu, "
                "pressure_memory,\n"
                "              pressure_io (hundredths of a percent of the last 10 seconds),\n"
                "              cpu_rate, io_rate (microseconds and bytes a second between the\n"
                "              last two looks, a second apart or more), cpu_past, memory_past.\n"
                "              A limit is a number, \"max\", or null where it is unknown\n"
                "  mounts      id, parent_id, mnt_ns, source, target, fstype, options, "
                "propagation\n"
                "  links       net_ns, index, name, kind, addresses, up\n"
                "  listeners   net_ns, protocol (tcp, udp), address, port, pid (null where it was\n"
                "              not found): what is listened on in the host's network namespace\n"
                "              and in those of containers; on the host only daemons of engines,\n"
                "              their clients, labs of ours and processes in containers are "
                "looked\n"
                "              through. Of UDP sockets those that are bound and not connected\n"
                "  daemons     name, label, pid, socket\n"
                "  connections from, to (pids; null where it may not be seen), socket, count: who\n"
                "              is connected to whom, over Unix sockets as far as daemons of\n"
                "              engines and labs of ours are concerned, and over TCP to those who\n"
                "              listen; then also from_net (null where it is elsewhere, or behind "
                "a\n"
                "              translation of addresses) and to_net\n"
                "  containers  name, image, command, status (planned building running exited\n"
                "              foreign), pid, start_time, exit_code, ns (only its own), hostname,\n"
                "              uid_map, gid_map, cgroup, layers, upper, rootfs, steps (id, title,\n"
                "              status, error), processes\n"
                "\n"
                "Exit status: 0, 1 when the machine can not be read, 2 for wrong usage.\n"
                "\n"
                "Examples:\n"
                "  cutaway state --pretty | less\n"
                "  cutaway state | jq -r '.containers[] | .name + \" \" + .status'\n",
        .main = state_main,
};
