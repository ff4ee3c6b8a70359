/* The first process between its clone3(2) and its execve(2): does the steps it is told to.
 *
 * It shares nothing with the parent but a socket. Each message says up to which step to go; each
 * answer says how far it came, or what failed: then it follows no more orders. When the socket
 * closes, the parent is gone, and so is it. Nothing in here allocates or uses stdio:
 * signal-safety(7) applies to it since the memory it runs in is a copy of a process that was
 * somewhere in its middle. */
#pragma once

#include "kernel/do/step.h"

enum child_verb {
	CHILD_RUN,
	CHILD_UNDO,
	CHILD_GROUPS /* the files to join control groups through come along; has no answer */
};

/* parent to child */
struct child_order {
	enum child_verb verb;
	unsigned step; /* RUN: all up to this one and not done yet; UNDO: this one */
	bool has_fd;   /* a descriptor comes along: the root directory */
};

enum child_answer {
	CHILD_DONE,
	CHILD_FAILED,
	CHILD_EXECUTING,
	CHILD_WAITING,
	CHILD_LISTENER /* the descriptor that comes along is not the terminal: listener.h */
};

/* child to parent */
struct child_report {
	enum child_answer answer;
	unsigned step;
	bool has_fd; /* a descriptor comes along: its terminal */
	struct child_error error;
};

struct build;
/* Runs until execve(2) succeeds or the parent is gone. */
_Noreturn void child_main(struct build *b);
/* Before execve(2): tells the parent that from now on end of file means success. */
void child_executing(struct build *b);
/* Before it waits for somebody else to give orders: the last word to this parent. */
void child_waiting(struct build *b);

/* One message and at most one descriptor (-1: none), unix(7). 0, -EPIPE at end of file, -errno.
 * A received descriptor is O_CLOEXEC and the caller's. */
int control_send(int fd, const void *message, size_t size, int passed_fd);
/* Connects to the stream socket `path`, which may be longer than sun_path. The caller's; -errno. */
int control_connect(const char *path);
int control_receive(int fd, void *message, size_t size, int *ret_fd);

/* The same with more of them. Of what is received more than `max` is closed. */
enum { CONTROL_FDS_MAX = 16 };
int control_send_fds(int fd, const void *message, size_t size, const int *fds, size_t n);
int control_receive_fds(
        int fd, void *message, size_t size, int *ret_fds, size_t max, size_t *ret_n);
