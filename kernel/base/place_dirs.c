#include "kernel/base/place_dirs.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/dirs.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define DATA "containers"

static int own_suffix(char ret[static PLACE_SUFFIX_SIZE], struct error *err)
{
	auto_free char *runtime = NULL;
	int r = dirs_path(DIRS_RUNTIME, NULL, false, &runtime, err);

	if (r == 0)
		place_suffix(runtime, ret);
	return r;
}

int place_own_group(char ret[static PLACE_GROUP_SIZE], struct error *err)
{
	auto_free char *runtime = NULL;
	int r = dirs_path(DIRS_RUNTIME, NULL, false, &runtime, err);

	if (r == 0)
		place_group(runtime, ret);
	return r;
}

int place_data(const char *name, bool create, char **ret, struct error *err)
{
	auto_free char *below = NULL;
	char suffix[PLACE_SUFFIX_SIZE];
	int r = own_suffix(suffix, err);

	if (r < 0)
		return r;
	if (asprintf(&below, DATA "%s%s%s", suffix, name ? "/" : "", name ? name : "") < 0)
		return error_set(err, ENOMEM, "find directory", name, NULL);
	return dirs_path(DIRS_DATA, below, create, ret, err);
}

void place_data_removed(const char *data)
{
	auto_free char *all = strdup(data);
	char *slash = all ? strrchr(all, '/') : NULL, *name;

	if (!slash)
		return;
	*slash = '\0';
	name = strrchr(all, '/');
	if (name && place_is_named(name + 1, DATA))
		rmdir(all);
}
