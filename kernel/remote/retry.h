/* Trying again what broke off: soon at first, then later, as often as is allowed since the last
 * time that anything came of it. */
#pragma once

#include "kernel/base/deadline.h"

#include <stdbool.h>
#include <stdint.h>

struct retry {
	int tries;        /* in vain, one after the other */
	uint64_t best;    /* how far it came at most */
	deadline_ms when; /* the next; 0: none is due */
};

/* Whether a failure may be one of the moment: the line or the server, not what they say. */
bool retry_is_worth(int result);
/* The same of a status. */
bool retry_is_worth_status(long status);
/* Another try, if there is one left of `most`: sets `when`. `reached`: how far it came; `after`:
 * seconds that the server asks for. */
bool retry_again(struct retry *r, int most, uint64_t reached, int after);
