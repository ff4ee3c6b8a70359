/* The drawing of a recorded watch, and what it shows as JSON. */
#pragma once

#include "kernel/base/buf.h"
#include "kernel/watch/recording.h"
#include "render/scene.h"
#include "shell/watch/level.h"

/* As wide as told, as high as it needs. -ENOMEM. The scene has its own copies of all. */
int watch_picture(
        const struct watch_recording *r, enum watch_level level, int width, struct scene *ret);

/* One object, {"cutaway-watch-sequence": 1, …}:
 *   "command", "started", "kernel", "machine"   as the record has them
 *   "level"       that is shown
 *   "lifelines"   from left to right: "name" and a "note"
 *   "messages"    in the order in which they began: "from" and "to" as indices of lifelines, the
 *                 same where nobody else is meant; "text"; "answer" for what is an answer; "t" and
 *                 "us", microseconds since the start and how long it took; "pid"; "error" where a
 *                 call failed; "kind": call, api, start, namespaces, end, lost, finish, other;
 *                 "name" of the call or API; "events": how many of the record it stands for;
 *                 "explanation" where there is one; "inferred" and "because" where a name was
 *                 not heard but can be concluded (inferred.h)
 *   "above"       how many events higher levels have beside these
 * -ENOMEM. */
int watch_picture_json(const struct watch_recording *r, enum watch_level level, struct buf *out);
