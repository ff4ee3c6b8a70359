/* What somebody knows of the questions, kept between sessions in STATE/quiz.json: each question is
 * in a box (S. Leitner's method, 1972). A right answer moves it to the next box, where it waits
 * longer; a wrong one to the first, where it is due at once.
 *
 *   box             1    2      3       4       5
 *   comes again     now  1 day  3 days  7 days  21 days later
 *
 *   {"version": 1, "questions": {ID: {"box": 2, "due": SECONDS, "right": 3, "wrong": 1}},
 *    "exams": [{"time": SECONDS, "right": 40, "of": 45, "goals": {"url": [5, 5]}}]}
 *
 * Times are seconds since 1970, and always told by the caller. Replaced as a whole on each save. */
#pragma once

#include "kernel/base/buf.h"
#include "kernel/base/error.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

enum { BOXES = 5 };

struct boxes;

/* Reads the file, or starts with none; a damaged one is put aside, which `message` (may be NULL)
 * then says. */
int boxes_load(struct boxes **ret, struct buf *message, struct error *err);
void boxes_free(struct boxes *b); /* saves nothing; accepts NULL */
int boxes_save(struct boxes *b, struct error *err);

/* The box of a question, from 1; 0 = it was never asked. */
int boxes_box(const struct boxes *b, const char *id);
/* When it is due; 0 = it was never asked. */
time_t boxes_due(const struct boxes *b, const char *id);
/* Whether it was answered right the last time. */
bool boxes_knows(const struct boxes *b, const char *id);
void boxes_answer(struct boxes *b, const char *id, bool right, time_t now);

/* An exam that was done to its end; `goals` is taken. */
void boxes_exam(struct boxes *b, time_t now, size_t right, size_t of, json_t *goals);
/* The most right answers in an exam; 0 = none was done. */
size_t boxes_best_exam(const struct boxes *b);
/* All of it, as in the file; valid until the next change. */
const json_t *boxes_json(const struct boxes *b);

/* Now: CUTAWAY_NOW, seconds since 1970, where a test wants to know what will be; else the clock. */
time_t boxes_now(void);
