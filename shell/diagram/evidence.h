/* What this machine, as it was observed, says to an arrow of a diagram: who is whose child, who is
 * older than whom, who is connected to whom. */
#pragma once

#include "kernel/base/buf.h"
#include "kernel/observe/model.h"
#include "shell/diagram/rules.h"

enum evidence { EVIDENCE_NONE, EVIDENCE_SEEN, EVIDENCE_AGAINST };

/* Whether a process is one of the part. */
bool evidence_is_part(
        const struct model *m, const struct model_process *p, const struct diagram_part_rule *part);

/* What speaks for or against `from` having started `to`. That somebody else is the parent of `to`
 * now is no proof where that one adopts orphans (a shim, conmon, pid 1), unless `doubted`: the
 * rules do not know this arrow either. Appends a sentence to `said` unless it is EVIDENCE_NONE. */
enum evidence evidence_started(const struct diagram_rules *r, const struct model *m, size_t from,
        size_t to, bool doubted, struct buf *said);
/* For or against `from` being the parent of `to` now. */
enum evidence evidence_parent(const struct diagram_rules *r, const struct model *m, size_t from,
        size_t to, struct buf *said);
/* For or against `from` having connected to `to`. Against it speaks the other direction, and, if
 * `doubted`, that both are here and `from` is connected to somebody else. */
enum evidence evidence_connected(const struct diagram_rules *r, const struct model *m, size_t from,
        size_t to, bool doubted, struct buf *said);
