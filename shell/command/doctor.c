/* `cutaway doctor`: what works here, what blocks the rest, and how to open it. */
#include "kernel/base/cleanup.h"
#include "kernel/do/cgroup/cgroup.h"
#include "kernel/do/probe.h"
#include "shell/command.h"

#include <getopt.h>
#include <jansson.h>
#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

enum { MAX_PROBES = 64 };

struct findings {
	struct probe probes[MAX_PROBES];
	size_t n;
	bool ready;
};

static void examine(struct findings *f)
{
	for (size_t i = 0; i < probe_count() && i < MAX_PROBES; i++)
		if (probe_run(probe_name(i), &f->probes[f->n]) == 0)
			f->n++;
	f->ready = probe_ready();
}

/* How a yes and a no look: marks and colours where the terminal has them. */
struct look {
	const char *yes, *no, *end;
	int indent; /* columns up to what stands beside the name */
};

static struct look look_here(void)
{
	const char *term = getenv("TERM"), *no_color = getenv("NO_COLOR");
	bool utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	bool color = isatty(STDOUT_FILENO) && !(no_color && *no_color) && term &&
	             strcmp(term, "dumb") != 0;

	if (color)
		return utf8 ? (struct look){"\033[32m✓", "\033[31m✗", "\033[0m", 29}
		            : (struct look){"\033[32myes", "\033[31mno ", "\033[0m", 31};
	return utf8 ? (struct look){"✓", "✗", "", 29} : (struct look){"yes", "no ", "", 31};
}

static void print_table(const struct findings *f)
{
	struct look look = look_here();
	struct utsname u;

	if (uname(&u) == 0)
		printf("%s %s, %s, control groups: %s\n\n", u.sysname, u.release, u.machine,
		        cgroup_mode_name(cgroup_mode_detect()));
	for (size_t i = 0; i < f->n; i++) {
		const struct probe *p = &f->probes[i];
		printf("%s%s ", p->works ? look.yes : look.no, look.end);
		if (p->works)
			printf("%s\n", p->name);
		else
			printf("%-27s %s\n", p->name, p->blocked_by);
		if (!p->works && p->how[0])
			printf("%*s %s\n", look.indent, "", p->how);
	}
	putchar('\n');
	puts(f->ready ? "Containers can be built here: 'cutaway' starts the first lesson."
	              : "The first lesson cannot run here before this is mended: busybox, bash, "
	                "seccomp,\nand an overlay as root or in a user namespace.");
}

static void print_json(const struct findings *f)
{
	json_t *list = json_array(), *root;

	for (size_t i = 0; i < f->n; i++)
		json_array_append_new(
		        list, json_pack("{s:s,s:b,s:s,s:s}", "name", f->probes[i].name, "works",
		                      f->probes[i].works, "blocked_by", f->probes[i].blocked_by,
		                      "how", f->probes[i].how));
	root = json_pack("{s:b,s:s,s:o}", "ready", f->ready, "cgroup_mode",
	        cgroup_mode_name(cgroup_mode_detect()), "capabilities", list);
	json_dumpf(root, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(root);
}

static int has(const char *name)
{
	struct probe p;

	if (probe_run(name, &p) < 0)
		return command_usage_error("doctor", "no capability is called '%s'", name);
	if (!p.works)
		fprintf(stderr, "cutaway doctor: %s: %s\n%s%s%s", p.name, p.blocked_by,
		        p.how[0] ? "  " : "", p.how, p.how[0] ? "\n" : "");
	return p.works ? 0 : 1;
}

static int doctor_main(int argc, char **argv)
{
	static const struct option long_options[] = {
	        {"json", no_argument, NULL, 'j'},
	        {"has", required_argument, NULL, 'h'},
	        {0},
	};
	struct findings f = {0};
	bool json = false;
	int option;

	while ((option = command_option("doctor", argc, argv, ":", long_options)) != -1) {
		if (option == 'h')
			return has(optarg);
		if (option == '?')
			return EXIT_USAGE;
		json = true;
	}
	if (optind < argc)
		return command_usage_error("doctor", "'%s' is one too many", argv[optind]);
	fflush(stdout);
	examine(&f);
	if (json)
		print_json(&f);
	else
		print_table(&f);
	return f.ready ? 0 : 1;
}

const struct command command_doctor = {
        .name = "doctor",
        .usage = "Usage: cutaway doctor [--json]\n"
                 "       cutaway doctor --has NAME\n"
                 "Tries everything that lessons may need, here and as this user, and says for\n"
                 "what does not work which knob blocks it and how to open it. Nothing is left\n"
                 "on the machine by the attempts.\n\n"
                 "      --json      {ready, cgroup_mode, capabilities: [{name, works, blocked_by,\n"
                 "                  how}]}\n"
                 "      --has NAME  only one of them, such as 'user namespaces', 'cgroup memory':\n"
                 "                  no output and status 0 when it works\n\n"
                 "Exit status: 0 when the first lesson can run (--has: when NAME works), 1 when\n"
                 "not, 2 usage.\n",
        .main = doctor_main,
};
