/* Amounts for people. */
#pragma once

#include <stdint.h>

enum { SIZE_TEXT = 16 };

/* Decimal units, as registries and docker count: "405 B", "1.0 MB". */
void size_text(uint64_t bytes, char ret[SIZE_TEXT]);
