/* The terminal is given back also when we crash. */
#pragma once

struct screen;

/* From now on a fatal signal restores the terminal first; NULL: no more. */
void screen_guard(struct screen *s);
