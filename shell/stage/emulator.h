/* A terminal in memory: what programs write to it becomes cells, keys become what programs read.
 * No descriptor, no process: bytes in, cells and bytes out. Around libvterm 0.1.4, the only room
 * that knows it.
 *
 * That version can crash in vterm_set_size(), so a new size means a new terminal that is painted
 * with the old one's cells. Lines that leave at the top are kept, bounded. */
#pragma once

#include "kernel/base/buf.h"
#include "render/screen.h"

#include <stdbool.h>
#include <stddef.h>

struct emulator;

/* 0 or -ENOMEM. Sizes below 1 row and 4 columns count as that. */
int emulator_new(int rows, int columns, struct emulator **ret);
void emulator_free(struct emulator *e); /* accepts NULL */
/* On failure the old size stays. */
int emulator_resize(struct emulator *e, int rows, int columns);

void emulator_write(struct emulator *e, const char *bytes, size_t n);
/* A key as the running program expects it (application cursor keys, Alt as ESC). */
void emulator_key(struct emulator *e, const struct screen_key *key);
/* Pasted text begins or ends: a program that asked for it is told, and then takes the line breaks
 * in between for text. */
void emulator_paste(struct emulator *e, bool begins);
/* Whether the running program asked for the mouse; and a button pressed at a cell (1; 4 and 5 are
 * the wheel), as that program expects it. Nothing for one that did not ask. */
bool emulator_wants_mouse(const struct emulator *e);
void emulator_mouse(struct emulator *e, int row, int column, int button);
/* What is to be written to the program: keys and answers to its queries. The caller empties it. */
struct buf *emulator_output(struct emulator *e);

/* One cell; `back` lines above what is shown now. Outside of both it is blank. */
void emulator_cell(
        const struct emulator *e, int row, int column, int back, struct screen_cell *ret);
/* Where the cursor is; false when a program hides it. */
bool emulator_cursor(const struct emulator *e, int *row, int *column);
/* How many lines can be looked back: none while a full-screen program runs. */
int emulator_lines_back(const struct emulator *e);
/* Whether the bell rang since the last question. */
bool emulator_bell(struct emulator *e);
