/* A table (GitHub's Markdown, 4.10) in a paragraph: its columns put under each other. */
#pragma once

#include "shell/lesson/md_flow.h"

#include <stdbool.h>

/* Rewrites the paragraph that is being collected, rows of cells between bars, the second of them
 * dashes. False, and nothing is changed, when it does not fit into the width: then rows are lines
 * as they were written. */
bool md_table_align(struct md_flow *f);
