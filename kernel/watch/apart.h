/* A process of ours beside the command that has the terminal. */
#pragma once

#include <sys/types.h>

/* What ends or stops the command must not do so with us, nobody must wait for the end of our
 * streams, no directory is kept busy. Signals of the terminal and SIGPIPE, SIGTERM, SIGUSR2 are
 * ignored; the process is a group of its own. */
void apart_leave_terminal(void);
