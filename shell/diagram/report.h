/* A graded diagram, told: as text, as JSON, and as what is still unmet. */
#pragma once

#include "kernel/base/buf.h"
#include "kernel/base/error.h"
#include "shell/diagram/grade.h"

/* What is in the diagram, a line each; labels are shown escaped. */
void report_list(const struct diagram_rules *r, const struct diagram_task *task,
        const struct sketch *s, struct buf *out);
/* The same with what is right, what is wrong and why, and what is missing. */
void report_text(const struct diagram_rules *r, const struct diagram_task *task,
        const struct sketch *s, const struct grade *g, struct buf *out);
/* {"task", "passed", "parts": {"asked", "right"}, "arrows": {…}, "found": [{"part" or "from" and
 * "to", "verdict", "reason"}], "missing": N, "hints": […]}. 0 or -ENOMEM. */
int report_json(const struct diagram_rules *r, const struct diagram_task *task,
        const struct sketch *s, const struct grade *g, struct buf *out);
/* Appends what is not right to the file that the variable CUTAWAY_UNMET names, if any: the same
 * lines as `cutaway check` writes there. */
int report_unmet(const struct diagram_rules *r, const struct diagram_task *task,
        const struct sketch *s, const struct grade *g, struct error *err);
/* "7 of 12 arrows, 11 of 13 parts". */
void report_score(const struct grade *g, struct buf *out);
