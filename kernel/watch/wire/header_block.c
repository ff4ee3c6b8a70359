#include "kernel/watch/wire/header_block.h"

#include <nghttp2/nghttp2.h>
#include <stdint.h>
#include <stdlib.h>

/* RFC 7541 section 4.1: an entry counts 32 bytes more than its name and value. So a table of 4096
 * bytes, which it is until the peers agree on another size, has never more than these. */
enum { TABLE = 4096, ENTRIES = TABLE / 33, FIELDS_MAX = 256, TABLE_MAX = 64 << 10 };
/* Names are ASCII (RFC 9113 section 8.2.1): what fills the table has names of one byte from here
 * on, so that none is taken for another. */
enum { UNSEEN = 0x80 };

struct header_table {
	nghttp2_hd_inflater *inflater;
};

static void ignore(
        void *data, const char *name, size_t name_bytes, const char *value, size_t value_bytes)
{
	(void)data;
	(void)name;
	(void)name_bytes;
	(void)value;
	(void)value_bytes;
}

/* "Literal with incremental indexing, new name" (section 6.2.1), no value. It fills the table. */
static bool fill(struct header_table *t)
{
	for (size_t i = 0; i < ENTRIES; i++) {
		const char entry[] = {0x40, 1, (char)(UNSEEN + i), 0};
		if (!header_table_read(t, entry, sizeof entry, ignore, NULL))
			return false;
	}
	return true;
}

int header_unseen(const char *name, size_t n)
{
	unsigned char c = n == 1 ? (unsigned char)*name : 0;

	return c >= UNSEEN ? c - UNSEEN + 1 : 0;
}

struct header_table *header_table_new(bool whole)
{
	struct header_table *t = calloc(1, sizeof *t);

	/* What the peers have agreed on about the size is theirs; that much we take. */
	if (t && (nghttp2_hd_inflate_new(&t->inflater) != 0 ||
	                 nghttp2_hd_inflate_change_table_size(t->inflater, TABLE_MAX) != 0 ||
	                 (!whole && !fill(t)))) {
		header_table_free(t);
		return NULL;
	}
	return t;
}

void header_table_free(struct header_table *t)
{
	if (t && t->inflater)
		nghttp2_hd_inflate_del(t->inflater);
	free(t);
}

bool header_table_read(struct header_table *t, const char *bytes, size_t n,
        void (*field)(void *data, const char *name, size_t name_bytes, const char *value,
                size_t value_bytes),
        void *data)
{
	const uint8_t *at = (const uint8_t *)bytes;

	for (int fields = 0; fields < FIELDS_MAX; fields++) {
		nghttp2_nv nv = {0};
		int flags = 0;
		ssize_t used = nghttp2_hd_inflate_hd2(t->inflater, &nv, &flags, at, n, 1);

		if (used < 0)
			return false;
		at += used;
		n -= (size_t)used;
		if (flags & NGHTTP2_HD_INFLATE_EMIT)
			field(data, (const char *)nv.name, nv.namelen, (const char *)nv.value,
			        nv.valuelen);
		if (flags & NGHTTP2_HD_INFLATE_FINAL)
			return nghttp2_hd_inflate_end_headers(t->inflater) == 0;
		if (!used && !(flags & NGHTTP2_HD_INFLATE_EMIT))
			return false;
	}
	return false;
}
