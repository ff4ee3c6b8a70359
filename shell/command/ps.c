/* cutaway ps: the containers. */
#include "kernel/base/cleanup.h"
#include "kernel/do/container_state.h"
#include "shell/command.h"

#include <getopt.h>
#include <string.h>

static const char *text_of(const json_t *state, const char *key)
{
	const char *text = json_string_value(json_object_get(state, key));

	return text ? text : "";
}

/* "running", "paused", "exited 137", "building 7/22" */
static void status_text(const json_t *state, struct buf *out)
{
	const char *status = container_status_text(state);
	const json_t *steps = json_object_get(state, "steps"), *step;
	size_t i, done = 0;

	buf_add(out, !strcmp(status, "running") && container_frozen(state) ? "paused" : status);
	if (!strcmp(status, "exited"))
		buf_addf(out, " %d", (int)json_integer_value(json_object_get(state, "exit_code")));
	if (strcmp(status, "building") != 0 && strcmp(status, "planned") != 0)
		return;
	json_array_foreach (steps, i, step)
		done += !strcmp(text_of(step, "status"), "done");
	buf_addf(out, " %zu/%zu", done, json_array_size(steps));
}

static void command_text(const json_t *state, struct buf *out)
{
	const json_t *word;
	size_t i;

	json_array_foreach (json_object_get(state, "command"), i, word) {
		buf_add(out, i ? " " : "");
		for (const char *p = json_string_value(word); *p; p++)
			buf_addc(out, (unsigned char)*p < ' ' || *p == 0x7f ? '?' : *p);
	}
}

/* "0.0.0.0:8080->80/tcp, …" of one that lives: what has ended holds none. */
static void ports_text(const json_t *state, struct buf *out)
{
	const json_t *network = json_object_get(state, "network"), *port;
	size_t i;

	if (!strcmp(container_status_text(state), "exited"))
		return;
	json_array_foreach (json_object_get(network, "ports"), i, port)
		buf_addf(out, "%s%s:%d->%d/%s", i ? ", " : "", text_of(port, "host"),
		        (int)json_integer_value(json_object_get(port, "host_port")),
		        (int)json_integer_value(json_object_get(port, "port")),
		        text_of(port, "protocol"));
}

/* As wide as the longest; 0 = none has any, and there is no such column. */
static int ports_width(const json_t *list)
{
	const json_t *state;
	size_t i, width = 0;

	json_array_foreach (list, i, state) {
		auto_buf ports = BUF_INIT;
		ports_text(state, &ports);
		width = ports.len > width ? ports.len : width;
	}
	return (int)width;
}

static void print_table(const json_t *list)
{
	int width = ports_width(list);
	const json_t *state;
	size_t i;

	printf("%-20s %-12s %-16s %8s  ", "NAME", "IMAGE", "STATUS", "PID");
	if (width)
		printf("%-*s  ", width, "PORTS");
	puts("COMMAND");
	json_array_foreach (list, i, state) {
		auto_buf status = BUF_INIT, command = BUF_INIT, ports = BUF_INIT;
		char pid[16] = "-";
		if (container_process(state).pid)
			snprintf(pid, sizeof pid, "%d", (int)container_process(state).pid);
		status_text(state, &status);
		command_text(state, &command);
		ports_text(state, &ports);
		printf("%-20s %-12s %-16s %8s  ", text_of(state, "name"), text_of(state, "image"),
		        buf_text(&status), pid);
		if (width)
			printf("%-*s  ", width, buf_text(&ports));
		puts(buf_text(&command));
	}
}

static void drop_ended(json_t *list)
{
	for (size_t i = json_array_size(list); i-- > 0;)
		if (!strcmp(container_status_text(json_array_get(list, i)), "exited"))
			json_array_remove(list, i);
}

static int ps_main(int argc, char **argv)
{
	static const struct option long_options[] = {
	        {"all", no_argument, NULL, 'a'},
	        {"json", no_argument, NULL, 'j'},
	        {"quiet", no_argument, NULL, 'q'},
	        {NULL, 0, NULL, 0},
	};
	bool all = false, json = false, quiet = false;
	struct error err = {0};
	json_t *list = NULL;
	int option;

	optind = 0;
	while ((option = command_option("ps", argc, argv, "+aq", long_options)) != -1) {
		if (option == '?')
			return EXIT_USAGE;
		all |= option == 'a';
		json |= option == 'j';
		quiet |= option == 'q';
	}
	if (optind < argc)
		return command_usage_error("ps", "'%s': it takes no names", argv[optind]);
	if (container_load_all(&list, &err) < 0)
		return command_fail("ps", &err);
	if (!all)
		drop_ended(list);
	if (json) {
		json_dumpf(list, stdout, JSON_INDENT(2));
		putchar('\n');
	} else if (quiet) {
		for (size_t i = 0; i < json_array_size(list); i++)
			puts(text_of(json_array_get(list, i), "name"));
	} else {
		print_table(list);
	}
	json_decref(list);
	return 0;
}

const struct command command_ps = {
        .name = "ps",
        .usage = "Usage: cutaway ps [OPTION]...\n"
                 "List the containers that live; each PID is that of its first process, out here.\n"
                 "PORTS, where there are any: the machine's, and where they lead inside.\n"
                 "\n"
                 "  -a, --all    those that have ended too\n"
                 "  -q, --quiet  names only\n"
                 "      --json   all that is known, as JSON\n"
                 "\n"
                 "Exit status: 0, 1 on failure, 2 for wrong usage.\n",
        .main = ps_main,
};
