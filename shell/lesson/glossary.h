/* The words of the field as the lessons use them: glossary.json in the folder of the lessons.
 *
 *   {"terms": [{"term": "digest", "also": ["sha256"], "means": "One or two sentences.",
 *               "source": "a man page, a section of a specification, a project's page"}],
 *    "emphasis": ["without it"]}      what lessons print bold that is no term
 *
 * Texts are clean, as those of lessons are. */
#pragma once

#include "kernel/base/arena.h"
#include "kernel/base/buf.h"
#include "kernel/base/error.h"

#include <stdbool.h>
#include <stddef.h>

struct glossary_term {
	const char *term, *means, *source;
	const char **also; /* other names of the same */
	size_t n_also;
};

struct glossary {
	struct glossary_term *terms; /* in the order of the file */
	size_t n;
	const char **emphasis;
	size_t n_emphasis;
	struct arena arena;
};

/* Reads the glossary of a folder of lessons. -ENOENT: it has none. On failure `ret` is empty. */
int glossary_read(const char *folder, struct glossary *ret, struct error *err);
/* That of our lessons (lesson_find.h). */
int glossary_read_ours(struct glossary *ret, struct error *err);
void glossary_release(struct glossary *g);

/* The term of this name, in any capitals, singular or plural; NULL = there is none. */
const struct glossary_term *glossary_find(const struct glossary *g, const char *word);
/* Whether a phrase is one that lessons print bold for no more than emphasis. */
bool glossary_is_emphasis(const struct glossary *g, const char *phrase);
/* Terms that may have been meant: slips of the finger, then what has the word in it. At most `max`.
 */
size_t glossary_near(
        const struct glossary *g, const char *word, const struct glossary_term **found, size_t max);

/* Appends the term as lines of at most `width` cells: name, other names, meaning, source. */
void glossary_tell(const struct glossary_term *term, int width, struct buf *out);
/* Appends the answer to "glossary WORD": the term, or what may have been meant; without a word the
 * names of all. Returns whether it was found. */
bool glossary_answer(const struct glossary *g, const char *word, int width, struct buf *out);
