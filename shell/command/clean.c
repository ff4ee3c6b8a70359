/* `cutaway clean`: remove what a crash left. */
#include "kernel/base/cleanup.h"
#include "kernel/do/sweep.h"
#include "shell/command.h"

#include <getopt.h>
#include <string.h>

static void print_report(const struct buf *report, const char *prefix)
{
	const char *line = buf_text(report);

	while (*line) {
		int n = (int)strcspn(line, "\n");
		printf("%s %.*s\n", prefix, n, line);
		line += n + (line[n] == '\n');
	}
}

static int clean_main(int argc, char **argv)
{
	static const struct option long_options[] = {
	        {"all", no_argument, NULL, 'a'},
	        {"dry-run", no_argument, NULL, 'n'},
	        {0},
	};
	struct sweep_options options = {0};
	auto_buf report = BUF_INIT;
	struct error err = {0};
	int option, r;

	while ((option = command_option("clean", argc, argv, "an", long_options)) != -1) {
		if (option == 'a')
			options.all = true;
		else if (option == 'n')
			options.dry_run = true;
		else
			return EXIT_USAGE;
	}
	if (optind < argc)
		return command_usage_error("clean", "'%s' is one too many", argv[optind]);
	r = sweep(&options, &report, &err);
	print_report(&report, options.dry_run ? "would remove" : "removed");
	if (r < 0)
		return command_fail("clean", &err);
	if (!report.len)
		puts("nothing to clean");
	return 0;
}

const struct command command_clean = {
        .name = "clean",
        .usage = "Usage: cutaway clean [--all] [--dry-run]\n"
                 "Removes what labs and containers left on the machine when they were killed:\n"
                 "processes, control groups, mounts, files. Each of them was written to a ledger\n"
                 "before it was made; nothing else is touched, and nothing whose owner lives.\n"
                 "The next start of a lab does the same.\n\n"
                 "  -a, --all       also end what is running and forget containers that exited,\n"
                 "                  except the lab this is called in\n"
                 "  -n, --dry-run   only say what would be removed\n\n"
                 "Exit status: 0, 1 when something could not be removed, 2 usage.\n",
        .main = clean_main,
};
