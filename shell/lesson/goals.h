/* How far somebody is with the goals of the course: from the questions that are known, and the
 * exams. */
#pragma once

#include "kernel/base/arena.h"
#include "kernel/base/error.h"

#include <stdbool.h>
#include <stddef.h>

struct goal {
	const char *name, *title;
	size_t questions, known;
	bool reached; /* 4 of 5 right in some exam, or all of its questions known */
};

struct goals {
	struct goal *goals;
	size_t n;
	struct arena arena;
};

struct boxes;
struct quiz;

/* -ENOMEM leaves `ret` empty. */
int goals_count(const struct quiz *quiz, const struct boxes *boxes, struct goals *ret);
size_t goals_reached(const struct goals *g);
void goals_release(struct goals *g);
