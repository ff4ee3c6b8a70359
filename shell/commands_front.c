/* The commands that a lesson types all the time, and scripts: what the program `cutaway` does
 * itself. */
#include "shell/command.h"

#include <stddef.h>

extern const struct command command_run;
extern const struct command command_step;
extern const struct command command_exec;
extern const struct command command_ps;
extern const struct command command_logs;
extern const struct command command_stop;
extern const struct command command_kill;
extern const struct command command_pause, command_unpause;
extern const struct command command_rm;
extern const struct command command_inspect;
extern const struct command command_check;
extern const struct command command_measure;
extern const struct command command_watch;

const struct command *const commands[] = {
        &command_run,
        &command_step,
        &command_exec,
        &command_ps,
        &command_logs,
        &command_stop,
        &command_kill,
        &command_pause,
        &command_unpause,
        &command_rm,
        &command_inspect,
        &command_check,
        &command_measure,
        &command_watch,
        NULL,
};
