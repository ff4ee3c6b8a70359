#include "shell/lesson/environment.h"

#include "kernel/do/probe.h"

#include <string.h>

bool environment_is_name(const char *need)
{
	for (size_t i = 0; i < probe_count(); i++)
		if (!strcmp(probe_name(i), need))
			return true;
	return false;
}

const char *environment_missing(const char *const *needs, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct probe probe;
		if (probe_run(needs[i], &probe) < 0 || !probe.works)
			return needs[i];
	}
	return NULL;
}

size_t environment_tell(const char *const *needs, size_t n, struct buf *out)
{
	size_t missing = 0;

	for (size_t i = 0; i < n; i++) {
		struct probe probe;

		if (probe_run(needs[i], &probe) < 0) {
			buf_addf(out, "%s: this program knows no such feature\n", needs[i]);
			missing++;
		} else if (!probe.works) {
			buf_addf(out, "%s: %s%s%s\n", needs[i], probe.blocked_by,
			        probe.how[0] ? "; " : "", probe.how);
			missing++;
		}
	}
	return missing;
}
