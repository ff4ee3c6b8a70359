/* A blob that comes in over a line that may break: its hidden file is named after the digest that
 * it will have, so that whoever tries again finds what is there and goes on behind it.
 *
 *   blobs/SUM/.partial-HEX    locked for itself (flock(2), LOCK_EX) while somebody writes it,
 *                             for sharing (LOCK_SH) once its sum is proved
 *
 * So two processes that fetch the same blob do not fetch it twice: one writes, the other waits
 * until it can share. It gets its name, HEX, only together with the image that needs it, under the
 * layout's lock (partial_publish()): until then nothing collects it, and nobody takes half of it
 * for the whole. What a killed process left has no lock; store_collect() takes it away when it is
 * a day old, partial_collect() sooner. */
#pragma once

#include "kernel/base/error.h"
#include "kernel/store/layout.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct partial;
struct collected;

enum { PARTIAL_KEPT = 24 * 60 * 60 }; /* seconds that an interrupted one is kept at least */

/* Opens the hidden file, an empty one if there is none. `size`: bytes that the blob has when it is
 * whole. `l` is borrowed. -EBUSY: another process writes it; try again. */
int partial_open(const struct layout *l, const char *digest, uint64_t size, struct partial **ret,
        struct error *err);
/* Bytes that are there. */
uint64_t partial_size(const struct partial *p);
/* Whether it is whole and proved; then nothing is added any more. */
bool partial_is_proved(const struct partial *p);
/* -EBADMSG: that would be more than `size`. */
int partial_add(struct partial *p, const void *bytes, size_t n, struct error *err);
/* Empties it. */
int partial_restart(struct partial *p, struct error *err);
/* All bytes are there: proves the sum. -EBADMSG: it is another; the file is then empty. */
int partial_prove(struct partial *p, struct error *err);
/* A descriptor to read it from, borrowed. */
int partial_fd(const struct partial *p);
/* Gives it its name. Under the layout's lock. */
int partial_publish(struct partial *p, struct error *err);
/* Lets go; the file stays for another time. Accepts NULL. */
void partial_free(struct partial *p);
/* Takes the file away, too, unless somebody else has it. Accepts NULL. */
void partial_discard(struct partial *p);

/* Whether the layout has the blob, of this size and sum. Reads all of it. */
bool partial_is_there(const struct layout *l, const char *digest, uint64_t size);
/* Whether there is room for `bytes` more: -ENOSPC. */
int partial_room(const struct layout *l, uint64_t bytes, struct error *err);
/* Takes away what nobody has and has not changed for `age` seconds; adds to *ret. */
int partial_collect(const struct layout *l, int age, struct collected *ret, struct error *err);
