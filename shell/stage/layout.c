#include "shell/stage/layout.h"

enum { SPLIT_ROWS = 30, SPLIT_COLUMNS = 100, HALF_COLUMNS = 160, LEFT_LEAST = 52 };

/* Below 160 columns the terminal keeps a usable width and the drawing takes the rest; from there on
 * each has half. */
static int left_width(int columns)
{
	if (columns >= HALF_COLUMNS)
		return columns / 2;
	return LEFT_LEAST + (columns - SPLIT_COLUMNS) * (HALF_COLUMNS / 2 - LEFT_LEAST) /
	                            (HALF_COLUMNS - SPLIT_COLUMNS);
}

static void split(int rows, int columns, struct stage_layout *l)
{
	int body = rows - 1, left = left_width(columns), lesson = body * 9 / 20;

	l->split = true;
	l->column = left;
	l->row = lesson;
	l->areas[AREA_LESSON] = (struct rectangle){0, 0, lesson, left};
	l->areas[AREA_TERMINAL] = (struct rectangle){lesson + 1, 0, body - lesson - 1, left};
	l->areas[AREA_DRAWING] = (struct rectangle){0, left + 1, body, columns - left - 1};
}

bool layout_make(
        int rows, int columns, enum stage_area chosen, bool whole, struct stage_layout *ret)
{
	bool room = rows >= SPLIT_ROWS && columns >= SPLIT_COLUMNS;
	struct stage_layout l = {.column = -1, .row = -1};

	l.status = (struct rectangle){rows > 0 ? rows - 1 : 0, 0, 1, columns};
	if (rows < LAYOUT_ROWS_LEAST || columns < LAYOUT_COLUMNS_LEAST) {
		l.terminal_rows = rows > 1 ? rows - 1 : 1;
		l.terminal_columns = columns > 1 ? columns : 1;
		*ret = l;
		return false;
	}
	if (room)
		split(rows, columns, &l);
	l.terminal_rows = room ? l.areas[AREA_TERMINAL].height : rows - 1;
	l.terminal_columns = room ? l.areas[AREA_TERMINAL].width : columns;
	if (!room || whole) {
		for (int i = 0; i < AREA_COUNT; i++)
			l.areas[i] = (struct rectangle){0};
		l.areas[chosen] = (struct rectangle){0, 0, rows - 1, columns};
		l.split = false;
		l.row = l.column = -1;
		if (chosen == AREA_TERMINAL) {
			l.terminal_rows = rows - 1;
			l.terminal_columns = columns;
		}
	}
	*ret = l;
	return true;
}
