/* What is right in a diagram, as data: lessons/diagram.json.
 *
 *   parts   the vocabulary: {"name", "title", "also": [synonyms], "bands": [where it may stand],
 *           "comm": [names of its processes], "why": of the band, "hint": a question for who forgot
 *           it}
 *   calls   {"name", "title", "kind", "also": [synonyms]}; kind "start" makes a process, "talk" is
 *           a connection, "kernel" a system call, "vague" says too little, "parent" whose
 *           child a process is now, "other" nothing of those
 *   arrows  all that is true: {"from", "to", "calls": [right ones], "key": one that has to be told,
 *           "why", "hint"}
 *   wrong   what many believe: {"from", "to", "why"}
 *   tasks   {"name", "title", "ask", "parts": [names], "arrows": ["FROM TO"]}
 *
 * Names are [a-z0-9-], at most 31 bytes. Strings belong to the rules and are never NULL. */
#pragma once

#include "kernel/base/arena.h"
#include "kernel/base/error.h"
#include "render/diagram.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { DIAGRAM_CALLS_MOST = 64 };

enum diagram_kind { KIND_OTHER, KIND_START, KIND_TALK, KIND_KERNEL, KIND_VAGUE, KIND_PARENT };

struct diagram_words {
	const char **texts;
	size_t n;
};

struct diagram_part_rule {
	const char *name, *title, *why, *hint;
	struct diagram_words also, comm;
	unsigned bands;         /* a bit for each enum diagram_band */
	enum diagram_band band; /* the first of them: where it stands as a rule */
};

struct diagram_call {
	const char *name, *title;
	enum diagram_kind kind;
	struct diagram_words also;
};

struct diagram_arrow_rule {
	size_t from, to;     /* indices into parts */
	uint64_t calls, key; /* a bit for each call; key 0 = any of them does */
	const char *why, *hint;
};

struct diagram_task {
	const char *name, *title, *ask;
	const size_t *parts; /* indices */
	size_t n_parts;
	const size_t *arrows; /* indices */
	size_t n_arrows;
};

struct diagram_rules {
	struct diagram_part_rule *parts;
	size_t n_parts;
	struct diagram_call *calls;
	size_t n_calls;
	struct diagram_arrow_rule *arrows, *wrong;
	size_t n_arrows, n_wrong;
	struct diagram_task *tasks;
	size_t n_tasks;
	struct arena arena;
};

/* Reads them; `path` NULL = diagram.json among the lessons. A file that says something impossible
 * is -EINVAL, and the error tells what. */
int diagram_rules_read(const char *path, struct diagram_rules **ret, struct error *err);
void diagram_rules_free(struct diagram_rules *r); /* accepts NULL */

/* The part that a person means: its name, its title or a synonym, in any capitals, or one letter
 * beside a name; -1 = none. */
ssize_t diagram_part_find(const struct diagram_rules *r, const char *words);
/* By its name alone. */
ssize_t diagram_part_named(const struct diagram_rules *r, const char *name);
const struct diagram_arrow_rule *diagram_arrow_find(
        const struct diagram_rules *r, size_t from, size_t to);
const struct diagram_arrow_rule *diagram_wrong_find(
        const struct diagram_rules *r, size_t from, size_t to);
/* By name; NULL or "" = the first. NULL when there is none. */
const struct diagram_task *diagram_task_find(const struct diagram_rules *r, const char *name);

/* "you", "user", "kernel", "remote"; also what people write for them: "user space". */
bool diagram_band_find(const char *words, enum diagram_band *ret);
