/* A grid of cells: what a terminal shows. Knows display width, clipping and how lines join. */
#pragma once

#include "render/scene.h"

#include <stdint.h>

struct cell {
	char text[16];  /* one grapheme, UTF-8, NUL-terminated; "" = right half of a wide one */
	uint8_t role;   /* enum scene_role */
	uint8_t mark;   /* enum scene_mark */
	uint8_t strong; /* titles and what is marked */
	uint8_t spot;   /* enum scene_spot_kind */
};

struct canvas {
	int width, height;
	struct cell *cells; /* width * height, row by row; owned */
};

int canvas_init(struct canvas *c, int width, int height); /* blank; 0 or -ENOMEM */
void canvas_release(struct canvas *c);
/* Draws the scene at the upper left corner; what exceeds the canvas is cut. `ascii`: only
 * characters below 128. */
void canvas_draw(struct canvas *c, const struct scene *s, bool ascii);
