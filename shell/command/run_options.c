#include "shell/command/run_options.h"

#include "kernel/do/container.h"
#include "kernel/do/size.h"
#include "kernel/do/users.h"
#include "shell/command.h"
#include "shell/command/run_values.h"

#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

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

int run_options(int argc, char **argv, struct run *run)
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
