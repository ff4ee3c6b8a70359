#include "shell/command.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/error.h"

#include <stdarg.h>
#include <string.h>

extern const struct command command_shell;
extern const struct command command_lessons;
extern const struct command command_lint;
extern const struct command command_replay;
extern const struct command command_draw;
extern const struct command command_run;
extern const struct command command_check;
extern const struct command command_step;
extern const struct command command_exec;
extern const struct command command_ps;
extern const struct command command_logs;
extern const struct command command_stop;
extern const struct command command_kill;
extern const struct command command_rm;
extern const struct command command_inspect;
extern const struct command command_state;
extern const struct command command_images;
extern const struct command command_clean;
extern const struct command command_doctor;

/* Each command adds its declaration and its line here, in the order of the help. */
const struct command *const commands[] = {
        &command_shell,
        &command_lessons,
        &command_lint,
        &command_replay,
        &command_draw,
        &command_run,
        &command_step,
        &command_exec,
        &command_ps,
        &command_logs,
        &command_stop,
        &command_kill,
        &command_rm,
        &command_inspect,
        &command_state,
        &command_images,
        &command_clean,
        &command_doctor,
        &command_check,
        NULL,
};

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
