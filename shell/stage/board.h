/* The learner's diagram in the drawing: kept up with its file, whoever changes that, and changed by
 * keys. What a key means is a change of shell/diagram/edit.h, the same as a line at the prompt. No
 * screen here: a test can play it. */
#pragma once

#include "kernel/base/buf.h"
#include "kernel/base/error.h"
#include "kernel/observe/model.h"
#include "render/diagram.h"
#include "render/screen.h"

#include <poll.h>
#include <stdbool.h>

struct board;

int board_new(struct board **ret, struct error *err);
void board_free(struct board *b); /* accepts NULL */

/* Where changes of the files are told, at most one descriptor; returns how many. */
size_t board_pollfds(const struct board *b, struct pollfd *fds, size_t n);
/* True when a file has changed since. */
bool board_drain(struct board *b);

/* The diagram of a task, NULL or "" = the one that is drawn at; NULL when it cannot be read, which
 * board_bar() tells. Until the next call. */
const struct diagram_picture *board_picture(
        struct board *b, const char *task, const struct model *now);

/* Takes a key while the diagram is shown and `focus` (an id of the scene) is focused. False when it
 * means nothing here, as those that move the focus. What shall be focused then goes to `ret_focus`
 * (at least 256 bytes), "" = as before. */
bool board_take_key(
        struct board *b, const struct screen_key *key, const char *focus, char *ret_focus);
/* A click on what is focused: the other end of an arrow, if one is being drawn. */
bool board_take_click(struct board *b, const char *focus);

/* What is asked of the person now, or is to be said of what is focused; and what can be done. */
void board_bar(
        const struct board *b, const char *focus, bool ascii, struct buf *left, struct buf *right);
/* What may be chosen now, to be shown above the bar; "" = nothing. */
void board_choices(const struct board *b, struct buf *out);
/* The keys, a line each. */
void board_help(struct buf *out);
