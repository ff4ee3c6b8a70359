/* One arrow, graded. For grade.c. */
#pragma once

#include "kernel/base/buf.h"
#include "kernel/observe/model.h"
#include "shell/diagram/rules.h"

/* `from` and `to` are parts of the rules. Appends the reason to `said`. */
enum diagram_verdict grade_arrow(const struct diagram_rules *r, const struct model *now,
        size_t from, size_t to, const char *label, struct buf *said);
