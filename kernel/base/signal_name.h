/* Signals by the names that kill(1) knows them by. */
#pragma once

/* "9", "KILL", "SIGKILL" or "sigkill", "RTMIN+3"; -1 for none. signal(7) */
int signal_by_name(const char *text);
