/* Words of a learner, compared with ours as a person would: capitals, articles, hyphens and the
 * plural do not count, and in long words a slip of the finger does not either. */
#pragma once

#include "kernel/base/buf.h"

#include <stdbool.h>

/* What of a text counts: small letters, no article in front, no quotes, blanks for hyphens and
 * underscores, each word without the ending of its plural ("The base-images" and "base image" give
 * the same). For comparing only, it is no English. Appends. */
void words_normalise(const char *text, struct buf *out);
/* Whether two texts are the same to a person. */
bool words_same(const char *a, const char *b);
/* Whether one may be a slip of the other: one letter wrong, missing, too many, or two exchanged,
 * from four letters; two such slips from eight letters. Shorter words allow none: a tag is no tar.
 */
bool words_near(const char *a, const char *b);

/* Appends a text broken at blanks to lines of at most `width` cells, each after `indent` blanks. */
void words_fold(const char *text, int width, int indent, struct buf *out);
