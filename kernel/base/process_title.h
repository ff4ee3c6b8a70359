/* What ps(1) shows of this process. */
#pragma once

/* Overwrites the command line that /proc/PID/cmdline shows, cut to the room that the original took,
 * and the name in /proc/PID/comm (15 bytes of it). Whoever still holds pointers into argv reads the
 * new text through them: call it when the arguments have been copied. A kernel that does not tell
 * where the arguments are (proc(5), arg_start, Linux 3.5) leaves the command line as it was. */
void process_title_set(const char *title, const char *comm);
