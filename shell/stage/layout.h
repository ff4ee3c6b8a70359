/* Where the areas of the stage are: a pure function of the terminal's size and of what is chosen.
 *
 *   from 100x30      ┌ lesson   ┬ drawing ┐      smaller: one of the three at a time
 *                    ├ terminal ┤         │
 *                    └ status line ───────┘ */
#pragma once

#include <stdbool.h>

enum stage_area { AREA_LESSON, AREA_TERMINAL, AREA_DRAWING, AREA_COUNT };

struct rectangle {
	int y, x, height, width; /* height 0 = not shown */
};

struct stage_layout {
	bool split; /* all three at once */
	struct rectangle areas[AREA_COUNT];
	struct rectangle status;
	int column;                          /* of the line between left and right, -1 = none */
	int row;                             /* of the line between lesson and terminal, -1 */
	int terminal_rows, terminal_columns; /* also while the terminal is not shown */
};

enum { LAYOUT_ROWS_LEAST = 5, LAYOUT_COLUMNS_LEAST = 20 };

/* `whole`: show only the area `chosen`, also where there is room for all. False when the terminal
 * is smaller than anything can be shown in; then only `status` is set. */
bool layout_make(
        int rows, int columns, enum stage_area chosen, bool whole, struct stage_layout *ret);
