/* Bytes between a person's terminal and the one inside a container, pty(7), termios(3). */
#pragma once

#include "kernel/base/error.h"

#include <stdbool.h>
#include <termios.h>

struct relay {
	int in, out; /* our side; -1 = none */
	int master;  /* the container's terminal; not ours to close */
	int log;     /* a copy of all output goes here; -1 = none */
	bool raw;    /* `saved` is to be restored */
	struct termios saved;
};

/* Puts our terminal into raw mode if `in` is one, and gives the other its size. */
void relay_start(struct relay *r, int in, int out, int master, int log);
void relay_resize(struct relay *r);
/* After poll(2) said there is something to read. False when that side has ended. */
bool relay_input(struct relay *r);
bool relay_output(struct relay *r);
/* Passes on what is still there and restores our terminal; may be called twice. */
void relay_stop(struct relay *r);
