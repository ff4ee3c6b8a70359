#include "shell/command.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/error.h"

#include <stdarg.h>
#include <string.h>

const struct command *command_find(const char *name)
{
	for (size_t i = 0; commands[i]; i++)
		if (!strcmp(commands[i]->name, name))
			return commands[i];
	return NULL;
}

int command_fail(const char *command, const struct error *err)
{
	auto_buf text = BUF_INIT;

	error_format(err, &text);
	fprintf(stderr, "cutaway %s: %s\n", command, buf_text(&text));
	return 1;
}

int command_usage_error(const char *command, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "cutaway %s: ", command);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "\nTry 'cutaway %s --help'.\n", command);
	return EXIT_USAGE;
}

static bool wants_help(int argc, char **argv)
{
	return argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"));
}

int command_run_main(const struct command *command, int argc, char **argv)
{
	if (wants_help(argc, argv)) {
		fputs(command->usage, stdout);
		return 0;
	}
	return command->main(argc, argv);
}
