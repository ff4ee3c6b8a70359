/* Steps as text for a person: plain lines of at most 70 columns, colour only where asked. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/* Whether to colour what goes to `out`: a terminal, and NO_COLOR is not set (no-color.org). */
bool step_text_colour(FILE *out);

/* The answer to "next", "to", "all" or "back": each step in full, then what comes next. */
void step_text_answer(const json_t *answer, bool back, FILE *out);
/* The answer to "list": a line each step. */
void step_text_list(const json_t *answer, FILE *out);
/* The same before anything is done, with the calls: `run --plan`. */
void step_text_plan(const json_t *answer, FILE *out);
