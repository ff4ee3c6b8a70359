/* What the files of the stage share: stage.c (loop, beginning, end), stage_draw.c, stage_keys.c.
 * For nobody else. */
#pragma once

#include "render/screen.h"
#include "shell/stage/child.h"
#include "shell/stage/drawing.h"
#include "shell/stage/emulator.h"
#include "shell/stage/follow.h"
#include "shell/stage/layout.h"
#include "shell/stage/text.h"

#include <stdbool.h>
#include <stdint.h>

struct stage {
	struct screen *screen;
	struct emulator *terminal;
	struct stage_child child;
	struct follow *follow;
	struct drawing *drawing;
	struct stage_text text;
	bool text_stale; /* the page turned while it was not shown */
	int signals;

	struct stage_layout layout;
	bool fits;
	enum stage_area chosen;
	bool whole; /* the chosen area over the whole screen although all three would fit */
	int back;   /* lines that the terminal is scrolled back */

	uint64_t page; /* step_serial of the page shown */
	bool prefixed, help, quit_asked;
	bool left;      /* the key before was the Esc that leads out of the drawing */
	bool mouse;     /* the terminal was asked for it */
	bool pasting;   /* the keys that come are pasted text */
	char note[256]; /* a message of the stage's own; "" = none */
	bool message;   /* the tutor's message is shown */
	uint64_t message_serial;

	bool dirty; /* all but the drawing, which knows itself */
	bool ended;
	int status;
};

/* ---- stage_draw.c */
/* Draws everything and sends what differs. */
void stage_draw(struct stage *s);

/* ---- stage_keys.c */
/* Takes the keys that are there. */
void stage_take_keys(struct stage *s);
/* Whether keys are the drawing's: it was chosen, and is in sight. */
bool stage_explores(const struct stage *s);
/* Asks for the mouse while the drawing has the keys or a program in the terminal wants it; else the
 * person selects text with it, as in any terminal. */
void stage_ask_mouse(struct stage *s);
/* Lays the areas out for the terminal's size, and tells the shell its part of it. */
void stage_arrange(struct stage *s);
/* Takes the lab's state into the text; `turned` = another page. */
void stage_take_text(struct stage *s, bool turned);
