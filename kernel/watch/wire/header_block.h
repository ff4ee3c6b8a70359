/* Header fields as HTTP/2 packs them, HPACK (RFC 7541), unpacked by libnghttp2. Who packs keeps a
 * table of fields and names them by how long ago they came into it. When the beginning was not seen
 * what is older than our look is not known, and no more than that: it is unpacked as a field whose
 * name header_unseen() knows, each time the same one for the same field, and all that has come into
 * the table since as what it is. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct header_table;

/* Which of the fields from before our look has this name, from 1 on; 0 = the name is known. */
int header_unseen(const char *name, size_t n);

/* `whole`: nothing was packed before. NULL when memory is out. */
struct header_table *header_table_new(bool whole);
void header_table_free(struct header_table *t);
/* Unpacks a block, each field handed to `field`, name and value not ended by NUL. False when it is
 * none, or memory is out: the table cannot be used any more. */
bool header_table_read(struct header_table *t, const char *bytes, size_t n,
        void (*field)(void *data, const char *name, size_t name_bytes, const char *value,
                size_t value_bytes),
        void *data);
