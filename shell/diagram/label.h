/* What is written at an arrow, read forgivingly: which calls it names. */
#pragma once

#include "shell/diagram/rules.h"

enum { LABEL_MENTIONS = 8 };

/* One call that is named; a word that may mean several has a bit for each. */
struct label_mention {
	uint64_t calls;
	char words[48]; /* as it was found: "http post" */
};

/* Finds the calls, at most LABEL_MENTIONS of them; what says nothing ("over", "/run/x") is passed
 * over, and one letter may be wrong in a word of five or more. Longer names win: "http/2" is
 * gRPC's. Returns how many. */
size_t label_read(
        const struct diagram_rules *r, const char *label, struct label_mention ret[LABEL_MENTIONS]);
