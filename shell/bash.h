/* The one long-lived bash behind the prompt: `cd`, variables, functions, jobs and interactive
 * programs work as in any terminal, because bash does them. No start-up file of the user is read:
 * everybody in a class has the same shell. Nothing is added to the user's shell history.
 *
 * With a terminal as `in` (and it being ours: tcgetpgrp(3) succeeds) bash is interactive: each
 * foreground job owns the terminal, Ctrl-C and Ctrl-Z hit the job and not us, `fg` works. The
 * terminal is bash's during bash_session_run() and ours again after it, in the modes it had.
 * Without a terminal bash is a plain one that takes commands. See termios(3), "job control" in
 * bash(1). */
#pragma once

#include "kernel/base/buf.h"
#include "kernel/base/error.h"

#include <stdbool.h>
#include <sys/types.h>

struct bash_session;

struct bash_options {
	int in, out, err;      /* its standard streams, still the caller's; all 0 = 0, 1, 2 */
	const char *directory; /* where it starts; NULL = here */
	const char *const *environment; /* "NAME=VALUE" on top of ours, ended by NULL; may be NULL.
	                                   "NAME" alone takes NAME out */
	/* While a command runs: `ready` is called when `also_fd` has something to read, so that
	 * the tutor can answer beside a running program. -1 or ready NULL = none. */
	int also_fd;
	void (*ready)(void *data);
	void *data;
};

enum bash_end {
	BASH_ALIVE,
	BASH_EXITED, /* it left by itself: `exit` */
	BASH_KILLED, /* a signal ended it */
};

/* Starts bash and waits until it takes commands. */
int bash_session_start(
        const struct bash_options *options, struct bash_session **ret, struct error *err);

/* Runs one complete command text (may have many lines) and waits until bash is done with it or its
 * job was suspended. *status as $? in bash: 128+N for signal N. When bash itself ended *status is
 * its exit status and the result is -ESHUTDOWN: ask bash_session_end(). */
int bash_session_run(struct bash_session *s, const char *text, int *status, struct error *err);

enum bash_end bash_session_end(const struct bash_session *s);
pid_t bash_session_pid(const struct bash_session *s);
/* Its working directory after the last command. Valid until the next one. */
const char *bash_session_directory(const struct bash_session *s);
/* Lets it go: end of input, then SIGHUP (which it passes on to its jobs), then SIGKILL. Accepts
 * NULL. */
void bash_session_close(struct bash_session *s);

/* Whether `text` lacks its end, as an open quote, `if` without `fi` or a here-document would: then
 * more lines are to be read. Bash itself is asked (`bash -n`). 1, 0, or a negative errno. */
int bash_incomplete(const char *text, struct error *err);

/* Whether `shell` ("bash", or "sh" for what asks for it) can read `text` as a script: it is asked
 * to
 * (`-n`), and runs nothing of it. 0 when it can; else the line, from 1, where it says that it
 * cannot, and its words appended to `what`, which quote the text and so are not clean; or a
 * negative errno: -ENOENT without such a shell. */
int bash_syntax(const char *shell, const char *text, struct buf *what, struct error *err);
