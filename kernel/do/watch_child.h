/* Standing by while a program runs in the foreground: its terminal, our signals, its end. */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

struct build;

/* Waits for the end of b->pidfd, a child of ours. Meanwhile signals are handed on and, with a
 * b->console_fd, bytes are passed between our terminal and it. Exit status as the shell counts:
 * 128 and the signal's number when one ended it. */
int watch_child(struct build *b);

/* Parts of it, for who has more to watch. */
void watch_signal_set(sigset_t *ret);
int watch_reap(int pidfd);
/* Hands a signal on. SIGINT ends a program that has no handler for it as pid 1 of its namespace:
 * the kernel would throw it away, pid_namespaces(7), and Ctrl-C could never end it. */
void watch_forward(const struct build *b, int signal);
