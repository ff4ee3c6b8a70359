/* A terminal for an unattended lesson: bash on a pseudo-terminal (pty(7)), with somebody who types.
 *
 *   we (type, read the screen) ── pty ── keeper ── typist ── bash ── what the lesson runs
 *                               └─ socket: whole commands, and how they ended ─┘
 *
 * When is the next command of a page typed? When the terminal is read: by bash, since the command
 * before has ended; or by a program that the page started and that stays (a shell in a container).
 * Such a program shows itself by standing in read(2) of the terminal (/proc/PID/syscall); or, as
 * line editors and relays into containers do, by having switched the terminal to raw mode
 * (termios(3), ICANON off), and then it and all it has started sleep for a while without a word. */
#pragma once

#include "kernel/base/buf.h"
#include "kernel/base/error.h"

#include <stdbool.h>
#include <sys/types.h>

struct replay_terminal {
	pid_t pid; /* the keeper, or the typist of a further terminal */
	int pidfd;
	int master, slave;
	int socket;
	bool busy; /* a command was given and has not ended */
	bool ended;
	int status;           /* of the last command that ended */
	struct buf directory; /* of bash after it */
	struct buf output;    /* the end of what the terminal showed */
	struct buf in;        /* of the socket */
};

enum replay_wait {
	REPLAY_PROMPT,  /* bash takes the next command */
	REPLAY_READS,   /* a program reads the terminal */
	REPLAY_RESTS,   /* a program sleeps, and reads nothing: only Ctrl-C gets further */
	REPLAY_ENDED,   /* bash left */
	REPLAY_TIMEOUT, /* none of these in time, or a signal wants us to end */
};

/* Opens a terminal of the lab `lab_id`, with bash in `directory`. `keep`: it is the first one and
 * its process is the lab's keeper. Our environment is its environment. */
int replay_terminal_open(struct replay_terminal *t, const char *lab_id, const char *directory,
        bool keep, struct error *err);

/* Gives a command to bash; only at its prompt. */
int replay_terminal_run(struct replay_terminal *t, const char *command, struct error *err);
/* Types into the program that holds the terminal: lines end with Enter. */
int replay_terminal_type(struct replay_terminal *t, const char *text, struct error *err);
/* One control character, as Ctrl-C is \003. */
int replay_terminal_key(struct replay_terminal *t, char key);

/* Waits until the terminal is read; with `rest`, also until its program sleeps for a while. */
enum replay_wait replay_terminal_wait(struct replay_terminal *t, int limit_ms, bool rest);

/* Ends bash and the lab, and waits for that. */
void replay_terminal_close(struct replay_terminal *t);
