#include "kernel/store/layer_attributes.h"

#include <archive_entry.h>
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>

enum { V2_SIZE = 20, V3_SIZE = 24, REVISION = 3 /* the byte that says which version it is */ };

static int set(const char *path, const char *name, const void *value, size_t n)
{
	if (lsetxattr(path, name, value, n, 0) == 0 || errno == ENOTSUP || errno == EPERM)
		return 0;
	return -errno;
}

/* Version 2 is for the root of the machine; for that of a container its user is said, version 3. */
static int set_capability(const char *path, const void *value, size_t n, uid_t shift)
{
	unsigned char own[V3_SIZE];

	if (n != V2_SIZE || !shift)
		return set(path, "security.capability", value, n);
	memcpy(own, value, n);
	if (own[REVISION] != 2)
		return 0;
	own[REVISION] = 3;
	for (int i = 0; i < 4; i++)
		own[V2_SIZE + i] = (unsigned char)((uint32_t)shift >> 8 * i);
	return set(path, "security.capability", own, sizeof own);
}

int layer_apply_attributes(int parent, const char *file, struct archive_entry *e, uid_t shift)
{
	char path[32 + NAME_MAX];
	const char *name;
	const void *value;
	int r = 0;
	size_t n;

	if (archive_entry_xattr_reset(e) <= 0)
		return 0;
	snprintf(path, sizeof path, "/proc/self/fd/%d/%s", parent, file);
	while (r == 0 && archive_entry_xattr_next(e, &name, &value, &n) == 0) {
		if (!strcmp(name, "security.capability"))
			r = set_capability(path, value, n, shift);
		else if (!strncmp(name, "user.", 5) && strncmp(name, "user.overlay.", 13) != 0)
			r = set(path, name, value, n);
	}
	return r;
}
