#include "kernel/remote/retry.h"

#include <errno.h>

enum { FIRST_MS = 200, AFTER_MAX = 30 };

bool retry_is_worth(int result)
{
	switch (result) {
	case -ECONNRESET:
	case -ECONNREFUSED:
	case -ETIMEDOUT:
	case -EHOSTUNREACH:
	case -EREMOTEIO:
	case -EBUSY:
		return true;
	default:
		return false;
	}
}

bool retry_is_worth_status(long status)
{
	return status == 408 || status == 429 || (status >= 500 && status != 501);
}

bool retry_again(struct retry *r, int most, uint64_t reached, int after)
{
	int wait = FIRST_MS << (r->tries < 6 ? r->tries : 6);

	if (most <= 0)
		return false;
	if (reached > r->best) {
		r->best = reached;
		r->tries = 0;
		wait = FIRST_MS;
	} else if (r->tries >= most) {
		return false;
	}
	r->tries++;
	if (after > AFTER_MAX)
		after = AFTER_MAX;
	if (after * 1000 > wait)
		wait = after * 1000;
	r->when = deadline_in(wait);
	return true;
}
