/* Names in archives are bytes. libarchive makes of them what the locale has: in UTF-8 it would
 * compose letters and their accents, and two names would become one. While this is held, the thread
 * has the locale "C", in which bytes stay bytes. */
#pragma once

#include <locale.h>

struct byte_names {
	locale_t c, before;
};

static inline struct byte_names byte_names_begin(void)
{
	struct byte_names b = {.c = newlocale(LC_ALL_MASK, "C", (locale_t)0)};

	if (b.c)
		b.before = uselocale(b.c);
	return b;
}

static inline void byte_names_end(struct byte_names *b)
{
	if (!b->c)
		return;
	uselocale(b->before);
	freelocale(b->c);
}

#define auto_byte_names __attribute__((cleanup(byte_names_end), unused)) struct byte_names
