/* A table (GitHub's Markdown, 4.10) in a paragraph: its columns put under each other. */
#pragma once

#include "shell/lesson/md_flow.h"

#include <stdbool.h>

/* Rewrites the paragraph that is being collected, rows of cells between bars, the second of them
 * dashes. False when it does not fit into the width, so that lines are still to be wrapped: then a
 * row is a line of text with dots between its cells. False, and nothing is changed, for what is no
 * table. */
bool md_table_align(struct md_flow *f);
