/* Every command: what cutaway-lab knows. */
#include "shell/command.h"

extern const struct command command_shell;
extern const struct command command_lessons;
extern const struct command command_progress, command_glossary, command_quiz;
extern const struct command command_lint;
extern const struct command command_replay;
extern const struct command command_draw, command_view, command_diagram;
extern const struct command command_run;
extern const struct command command_check;
extern const struct command command_step;
extern const struct command command_exec;
extern const struct command command_ps;
extern const struct command command_logs;
extern const struct command command_stop;
extern const struct command command_kill;
extern const struct command command_pause, command_unpause;
extern const struct command command_rm;
extern const struct command command_inspect;
extern const struct command command_state;
extern const struct command command_images;
extern const struct command command_url;
extern const struct command command_build, command_commit, command_diff;
extern const struct command command_tag, command_rmi, command_save, command_load, command_history;
extern const struct command command_registry;
extern const struct command command_verify;
extern const struct command command_tree, command_trace;
extern const struct command command_pull, command_push;
extern const struct command command_login, command_logout;
extern const struct command command_prepare;
extern const struct command command_clean;
extern const struct command command_doctor;
extern const struct command command_measure;
extern const struct command command_watch;

/* Each command adds its declaration and its line here, and what it does to command_list.c. */
const struct command *const commands[] = {
        &command_shell,
        &command_lessons,
        &command_progress,
        &command_glossary,
        &command_quiz,
        &command_lint,
        &command_replay,
        &command_draw,
        &command_view,
        &command_diagram,
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
        &command_state,
        &command_build,
        &command_commit,
        &command_diff,
        &command_images,
        &command_pull,
        &command_push,
        &command_login,
        &command_logout,
        &command_tag,
        &command_rmi,
        &command_save,
        &command_load,
        &command_verify,
        &command_history,
        &command_tree,
        &command_trace,
        &command_url,
        &command_registry,
        &command_clean,
        &command_doctor,
        &command_check,
        &command_measure,
        &command_watch,
        &command_prepare,
        NULL,
};
