#include "shell/command.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/error.h"
#include "shell/option.h"

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
	auto_free char *text = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	/* An argument that came from elsewhere must not steer the terminal. */
	for (char *p = text; p && *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = '?';
	fprintf(stderr, "cutaway %s: %s\nTry 'cutaway %s --help'.\n", command, text ? text : "",
	        command);
	return EXIT_USAGE;
}

int command_option(
        const char *command, int argc, char **argv, const char *shorts, const struct option *longs)
{
	auto_buf problem = BUF_INIT;
	int option = option_next(argc, argv, shorts, longs, &problem);

	if (option == '?')
		command_usage_error(command, "%s", buf_text(&problem));
	return option;
}

/* Among the options, wherever one thinks of it; behind the first other word it may be another
 * program's. */
static bool wants_help(int argc, char **argv)
{
	for (int i = 1; i < argc && argv[i][0] == '-' && strcmp(argv[i], "--") != 0; i++)
		if (!strcmp(argv[i], "--help") || (i == 1 && !strcmp(argv[i], "-h")))
			return true;
	return false;
}

static void print_usage(const struct command *command)
{
	auto_buf list = BUF_INIT;

	fputs(command->usage, stdout);
	if (command->usage_list) {
		command->usage_list(&list);
		fputs(buf_text(&list), stdout);
		fputs(command->usage_rest, stdout);
	}
}

int command_run_main(const struct command *command, int argc, char **argv)
{
	if (wants_help(argc, argv)) {
		print_usage(command);
		return 0;
	}
	return command->main(argc, argv);
}

bool command_is_diagram(const char *program)
{
	const char *slash = strrchr(program, '/');

	return !strcmp(slash ? slash + 1 : program, "diagram");
}
