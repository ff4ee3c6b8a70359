#include "kernel/store/layer_name.h"

#include <stddef.h>
#include <string.h>

const char *layer_inner_name(const char *name)
{
	if (!name || name[0] == '/')
		return NULL;
	while (name[0] == '.' && name[1] == '/')
		name += 2 + strspn(name + 2, "/");
	for (const char *p = name; *p;) {
		size_t n = strcspn(p, "/");
		if (n == 2 && p[0] == '.' && p[1] == '.')
			return NULL;
		p += n + strspn(p + n, "/");
	}
	return !strcmp(name, ".") ? "" : name;
}

enum layer_whiteout layer_whiteout_of(const char *name, const char **ret_hidden)
{
	static const char prefix[] = ".wh.", twice[] = ".wh..wh.";

	if (strncmp(name, prefix, strlen(prefix)) != 0)
		return WHITEOUT_NONE;
	*ret_hidden = name + strlen(prefix);
	if (!strcmp(name, ".wh..wh..opq"))
		return WHITEOUT_OPAQUE;
	if (!strncmp(name, twice, strlen(twice)))
		return WHITEOUT_IGNORED;
	if (!**ret_hidden || !strcmp(*ret_hidden, ".") || !strcmp(*ret_hidden, ".."))
		return WHITEOUT_BAD;
	return WHITEOUT_NAME;
}
